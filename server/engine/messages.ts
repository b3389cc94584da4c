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
  /** The changes since the snapshot was written; absent while there are none. */
  readonly delta?: DeltaPlace
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

/**
 * Where a delta lies. It holds all changes since its snapshot, so the newest stands for those before it, and an engine that
 * missed some lacks nothing. Numbers ascend within a generation.
 */
export interface DeltaPlace {
  readonly number: number
  readonly dir: string
}

/** What of a generation can change without new engines. */
export type Renewal = Required<Pick<Generation, 'delta' | 'products'>>

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
  | ({ readonly type: 'renew'; readonly id: number } & Renewal)
  /** `delta` is the least that may answer: nobody answers from a staler index than the asker knew of. */
  | { readonly type: 'job'; readonly id: number; readonly job: Job; readonly delta: number }

export type FromEngine =
  | ({ readonly type: 'ready' } & EncoderFacts)
  | { readonly type: 'failed'; readonly part: GenerationPart; readonly message: string }
  | { readonly type: 'done'; readonly id: number; readonly result: Result }
  | { readonly type: 'renewed'; readonly id: number }
  /** `isDamaged`: a file of the index no longer holds what it held when it was opened. */
  | { readonly type: 'error'; readonly id: number; readonly message: string; readonly isDamaged: boolean }
