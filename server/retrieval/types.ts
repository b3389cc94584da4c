import type { Audience, IsoDate, QuoteUnit } from '../storage/types.ts'

/** One passage as the engines know it: plain data of the snapshot. Text is read from the snapshot's file when needed. */
export interface PassageRecord {
  /** The store's passage id. */
  readonly id: number
  readonly doc: string
  readonly ver: number
  readonly collection: string
  readonly audience: Audience
  readonly from?: IsoDate
  readonly until?: IsoDate
  readonly product?: string
  readonly region?: string
  readonly title: string
  readonly heading: string
  readonly lang: string
  readonly kind: 'paragraph' | 'list' | 'table' | 'qa'
  /** Where `text` starts in the version's canonical text; units are in the same coordinates. */
  readonly start: number
  readonly text: string
  readonly units: readonly QuoteUnit[]
}

/** A passage beside some vectors. */
export interface PassageReading {
  readonly record: PassageRecord
  /** Per vector its dot product with each unit's unit vector: the cosine, if it has length 1. */
  readonly unitProducts: readonly Float32Array[]
}

/** Where to look. Filters apply before scoring: what a role may not read has no score, count or timing. */
export interface Scope {
  readonly role: Audience
  readonly day: IsoDate
  readonly collection?: string
}

export const searchModes = ['hybrid', 'dense', 'keyword'] as const
export type SearchMode = (typeof searchModes)[number]

/** Whose vectors compare a question with a passage: the encoder in use, or a second one that knows Chinese. */
export type Space = 'first' | 'second'

export interface RankedPassage {
  readonly id: number
  /** Higher is better: the fused score (unitless) in mode hybrid, the cosine in mode dense, BM25 with its phrases in mode keyword. */
  readonly score: number
  /** Cosine with the question, −1 to 1; 0 where vectors play no part (mode keyword, Chinese questions). */
  readonly dense: number
  /** Absent where vectors play no part. */
  readonly space?: Space
  /** BM25 with its phrases; 0 without a common term, and in mode dense. */
  readonly keyword: number
}
