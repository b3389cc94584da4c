import type { Kysely } from 'kysely'
import type { DurableContent, DurableEvent, DurableType, EphemeralEvent, StoredMessage } from '../protocol/events.ts'
import { type Audience, audiences, type BlockKind } from './kinds.ts'
import type { Schema } from './schema.ts'

/** Day in ISO 8601, `2026-11-22`. */
export type IsoDate = string
export { type Audience, audiences, type BlockKind }
/** Roles see their own audience and everything more public. */
export const visibleTo = (role: Audience): readonly Audience[] => (role === 'agent' ? audiences : ['customer'])

/** Handle of one unit of work: a savepoint inside the group commit. Never kept after the unit's function has returned. */
export type Tx = Kysely<Schema>

/**
 * The smallest thing that may be quoted: a sentence, a list item, a table row, an answer. Half-open span in UTF-16 units of
 * the version's canonical text; a table row also carries its header row's span, which is quoted with it. `page` is the page
 * of a paginated source on which it begins, from 1.
 */
export interface QuoteUnit {
  readonly start: number
  readonly end: number
  readonly header?: readonly [number, number]
  readonly page?: number
}

/** A chunk of a document version: what is embedded, indexed and ranked. `vector` is the encoder's for heading + text. */
export interface NewPassage {
  readonly position: number
  readonly kind: BlockKind
  /** Title and heading path, context for search; never quoted. */
  readonly heading: string
  readonly start: number
  readonly end: number
  readonly units: readonly QuoteUnit[]
  readonly lang: string
  /** SHA-256 of heading and text: the same content is not embedded twice. */
  readonly hash: string
  readonly vector: Float32Array
  /** One vector per unit (units × dimension), pooled from the same pass of the encoder. */
  readonly unitVectors: Float32Array
}

export interface NewVersion {
  readonly doc: string
  readonly collection: string
  readonly title: string
  readonly text: string
  readonly audience: Audience
  readonly from?: IsoDate
  readonly until?: IsoDate
  readonly product?: string
  readonly region?: string
  readonly url?: string
  /** SHA-256 over text and metadata: equal means unchanged. */
  readonly contentHash: string
}

export interface Version extends NewVersion {
  readonly id: number
  readonly ver: number
  readonly at: string
  /** Who brought it, as the audit log names them, for as long as it is not published. */
  readonly draftBy?: string
}

/** A version without its text, for lists. */
export type VersionSummary = Omit<Version, 'text'>

/** A passage as it is read to be shown or checked, without what only searching needs. */
export interface StoredPassage extends Omit<NewPassage, 'vector' | 'unitVectors'> {
  readonly id: number
  readonly version: Version
}

/** A passage as an index is built from it. */
export interface EmbeddedPassage extends StoredPassage, Pick<NewPassage, 'vector' | 'unitVectors'> {}

export interface NewEvent<T extends DurableType = DurableType> {
  readonly t: T
  readonly d: DurableContent<T>
}

export interface Conversation {
  readonly id: string
  readonly epoch: string
  readonly head: number
  readonly owner: 'bot' | 'queue' | 'agent' | 'closed'
  readonly state: 'open' | 'closed'
  readonly createdAt: string
  /** Who has it, where a person does. */
  readonly agent?: string
}

/** What a command did the first time; a resend gets the same. */
export interface CommandReceipt {
  readonly mid?: string
  readonly seq?: number
  readonly dup: boolean
}

/** A customer message that waits for the bot. */
export interface PendingMessage {
  readonly conv: string
  readonly mid: string
  readonly seq: number
  readonly at: string
  readonly text: string
}

export type { DurableEvent, EphemeralEvent, StoredMessage }
