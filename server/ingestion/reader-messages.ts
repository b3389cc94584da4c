import type { AllowedContacts } from '../config.ts'
import type { Product } from '../storage/products.ts'
import type { Signature } from '../storage/signatures.ts'
import type { Audience, IsoDate, NewVersion } from '../storage/types.ts'
import type { Chunk } from './chunk.ts'
import type { FoundFile } from './files.ts'
import type { Hold } from './quarantine/holds.ts'

/** What the command line says of all files. */
export interface Defaults {
  readonly audience?: Audience
  readonly from?: IsoDate
  readonly until?: IsoDate
}

/** A document ready to be embedded; without chunks if the store holds it unchanged. */
export interface ReadDocument {
  readonly version: NewVersion
  /** What it shows itself that nobody should be told before a person has looked at it. */
  readonly holds: readonly Hold[]
  /** What it is compared with others by; absent where nothing is checked. */
  readonly signature?: Signature
  readonly chunks?: readonly Chunk[]
}

export type ToReader =
  | {
      readonly type: 'start'
      readonly encoder: string
      readonly known: ReadonlyMap<string, string>
      readonly defaults: Defaults
      /** What changed documents are looked at for; absent if nothing is checked. */
      readonly checks?: { readonly allowedContacts: AllowedContacts | undefined }
    }
  | { readonly type: 'read'; readonly file: FoundFile }
  | { readonly type: 'sign'; readonly versions: readonly NewVersion[] }

/** What came of a file. */
export type FileRead =
  | { readonly type: 'documents'; readonly documents: readonly ReadDocument[] }
  | { readonly type: 'products'; readonly products: readonly Product[] }
  | { readonly type: 'rejected'; readonly reason: string }
export type FromReader = FileRead | { readonly type: 'signed'; readonly signatures: readonly Signature[] }
