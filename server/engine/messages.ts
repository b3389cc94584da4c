import type { ProductName } from '../text/product-names.ts'
import type { Job, Result } from './jobs.ts'

/** What an engine serves: one immutable combination of encoder, heads and index. Paths are absolute folders. */
export interface Generation {
  readonly number: number
  readonly encoder: string
  /** One that knows Chinese, beside one that does not. */
  readonly second?: string
  /** Absent while nothing has been ingested: the engine then only embeds. */
  readonly snapshot?: string
  /** Names that messages may mention. */
  readonly products?: readonly ProductName[]
  readonly heads?: {
    readonly intent: string
    readonly sentiment: string
    readonly answerable: string
    /** Share of answers that may be wrong, 0 to 1; what is asked of `answerable` follows from it. */
    readonly toleratedError: number
  }
}

/** What the encoder of a loaded engine is. */
export interface EncoderFacts {
  readonly encoderId: string
  readonly dimension: number
  readonly maxTokens: number
  /** What it gives for known texts, if it is not one that Bursar builds. */
  readonly canaries?: readonly string[]
  /** The second encoder, if there is one. */
  readonly second?: Pick<EncoderFacts, 'encoderId' | 'dimension' | 'canaries'>
}

/** What of a generation an engine could not load. */
export type GenerationPart = 'encoder' | 'snapshot' | 'heads'

export type ToEngine =
  | { readonly type: 'load'; readonly generation: Generation }
  | { readonly type: 'job'; readonly id: number; readonly job: Job }

export type FromEngine =
  | ({ readonly type: 'ready' } & EncoderFacts)
  | { readonly type: 'failed'; readonly part: GenerationPart; readonly message: string }
  | { readonly type: 'done'; readonly id: number; readonly result: Result }
  | { readonly type: 'error'; readonly id: number; readonly message: string }
