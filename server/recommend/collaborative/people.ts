import { InputError } from '../../errors.ts'
import { readRows } from '../../models/table-rows.ts'
import { type Interactions, idOf, itemCounts } from './interactions.ts'
import type { Scorer } from './scorer.ts'

/** What is known of users: cells by column, by user. */
export type People = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Numbers of more different values than this are taken in five groups of as many users. */
const [mostValues, groups] = [10, 5]
/** Users that an attribute's own shares are held back by. */
const smoothing = 20
/** A column that mistakes fewer than this share of the owners of an item, and of so many at least, is that item in other words. */
const [giveaway, fewestOwners] = [0.1, 5]

/** Read what is known of users: every column but the id. @throws {InputError} as readRows; a user without an id or twice. */
export async function readPeople(file: string, column: string): Promise<People> {
  const { rows } = await readRows(file)
  const people = new Map<string, ReadonlyMap<string, string>>()
  for (const row of rows) {
    const id = idOf(file, row, column)
    if (people.has(id)) throw new InputError({ file, line: row.line, column }, `has ${id} a second time`)
    const others = Object.entries(row.row).filter(([name]) => name !== column)
    people.set(id, new Map(others.map(([name, value]) => [name, String(value ?? '').trim()])))
  }
  return grouped(people)
}

/** Put numbers with many values into groups. */
function grouped(people: People): People {
  const columns = [...new Set([...people.values()].flatMap((cells) => [...cells.keys()]))]
  const borders = new Map(
    columns.map((name) => [name, bordersOf([...people.values()].map((cells) => cells.get(name) ?? ''))]),
  )
  const group = (name: string, value: string): string => {
    const own = borders.get(name)!
    return own.length === 0 || value === '' ? value : String(own.filter((border) => Number(value) > border).length)
  }
  return new Map(
    [...people].map(([user, cells]) => [user, new Map([...cells].map(([name, value]) => [name, group(name, value)]))]),
  )
}

function bordersOf(values: readonly string[]): readonly number[] {
  const given = values.filter((value) => value !== '')
  if (new Set(given).size <= mostValues || given.some((value) => !Number.isFinite(Number(value)))) return []
  const sorted = given.map(Number).sort((a, b) => a - b)
  return Array.from({ length: groups - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / groups)]!)
}

/**
 * Columns that tell by themselves who has some item: a count or a premium of it. They would make figures of held-out items
 * worthless, and say nothing of anybody who has nothing yet.
 */
export function giveaways({ users, items, histories }: Interactions, people: People): readonly string[] {
  const columns = [...new Set([...people.values()].flatMap((cells) => [...cells.keys()]))]
  const counts = itemCounts({ users, items, histories, rated: false })
  return columns.filter((name) => {
    const values = users.map((user) => people.get(user)?.get(name) ?? '')
    const having = new Map<string, { readonly owners: Float64Array; users: number }>()
    for (const [user, value] of values.entries()) {
      const own = having.get(value) ?? { owners: new Float64Array(items.length), users: 0 }
      own.users++
      for (const item of histories[user]!.items) own.owners[item]!++
      having.set(value, own)
    }
    return items.some((_, item) => {
      const fewer = Math.min(counts[item]!, users.length - counts[item]!)
      let mistakes = 0
      for (const { owners, users: all } of having.values()) mistakes += Math.min(owners[item]!, all - owners[item]!)
      return fewer >= fewestOwners && mistakes < giveaway * fewer
    })
  })
}

/** What is known of each user, as `column=value`. @param without columns that are left out. */
export function aboutOf(people: People, without: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const hidden = new Set(without)
  return new Map(
    [...people].map(([user, cells]) => [
      user,
      [...cells].flatMap(([name, value]) => (hidden.has(name) || value === '' ? [] : [`${name}=${value}`])),
    ]),
  )
}

/**
 * By what is known of somebody: how much more often those of the same age, job and so on have an item than all do. Attributes count
 * as if they were independent (naive Bayes, Maron 1961), their shares held back towards that of all; the sum is divided by their
 * number, as they are not. Pazzani, A Framework for Collaborative, Content-Based and Demographic Filtering (1999).
 */
export function demographicScorer(interactions: Interactions): Scorer {
  const { items, histories, users } = interactions
  const overall = itemCounts(interactions).map((count) => (count + 1) / (users.length + 1))
  const known = new Map<string, { readonly counts: Float64Array; users: number }>()
  for (const { about = [], items: own } of histories) {
    for (const attribute of about) {
      const one = known.get(attribute) ?? { counts: new Float64Array(items.length), users: 0 }
      one.users++
      for (const item of own) one.counts[item]!++
      known.set(attribute, one)
    }
  }
  return ({ about = [] }) => {
    const scores = overall.map(Math.log)
    for (const attribute of about) {
      const one = known.get(attribute)
      if (!one) continue
      for (let item = 0; item < scores.length; item++) {
        const share = (one.counts[item]! + smoothing * overall[item]!) / (one.users + smoothing)
        scores[item]! += Math.log(share / overall[item]!) / about.length
      }
    }
    return scores
  }
}
