import { eligibilityOf } from '../../../server/recommend/eligibility.ts'
import type { Product } from '../../../server/storage/products.ts'
import { addDays, daysBetween } from '../../../server/text/calendar.ts'
import type { Person } from './customers.ts'
import type { Draw } from './draw.ts'
import {
  type Affinity,
  affinities,
  homeLoans,
  type Parameters,
  type Segment,
  savingsAccounts,
  segments,
  travelProducts,
} from './parameters.ts'

/** A product that somebody has, and since when. */
export interface Holding {
  readonly product: Product
  readonly since: string
}

/** Days of a year, rounded down so that nobody is too young on the day of opening. */
const year = 365
/** Longest time since a first account was opened, in years. */
const accountYears = 12

/** Whether every rule of the product says yes to this customer; what is not known is not enough. */
export const mayHold = (product: Product, { facts }: Person, holds: readonly string[]): boolean =>
  eligibilityOf(product, { facts: { ...facts, holds } }).verdict === true

/** The products of a customer, the first account first. No rule of the catalogue refuses any of them. */
export function drawHoldings(
  draw: Draw,
  person: Person,
  catalogue: readonly Product[],
  parameters: Parameters,
): Holding[] {
  const byId = new Map(catalogue.map((product) => [product.id, product]))
  const first = byId.get(firstAccount(draw, person, byId))!
  const newcomer = draw.chance(parameters.newcomers)
  const { today, days } = parameters
  const opened = newcomer
    ? draw.day(addDays(today, 5 - days), days - 15)
    : draw.day(
        addDays(today, -longestOf(first, person, accountYears) - days),
        longestOf(first, person, accountYears) - 1,
      )
  const held: Holding[] = [{ product: first, since: opened }]
  for (const [id, affinity] of Object.entries(affinities)) {
    const product = byId.get(id)
    const ids = held.map((holding) => holding.product.id)
    if (!product || ids.includes(id) || !wants(draw, person, id, affinity, ids)) continue
    if (!mayHold(product, person, ids)) continue
    held.push({ product, since: sinceOf(draw, product, person, affinity, held, parameters) })
  }
  return withSavings(held, person, byId, opened)
}

function firstAccount(draw: Draw, person: Person, byId: ReadonlyMap<string, Product>): string {
  const { accounts }: Segment = segments[person.segment]
  const allowed = Object.entries(accounts).filter(([id]) => {
    const product = byId.get(id)
    return product !== undefined && mayHold(product, person, [])
  })
  if (allowed.length === 0) return 'basic-account'
  const leaning = (id: string) => (person.traits.has('travels') && travelProducts.includes(id) ? 3 : 1)
  return draw.weighted(Object.fromEntries(allowed.map(([id, weight]) => [id, weight * leaning(id)])))
}

function wants(draw: Draw, person: Person, id: string, affinity: Affinity, held: readonly string[]): boolean {
  const { base, trait, factor = 1, only, needs } = affinity
  const chance = Math.min(0.95, trait !== undefined && person.traits.has(trait) ? base * factor : base)
  if (!draw.chance(chance)) return false
  if (only === undefined ? person.segment === 'youth' : !only.includes(person.segment)) return false
  if (homeLoans.includes(id) && held.some((other) => homeLoans.includes(other))) return false
  if (needs === 'home') return person.facts.homeowner
  if (needs === 'car') return person.facts.vehicleAgeYears !== undefined
  return needs === 'savings' ? person.facts.savings > 0 : true
}

/**
 * Days for which somebody can have had a product, at least one: not since before the age that its rule asks for, and nothing for
 * students or graduates since before they were that.
 */
function longestOf({ id, eligibility }: Product, { segment, facts }: Person, years: number): number {
  const least = eligibility.find(({ field, op }) => field === 'age' && op === 'gte')?.value
  const grown = facts.age - (typeof least === 'number' ? least : segment === 'youth' ? 11 : 16)
  const studied = id === 'graduate-current' ? (facts.yearsSinceDegree ?? 0) : segment === 'student' ? 3 : years
  return Math.max(1, Math.floor(Math.min(years, grown, studied) * year))
}

/** A card or loan is opened on or after the day of the account that its rule asks for. */
function sinceOf(
  draw: Draw,
  product: Product,
  person: Person,
  { years }: Affinity,
  held: readonly Holding[],
  { today }: Parameters,
): string {
  const first = addDays(today, -longestOf(product, person, years))
  const needed = product.eligibility.filter(({ field }) => field === 'holds').map(({ value }) => String(value))
  const earliest = held.filter(({ product: { id } }) => needed.includes(id)).map(({ since }) => since)
  const from = [first, ...earliest].sort().at(-1)!
  return draw.day(from, daysBetween(from, today) - 1)
}

/** Money that is saved with the bank lies in some account of it. */
function withSavings(
  held: readonly Holding[],
  { facts: { savings }, segment }: Person,
  byId: ReadonlyMap<string, Product>,
  since: string,
): Holding[] {
  if (savings === 0 || held.some(({ product }) => savingsAccounts.includes(product.id))) return [...held]
  const product = byId.get(segment === 'youth' ? 'young-saver' : 'easy-saver')
  return product ? [...held, { product, since }] : [...held]
}
