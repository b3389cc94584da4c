import { InputError } from '../../errors.ts'
import { type NumberedRow, readRows } from '../../models/table-rows.ts'

/** What one user did: places of items, each once, and their ratings, NaN where there is none. */
export interface History {
  readonly items: Int32Array
  readonly ratings: Float32Array
  /** What is known of the user, such as `occupation=nurse`. */
  readonly about?: readonly string[]
}

/** Who did what. */
export interface Interactions {
  readonly users: readonly string[]
  readonly items: readonly string[]
  /** One a user, in the order of `users`. */
  readonly histories: readonly History[]
  /** Whether every interaction has a rating. */
  readonly rated: boolean
}

/** An interaction as a file has it. */
export interface Interaction {
  readonly user: string
  readonly item: string
  /** NaN where there is none. */
  readonly rating: number
  /** Seconds since 1970; NaN where it is not known. */
  readonly time: number
}

export interface InteractionColumns {
  /** Default `user_id`. */
  readonly user?: string
  /** Default `item_id`. */
  readonly item?: string
}

/** Not hexadecimal, nor a word such as Infinity. */
const isDecimal = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/

/** A clock that is a day wrong is not a file from the future. */
const dayInSeconds = 86_400

/**
 * Read interactions: a user, an item, and if there are such columns a `rating` (a number) and a `timestamp` (seconds since 1970,
 * or ISO 8601).
 * @throws {InputError} naming file, line and column: what readRows refuses, an empty id, a rating that is no number, a time
 * that is none or lies in the future.
 */
export async function readInteractions(
  file: string,
  { user = 'user_id', item = 'item_id' }: InteractionColumns = {},
  now: () => number = Date.now,
): Promise<readonly Interaction[]> {
  const { rows } = await readRows(file)
  const latest = now() / 1_000 + dayInSeconds
  return rows.map((row) => ({
    user: idOf(file, row, user),
    item: idOf(file, row, item),
    rating: numberOf(file, row, 'rating'),
    time: timeOf(file, row, latest),
  }))
}

/** The text of a cell that names something. @throws {InputError} */
export function idOf(file: string, { row, line }: NumberedRow, column: string): string {
  const value = Object.hasOwn(row, column) ? row[column] : undefined
  if (value === undefined) throw new InputError({ file, line, column }, 'is missing')
  if (typeof value !== 'string' && typeof value !== 'number') throw new InputError({ file, line, column }, 'is no id')
  const id = String(value).trim()
  if (id === '') throw new InputError({ file, line, column }, 'is empty')
  return id
}

function numberOf(file: string, { row, line }: NumberedRow, column: string): number {
  const value = Object.hasOwn(row, column) ? row[column] : undefined
  if (value === undefined || value === null || value === '') return Number.NaN
  const number = typeof value === 'string' && isDecimal.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new InputError({ file, line, column }, 'is not a number')
}

function timeOf(file: string, row: NumberedRow, latest: number): number {
  const [column, value] = ['timestamp', row.row.timestamp]
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)
  const time = isDate ? Date.parse(value) / 1_000 : numberOf(file, row, column)
  if (isDate && Number.isNaN(time)) throw new InputError({ file, line: row.line, column }, 'is not a time')
  if (time < 0) throw new InputError({ file, line: row.line, column }, 'is before 1970')
  if (time > latest) throw new InputError({ file, line: row.line, column }, 'lies in the future')
  return time
}

/**
 * Number users and items in the order of their first mention. Of several interactions with an item, the last counts.
 * @param further items that may be offered though nobody has them yet. @param people what is known of users.
 */
export function interactionsOf(
  rows: readonly Interaction[],
  further: Iterable<string> = [],
  people: ReadonlyMap<string, readonly string[]> = new Map(),
): Interactions {
  const byUser = new Map<string, Map<string, number>>()
  const items = new Map<string, number>()
  for (const { user, item, rating } of inTime(rows)) {
    if (!items.has(item)) items.set(item, items.size)
    const own = byUser.get(user)
    if (own) own.set(item, rating)
    else byUser.set(user, new Map([[item, rating]]))
  }
  for (const item of further) if (!items.has(item)) items.set(item, items.size)
  const histories = [...byUser].map(([user, own]) => ({
    items: Int32Array.from(own.keys(), (item) => items.get(item)!),
    ratings: Float32Array.from(own.values()),
    ...(people.has(user) && { about: people.get(user)! }),
  }))
  const rated = rows.every(({ rating }) => !Number.isNaN(rating))
  return { users: [...byUser.keys()], items: [...items.keys()], histories, rated }
}

/** Oldest first, where times are known; else as they stand. */
function inTime(rows: readonly Interaction[]): readonly Interaction[] {
  if (rows.some(({ time }) => Number.isNaN(time))) return rows
  return rows.toSorted((a, b) => a.time - b.time)
}

/** How many users have each item. */
export function itemCounts({ items, histories }: Interactions): Float64Array {
  const counts = new Float64Array(items.length)
  for (const history of histories) for (const item of history.items) counts[item]!++
  return counts
}

/** The users that have each item. */
export function usersByItem({ items, histories }: Interactions): readonly Int32Array[] {
  const users: number[][] = items.map(() => [])
  for (const [user, history] of histories.entries()) for (const item of history.items) users[item]!.push(user)
  return users.map((list) => Int32Array.from(list))
}
