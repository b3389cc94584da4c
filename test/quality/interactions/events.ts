import type { Product } from '../../../server/storage/products.ts'
import { addDays, daysBetween } from '../../../server/text/calendar.ts'
import type { Person } from './customers.ts'
import type { Draw } from './draw.ts'
import { type Holding, mayHold } from './holdings.ts'
import { type Affinity, affinities, type Parameters } from './parameters.ts'

/** What a customer did with a product: looked at it, opened its page, applied, waved it away; `hold` is the day of opening. */
export const eventKinds = ['view', 'click', 'apply', 'dismiss', 'hold'] as const
export type EventKind = (typeof eventKinds)[number]

/** One line of events.jsonl. */
export interface ProductEvent {
  readonly customer: string
  readonly product: string
  readonly kind: EventKind
  /** ISO 8601, UTC. */
  readonly at: string
}

/** Longest time from the first look to the opening, in days. */
const decision = 21
/** Days before today in which an application may still be open. */
const pending = 6

/**
 * The way to every product held (openings before `recordedFrom` stand alone) and looks at products that were not taken. Nobody
 * applies for what a rule refuses. In the order of time.
 */
export function drawEvents(
  draw: Draw,
  person: Person,
  holdings: readonly Holding[],
  catalogue: readonly Product[],
  parameters: Parameters,
): ProductEvent[] {
  const held = holdings.map(({ product }) => product.id)
  const others = catalogue.filter(({ id }) => !held.includes(id))
  const events = [
    ...holdings.flatMap((holding) => wayTo(draw, person, holding, parameters)),
    ...others.flatMap((product) => looksAt(draw, person, product, held, parameters)),
  ]
  return events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

/** Looked at, opened, applied for, opened as an account: each on a later day than the one before or at a later time. */
function wayTo(
  draw: Draw,
  { id: customer }: Person,
  { product: { id: product }, since }: Holding,
  { recordedFrom }: Parameters,
) {
  const hold: ProductEvent = { customer, product, kind: 'hold', at: `${since}T23:00:00Z` }
  const applied = addDays(since, -draw.whole([0, 3]))
  const seen = addDays(applied, -draw.whole([1, decision]))
  if (seen < recordedFrom) return [hold]
  const clicked = draw.day(seen, daysBetween(seen, applied) - 1)
  const way: ProductEvent[] = [
    { customer, product, kind: 'view', at: `${seen}T${draw.time()}Z` },
    { customer, product, kind: 'apply', at: `${applied}T22:${draw.whole([10, 59])}:00Z` },
    hold,
  ]
  if (!draw.chance(0.85)) return way
  const click: ProductEvent = { customer, product, kind: 'click', at: `${clicked}T23:${draw.whole([10, 59])}:30Z` }
  return [way[0]!, click, ...way.slice(1)]
}

/** Looks at a product that the customer does not have, more often where it would suit them. */
function looksAt(
  draw: Draw,
  person: Person,
  { id: product, ...rest }: Product,
  held: readonly string[],
  parameters: Parameters,
) {
  const { id: customer } = person
  const interest = Math.min(0.6, 0.03 + 1.2 * inclination(person, affinities[product]))
  if (!draw.chance(interest)) return []
  const span = daysBetween(parameters.recordedFrom, parameters.today)
  const days = Array.from({ length: draw.whole([1, 3]) }, () =>
    draw.day(parameters.recordedFrom, span - pending - 1),
  ).sort()
  const at = (day: string) => `${day}T${draw.time()}Z`
  const events: ProductEvent[] = days.map((day) => ({ customer, product, kind: 'view', at: at(day) }))
  const last = days.at(-1)!
  if (draw.chance(0.3)) return [...events, { customer, product, kind: 'dismiss' as const, at: at(addDays(last, 1)) }]
  if (!draw.chance(0.45)) return events
  const opened = addDays(last, 1)
  events.push({ customer, product, kind: 'click', at: at(opened) })
  if (!mayHold({ id: product, ...rest }, person, held) || !draw.chance(0.05)) return events
  return [
    ...events,
    { customer, product, kind: 'apply' as const, at: at(addDays(parameters.today, -draw.whole([0, pending - 2]))) },
  ]
}

/** How likely this customer's traits make the product, as far as it is known. */
function inclination({ traits, segment }: Person, affinity: Affinity | undefined): number {
  if (affinity === undefined) return 0
  const { base, trait, factor = 1, only } = affinity
  if (only !== undefined && !only.includes(segment)) return 0
  return Math.min(0.3, trait !== undefined && traits.has(trait) ? base * factor : base)
}
