import { InputError } from '../../errors.ts'
import { readRows } from '../../models/table-rows.ts'
import { terms } from '../../text/terms.ts'
import { type Interactions, idOf } from './interactions.ts'
import type { Scorer } from './scorer.ts'

/** What is known of items: attributes by item. */
export type Attributes = ReadonlyMap<string, readonly string[]>

/**
 * Read the attributes of items: every column but the id; lists are divided by |, words by themselves.
 * @throws {InputError} naming file, line and column: what readRows refuses, an item without an id or twice.
 */
export async function readAttributes(file: string, column = 'item_id'): Promise<Attributes> {
  const { rows } = await readRows(file)
  const attributes = new Map<string, readonly string[]>()
  for (const row of rows) {
    const id = idOf(file, row, column)
    if (attributes.has(id)) throw new InputError({ file, line: row.line, column }, `has ${id} a second time`)
    const others = Object.entries(row.row).filter(([name]) => name !== column)
    attributes.set(id, [...new Set(others.flatMap(([name, value]) => valuesOf(name, value)))])
  }
  return attributes
}

function valuesOf(name: string, value: unknown): string[] {
  const text = String(value ?? '')
  if (text.includes('|')) return text.split('|').map((part) => `${name}=${part.trim().toLowerCase()}`)
  return [`${name}=${text.trim().toLowerCase()}`, ...terms(text).map((term) => `${name}~${term}`)]
}

/**
 * By what is known of the items: cosine of an item's attributes with those of what somebody has, rare ones counting more.
 * Source: Lops et al., Content-based Recommender Systems (2011), section 3.3.1 (TF-IDF profiles, Rocchio without negatives).
 */
export function contentScorer({ items }: Interactions, attributes: Attributes): Scorer {
  const vectors = weighed(items.map((item) => attributes.get(item) ?? []))
  return ({ items: own }) => {
    const profile = new Map<string, number>()
    for (const item of own)
      for (const [name, weight] of vectors[item]!) profile.set(name, (profile.get(name) ?? 0) + weight)
    const length = Math.sqrt([...profile.values()].reduce((sum, weight) => sum + weight ** 2, 0)) || 1
    return Float64Array.from(vectors, (vector) => {
      let sum = 0
      for (const [name, weight] of vector) sum += weight * (profile.get(name) ?? 0)
      return sum / length
    })
  }
}

/** TF-IDF of unit length; an attribute of one item alone says nothing of others. */
function weighed(lists: readonly (readonly string[])[]): readonly ReadonlyMap<string, number>[] {
  const counts = new Map<string, number>()
  for (const list of lists) for (const name of list) counts.set(name, (counts.get(name) ?? 0) + 1)
  return lists.map((list) => {
    const shared = list.filter((name) => counts.get(name)! > 1)
    const weights = shared.map((name) => Math.log(lists.length / counts.get(name)!))
    const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0)) || 1
    return new Map(shared.map((name, i) => [name, weights[i]! / length]))
  })
}
