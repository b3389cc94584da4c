import { amountsIn, percentagesIn } from './amounts.ts'
import { datesIn } from './dates.ts'
import type { NameFinder } from './product-names.ts'
import { createCover, type Reading } from './readings.ts'
import { simplified } from './simplified.ts'

/** Something that a message names; half-open span in UTF-16 units of the message. */
export interface Entity {
  readonly type: 'amount' | 'percentage' | 'date' | 'product'
  readonly start: number
  readonly end: number
  /** Normalised: `12.00 GBP`, `2.75`, `2026-03-01` (or `2026-03`, `2026-W09`, `2026`), a product id. */
  readonly value: string
}

export interface EntityOptions {
  /** The day on which the message was written, ISO 8601: what "tomorrow" counts from. */
  readonly day: string
  /** Names of the catalogue; without it no products are found. */
  readonly products?: NameFinder
}

/** Amounts, percentages, dates and products by rules; in order, never overlapping: of two the longer stays. */
export function entitiesIn(text: string, { day, products = () => [] }: EntityOptions): Entity[] {
  const typed = (type: Entity['type'], readings: readonly Reading[]) =>
    readings.map((reading) => ({ type, ...reading }))
  const rules = simplified(text) // every character in its place
  const all: Entity[] = [
    ...typed('product', products(text)),
    ...typed('date', datesIn(rules, day)),
    ...typed('percentage', percentagesIn(rules)),
    ...typed('amount', amountsIn(rules)),
  ]
  all.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)
  const taken = createCover(text.length)
  const kept: Entity[] = []
  for (const entity of all) {
    if (taken.overlaps(entity.start, entity.end)) continue
    taken.add(entity.start, entity.end)
    kept.push(entity)
  }
  return kept.sort((a, b) => a.start - b.start)
}
