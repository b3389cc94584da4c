import { CorruptError } from '../errors.ts'
import { audiences, type IsoDate, visibleTo } from '../storage/types.ts'
import type { PassageRecord, Scope } from './types.ts'

/** The rows that one scope may see. The same object as long as it stays cached: others hang their own caches on it. */
export interface Selection {
  /** Per row 1 or 0; absent when every row is selected. */
  readonly mask?: Uint8Array
  /** How many rows are selected. */
  readonly count: number
}

export interface Filters {
  /** The store's passage id per row, ascending. */
  readonly ids: Uint32Array
  /** The row of a passage id, −1 if there is none. */
  rowOf(id: number): number
  /** Rows in force on the scope's day that its role may read. @throws {RangeError} for a bad day or role. */
  select(scope: Scope): Selection
  /** The same rows, of which these are never selected and have no id. @throws {RangeError} for an id that no row has. */
  without(ids: readonly number[]): Filters
}

const maxSelections = 32
const always = 2 ** 31 - 1
const never = -(2 ** 31)
const maxCollections = 2 ** 16

/** Whole days since 1970-01-01. @throws {RangeError} unless `date` is a real day such as 2026-11-22. */
export function dayNumber(date: IsoDate): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  // Date.parse takes 2026-02-30 for a day of March: only what prints the same was meant.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) {
    throw new RangeError(`a day has to be written as 2026-11-22, not "${date}"`)
  }
  return time / 86_400_000
}

/** Columns per row: id, first day, day after the last (4 bytes each), collection (2), audience (1). */
const rowBytes = 15

interface Columns {
  readonly ids: Uint32Array
  readonly from: Int32Array
  readonly until: Int32Array
  readonly collection: Uint16Array
  readonly audience: Uint8Array
}

function columnsOf(buffer: ArrayBufferLike, base: number, rows: number): Columns {
  return {
    ids: new Uint32Array(buffer, base, rows),
    from: new Int32Array(buffer, base + 4 * rows, rows),
    until: new Int32Array(buffer, base + 8 * rows, rows),
    collection: new Uint16Array(buffer, base + 12 * rows, rows),
    audience: new Uint8Array(buffer, base + 14 * rows, rows),
  }
}

/** Collects the columns; `build` gives the file's bytes and the collections' names in the order of their numbers. */
export function createFilterBuilder() {
  const rows: { id: number; from: number; until: number; collection: number; audience: number }[] = []
  const collections = new Map<string, number>()

  return {
    /** Add the next row. @throws {RangeError} for a bad date or audience, or more than 65,536 collections. */
    add({ id, from, until, collection, audience }: PassageRecord): void {
      const rank = audiences.indexOf(audience)
      if (rank < 0) throw new RangeError(`passage ${id} has an unknown audience "${audience}"`)
      const number = collections.get(collection) ?? collections.size
      if (number >= maxCollections) throw new RangeError(`an index holds at most ${maxCollections} collections`)
      rows.push({
        id,
        from: from === undefined ? never : dayNumber(from),
        until: until === undefined ? always : dayNumber(until),
        collection: number,
        audience: rank,
      })
      collections.set(collection, number)
    },
    build(): { bytes: Uint8Array; collections: string[] } {
      const bytes = new Uint8Array(rowBytes * rows.length)
      const columns = columnsOf(bytes.buffer, 0, rows.length)
      rows.forEach((row, i) => {
        columns.ids[i] = row.id
        columns.from[i] = row.from
        columns.until[i] = row.until
        columns.collection[i] = row.collection
        columns.audience[i] = row.audience
      })
      return { bytes, collections: [...collections.keys()] }
    },
  }
}

/** Open the columns of a snapshot. @throws {CorruptError} if they do not fit the number of rows. */
export function openFilters(bytes: Uint8Array, rows: number, collections: readonly string[], name: string): Filters {
  if (bytes.length !== rowBytes * rows) throw new CorruptError(`${name} does not hold ${rows} rows: rebuild the index`)
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const columns = columnsOf(aligned.buffer, aligned.byteOffset, rows)
  if (columns.ids.some((id, row) => row > 0 && id <= columns.ids[row - 1]!)) {
    throw new CorruptError(`${name} has ids out of order: rebuild the index`)
  }
  return filtersOver(columns, collections)
}

/** @param removed rows that are never selected. */
function filtersOver(columns: Columns, collections: readonly string[], removed?: ReadonlySet<number>): Filters {
  const selections = new Map<string, Selection>()

  return {
    ids: columns.ids,
    rowOf(id) {
      const row = find(columns.ids, id)
      return removed?.has(row) ? -1 : row
    },
    select(scope) {
      const key = JSON.stringify([scope.role, scope.day, scope.collection])
      const known = selections.get(key)
      if (known) return known
      const selection = selectRows(columns, collections, scope, removed)
      // The oldest goes: scopes repeat for a day, and a new day makes all of them new.
      for (const oldest of selections.keys()) {
        if (selections.size < maxSelections) break
        selections.delete(oldest)
      }
      selections.set(key, selection)
      return selection
    },
    without(ids) {
      const rows = ids.map((id) => find(columns.ids, id))
      const missing = rows.indexOf(-1)
      if (missing >= 0) throw new RangeError(`passage ${ids[missing]} is not in this index`)
      return filtersOver(columns, collections, new Set(rows))
    },
  }
}

/** Binary search in ascending ids; −1 if it is not there. */
function find(ids: Uint32Array, id: number): number {
  let low = 0
  let high = ids.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = ids[middle]!
    if (found === id) return middle
    if (found < id) low = middle + 1
    else high = middle - 1
  }
  return -1
}

function selectRows(
  columns: Columns,
  collections: readonly string[],
  { role, day, collection }: Scope,
  removed: ReadonlySet<number> | undefined,
): Selection {
  if (!audiences.includes(role)) throw new RangeError(`unknown role "${role}"`)
  const today = dayNumber(day)
  const visible = audiences.map((audience) => visibleTo(role).includes(audience))
  const wanted = collection === undefined ? undefined : collections.indexOf(collection)
  const rows = columns.ids.length
  const mask = new Uint8Array(rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    const selected =
      visible[columns.audience[row]!] === true &&
      columns.from[row]! <= today &&
      today < columns.until[row]! &&
      (wanted === undefined || columns.collection[row] === wanted)
    mask[row] = selected ? 1 : 0
    if (selected) count++
  }
  for (const row of removed ?? []) {
    count -= mask[row]!
    mask[row] = 0
  }
  return count === rows ? { count } : { mask, count }
}
