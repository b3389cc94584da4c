import type { Product } from '../storage/products.ts'
import type { Audience, IsoDate, NewVersion } from '../storage/types.ts'
import type { Chunk } from './chunk.ts'
import type { HiddenText } from './document.ts'
import type { FoundFile } from './files.ts'

/** What the command line says of all files. */
export interface Defaults {
  readonly audience?: Audience
  readonly from?: IsoDate
  readonly until?: IsoDate
}

/** A document ready to be embedded; without chunks if the store holds it unchanged. */
export interface ReadDocument {
  readonly version: NewVersion
  /** Where the source holds words that nobody sees. They are not in the text. */
  readonly hidden: readonly HiddenText[]
  readonly chunks?: readonly Chunk[]
}

export type ToReader =
  | {
      readonly type: 'start'
      readonly encoder: string
      readonly known: ReadonlyMap<string, string>
      readonly defaults: Defaults
    }
  | { readonly type: 'read'; readonly file: FoundFile }

export type FromReader =
  | { readonly type: 'documents'; readonly documents: readonly ReadDocument[] }
  | { readonly type: 'products'; readonly products: readonly Product[] }
  | { readonly type: 'rejected'; readonly reason: string }
