import type { EligibilityRule, Product } from '../../storage/products.ts'
import type { IsoDate, Version } from '../../storage/types.ts'
import { type Attributes, contentScorer } from '../collaborative/attributes.ts'
import { easeScorer, easeWeights, linearScorer } from '../collaborative/ease.ts'
import { fitHybrid, standardised } from '../collaborative/hybrid.ts'
import { type Interactions, interactionsOf } from '../collaborative/interactions.ts'
import { popularityScorer } from '../collaborative/neighbours.ts'
import { eligibilityOf, inForce } from '../eligibility.ts'
import type { Customer } from './customer.ts'

/** What a score is the sum of. */
export const sources = ['popular', 'together', 'alike'] as const
export type Source = (typeof sources)[number]

/** Why a product is not offered; of several the first in this order. */
export type Refusal =
  | { readonly why: 'held' | 'dismissed' | 'region' | 'not_in_force' | 'no_sheet' }
  | { readonly why: 'rule'; readonly rules: readonly EligibilityRule[] }

export interface Candidate {
  readonly product: Product
  /** Sum of the contributions. Unitless: standard deviations over what this customer might be offered, weighed. */
  readonly score: number
  readonly contributions: Readonly<Record<Source, number>>
  /** What customers who have this product have with it: the weight of each held product in `together`, before it is standardised. */
  readonly together: readonly { readonly product: string; readonly weight: number }[]
  /** Rules whose facts are not known: asked, not guessed. */
  readonly open: readonly EligibilityRule[]
  readonly sheet: Version
}

export interface Ranked {
  /** Best first, ties by id. */
  readonly offered: readonly Candidate[]
  /** What would be offered if the answers to open questions allow it, best first. */
  readonly open: readonly Candidate[]
  readonly refused: ReadonlyMap<string, Refusal>
}

export interface PersonalParts {
  readonly products: readonly Product[]
  /** A product's sheets that customers may read. */
  readonly sheets: ReadonlyMap<string, readonly Version[]>
  readonly customers: ReadonlyMap<string, Customer>
}

const seed = 1
/** As for `eval recommender --method ease`. */
const lambda = 300

const attributesOf = (products: readonly Product[]): Attributes =>
  new Map(products.map(({ id, category, tags }) => [id, [`category=${category}`, ...tags.map((tag) => `tag=${tag}`)]]))

/** Scores of all products for what somebody holds, in the order of the catalogue. */
interface Scored {
  readonly contributions: Readonly<Record<Source, number>>
  readonly together: Candidate['together']
}

/**
 * Three standardised scores and their weights (fitHybrid): how many have a product, what is held together with what somebody
 * holds (EASE, a linear model, so each held product's part is known), and likeness by category and tags. The weights are those
 * that find held-out holdings best; where nobody holds anything yet, what is popular alone counts, which then says nothing.
 */
async function fitScores({ products, customers }: PersonalParts) {
  const attributes = attributesOf(products)
  const ids = products.map(({ id }) => id)
  const places = new Map(ids.map((id, i) => [id, i]))
  const rows = [...customers.values()].flatMap(({ id, holds }) =>
    [...holds].filter((item) => places.has(item)).map((item) => ({ user: id, item, rating: Number.NaN, time: 0 })),
  )
  const interactions = inCatalogueOrder(interactionsOf(rows, ids), ids)
  const alike = (given: Interactions) => contentScorer(given, attributes)
  const fits = [popularityScorer, (given: Interactions) => easeScorer(given, lambda), alike]
  const weights = rows.length === 0 ? Float64Array.of(1, 0, 0) : (await fitHybrid(interactions, fits, seed)).weights
  const ease = easeWeights(interactions, lambda)
  const scorers = [popularityScorer(interactions), linearScorer(ease, ids.length), alike(interactions)]

  function scoresFor(holds: ReadonlySet<string>): readonly Scored[] {
    const held = [...holds].flatMap((id) => places.get(id) ?? [])
    const open = Int32Array.from(ids.keys()).filter((item) => !held.includes(item))
    const history = { items: Int32Array.from(held), ratings: new Float32Array(0) }
    const parts = scorers.map((scorer) => standardised(scorer(history), open))
    const partOf = (source: number, item: number): number =>
      (parts[source]?.[open.indexOf(item)] ?? 0) * weights[source]!
    return ids.map((_, item) => ({
      contributions: { popular: partOf(0, item), together: partOf(1, item), alike: partOf(2, item) },
      together: held
        .map((from) => ({ product: ids[from]!, weight: ease[from * ids.length + item]! }))
        .sort((a, b) => b.weight - a.weight || (a.product < b.product ? -1 : 1)),
    }))
  }
  return { scoresFor, weights: Object.fromEntries(sources.map((source, i) => [source, weights[i]!])) }
}

/** Rank products for customers: hard rules first, then the sum of the contributions. */
export async function fitPersonal(parts: PersonalParts) {
  const { products, sheets } = parts
  const { scoresFor, weights } = await fitScores(parts)

  function rank(customer: Customer, day: IsoDate): Ranked {
    const scores = scoresFor(customer.holds)
    const refused = new Map<string, Refusal>()
    const candidates: Candidate[] = []
    for (const [item, product] of products.entries()) {
      const sheet = (sheets.get(product.id) ?? []).find((version) => inForce(version, day))
      const { verdict, failed, open } = eligibilityOf(product, { facts: customer.facts })
      const refusal = refusalOf(product, customer, day, sheet, verdict === false ? failed : [])
      if (refusal || !sheet) {
        refused.set(product.id, refusal ?? { why: 'no_sheet' })
        continue
      }
      const { contributions, together } = scores[item]!
      const score = sources.reduce((sum, source) => sum + contributions[source], 0)
      candidates.push({ product, score, contributions, together, open, sheet })
    }
    candidates.sort((a, b) => b.score - a.score || (a.product.id < b.product.id ? -1 : 1))
    return {
      offered: candidates.filter(({ open }) => open.length === 0),
      open: candidates.filter(({ open }) => open.length > 0),
      refused,
    }
  }

  return { rank, weights }
}
export type Personal = Awaited<ReturnType<typeof fitPersonal>>

function refusalOf(
  product: Product,
  { holds, dismissed, region }: Customer,
  day: IsoDate,
  sheet: Version | undefined,
  failed: readonly EligibilityRule[],
): Refusal | undefined {
  if (holds.has(product.id)) return { why: 'held' }
  if (dismissed.has(product.id)) return { why: 'dismissed' }
  if (region !== undefined && !product.regions.includes(region)) return { why: 'region' }
  if (!inForce(product, day)) return { why: 'not_in_force' }
  if (failed.length > 0) return { why: 'rule', rules: failed }
  return sheet ? undefined : { why: 'no_sheet' }
}

/** Interactions with the items in this order, whoever has which. */
function inCatalogueOrder(interactions: Interactions, ids: readonly string[]): Interactions {
  const places = new Map(ids.map((id, i) => [id, i]))
  return {
    ...interactions,
    items: ids,
    histories: interactions.histories.map((history) => ({
      ...history,
      items: history.items.map((item) => places.get(interactions.items[item]!)!),
    })),
  }
}
