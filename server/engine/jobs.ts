import type { SpanChoice } from '../answers/spans.ts'
import type { IntentReading } from '../models/intent.ts'
import type { SentimentReading } from '../models/sentiment.ts'
import type { RankedPassage, Scope, SearchMode, Space } from '../retrieval/types.ts'
import type { ReadWith } from '../storage/receipts.ts'
import type { Entity } from '../text/entities.ts'
import type { LineOfRights } from '../text/rights.ts'

// The messages between the pool (main process) and its engines. Structured clones: plain data and typed arrays only.

/** Read one customer message: tokens → vector → intent, sentiment, passages and spans, in one hop. */
export interface AskJob {
  readonly kind: 'ask'
  /** What is looked up. */
  readonly text: string
  /** The message itself, where it is not what is looked up: intent, mood and language are read from it. */
  readonly said?: string
  readonly scope: Scope
  /** How many choices to return at most, 1 to 100. */
  readonly k: number
}

/** Rank passages only, for `search` and `eval retrieval`. */
export interface SearchJob {
  readonly kind: 'search'
  readonly text: string
  readonly scope: Scope
  readonly k: number
  readonly mode: SearchMode
}

/** Embed passages: one pass of the encoder each gives the passage's vector and one per unit. */
export interface EmbedJob {
  readonly kind: 'embed'
  /** Whose vectors; default the first encoder's. */
  readonly space?: Space
  readonly passages: readonly { readonly heading: string; readonly units: readonly string[] }[]
}

/** What the models of a generation can be asked for by themselves: two heads, and the encoder in two ways. */
export type InferenceModel = 'intent' | 'sentiment' | 'embeddings' | 'similarity'

/** What a model says of texts, as they are given: nothing is corrected, looked up or kept. */
export interface InferJob {
  readonly kind: 'infer'
  readonly model: InferenceModel
  readonly texts: readonly string[]
  /** What each is compared with, for `similarity` only: as many. */
  readonly others?: readonly string[]
}

export type Job = AskJob | SearchJob | EmbedJob | InferJob

/** What the versions in use were fitted to: below `answer` nothing is quoted, below `topic` a message has no topic. */
export interface Thresholds {
  readonly answer: number
  readonly topic: number
  readonly intent: number
}

export interface AskResult {
  readonly kind: 'ask'
  /** What it was read with. */
  readonly readWith: ReadWith
  /** Time that the engine was busy with it. */
  readonly computeMs: number
  readonly lang: string
  /** As it was looked up: spelling corrected, and words that documents may use instead. */
  readonly lookedUp: { readonly text: string; readonly synonyms: string }
  readonly vector: Float32Array
  readonly intent: IntentReading
  readonly sentiment: SentimentReading
  readonly entities: readonly Entity[]
  /** What each line of the customer's own words says of rights: messages that join a turn stand in lines. */
  readonly rights: readonly LineOfRights[]
  readonly thresholds: Thresholds
  /** Best first; empty when nothing reached the minimum score. */
  readonly spans: readonly SpanChoice[]
}

export interface SearchResult {
  readonly kind: 'search'
  readonly passages: readonly RankedPassage[]
}

export interface EmbedResult {
  readonly kind: 'embed'
  readonly tokens: number
  readonly vectors: readonly { readonly vector: Float32Array; readonly units: Float32Array }[]
}

/** An output of a model for a batch, row-major: numbers, or a string a text. */
export type Tensor = Float32Array | readonly string[]

export interface InferResult {
  readonly kind: 'infer'
  /** What of the model has answered: a head's version, or the encoder's, see `encoderVersion`. */
  readonly version: string
  /** Time that the engine was busy with it. */
  readonly computeMs: number
  readonly outputs: Readonly<Record<string, Tensor>>
}

export type Result = AskResult | SearchResult | EmbedResult | InferResult
export type ResultOf<J extends Job> = Extract<Result, { readonly kind: J['kind'] }>
