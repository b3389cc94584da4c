import { mean } from '../math/statistics.ts'

const depth = 10

/** Σ 1 / log2(place + 2) over places, counted from 0, within the first ten. */
export const discountedGain = (places: readonly number[]): number =>
  places.reduce((sum, place) => sum + (place < depth ? 1 / Math.log2(place + 2) : 0), 0)

/** The most that so many relevant items can gain. */
export const idealGain = (relevant: number): number =>
  discountedGain(Array.from({ length: Math.min(depth, relevant) }, (_, place) => place))

/** What one user was offered and what they had in the end. */
export interface Offer {
  /** Places, counted from 0, of the relevant items that were ranked; those that no model can know are not among them. */
  readonly places: readonly number[]
  /** How many were relevant, at least one. */
  readonly relevant: number
  /** The first ten. */
  readonly top: readonly number[]
  /** Of the first ten: mean of −log2 of the share of users who have an item, and 1 − mean cosine of two of them. */
  readonly novelty: number
  readonly diversity: number
}

/**
 * Figures of rankings of all items, none sampled (Krichene & Rendle 2020 on why): nDCG, recall, precision, average precision
 * and reciprocal rank within the first ten, hits within one and three; coverage is the share of the catalogue that is offered to
 * anybody, novelty in bits.
 * @param catalogue how many items there are.
 */
export function rankingFigures(offers: readonly Offer[], catalogue: number) {
  const over = (figure: (offer: Offer) => number): number => mean(offers.map(figure))
  const hits = ({ places }: Offer, within = depth): number => places.filter((place) => place < within).length
  return {
    'ndcg@10': over(({ places, relevant }) => discountedGain(places) / idealGain(relevant)),
    'recall@10': over((offer) => hits(offer) / offer.relevant),
    'precision@10': over((offer) => hits(offer) / depth),
    'map@10': over(averagePrecision),
    'mrr@10': over((offer) => (hits(offer) > 0 ? 1 / (1 + Math.min(...offer.places)) : 0)),
    'hit@1': over((offer) => Math.min(1, hits(offer, 1))),
    'hit@3': over((offer) => Math.min(1, hits(offer, 3))),
    coverage: new Set(offers.flatMap(({ top }) => top)).size / catalogue,
    novelty: over(({ novelty }) => novelty),
    diversity: over(({ diversity }) => diversity),
  }
}

/** Mean of the precision at each relevant item within the first ten, over as many as could be there. */
function averagePrecision({ places, relevant }: Offer): number {
  const found = places.filter((place) => place < depth).sort((a, b) => a - b)
  const sum = found.reduce((total, place, i) => total + (i + 1) / (place + 1), 0)
  return sum / Math.min(depth, relevant)
}

/** Errors of guessed ratings. */
export function ratingFigures(errors: readonly number[]) {
  return { rmse: Math.sqrt(mean(errors.map((error) => error ** 2))), mae: mean(errors.map(Math.abs)) }
}
