import type { Encoder } from '../embedding/encoder.ts'
import { ModelError } from '../errors.ts'
import { checksumOf } from '../retrieval/manifest.ts'
import { overlay } from '../retrieval/overlay.ts'
import { createRetriever } from '../retrieval/retriever.ts'
import { openSnapshot, type Snapshot, type View } from '../retrieval/snapshot.ts'
import type { ReadWith } from '../storage/receipts.ts'
import { createLibrary, type Library } from './look-up.ts'
import type { DeltaPlace } from './messages.ts'

/** The index of one engine: a snapshot, and the newest delta over it. */
export interface Shelf {
  /** What questions are looked up in now. */
  readonly library: Library
  /** What `library` holds, by number and checksum. */
  readonly index: Pick<ReadWith, 'generation' | 'index' | 'delta'>
  /** Number of the delta in use; 0 without one. */
  readonly delta: number
  /**
   * Take up a newer delta in place of the one in use. On failure that one stays in use.
   * @throws {CorruptError} as `openSnapshot` and `overlay`; {ModelError} if it is not newer.
   */
  renew(next: DeltaPlace): void
}

interface Layer {
  readonly number: number
  readonly changes: Snapshot | undefined
  readonly library: Library
}

/**
 * @param snapshot folder. @param second an encoder beside the first, if the index has one of it that is to be used.
 * @throws as {@link Shelf.renew}
 */
export function openShelf(encoder: Encoder, snapshot: string, first?: DeltaPlace, second?: Encoder): Shelf {
  const open = (dir: string): Snapshot => openSnapshot(dir, { encoderId: encoder.id, secondId: second?.id })
  const libraryOf = (view: View): Library => createLibrary(encoder, createRetriever(view, encoder), second)
  const base = open(snapshot)
  const below = { generation: base.manifest.generation, index: checksumOf(base.manifest) }

  function layer({ number, dir }: DeltaPlace): Layer {
    const changes = open(dir)
    try {
      return { number, changes, library: libraryOf(overlay(base, changes)) }
    } catch (reason) {
      changes.close()
      throw reason
    }
  }
  let top = first ? layer(first) : { number: 0, changes: undefined, library: libraryOf(base) }

  return {
    get library() {
      return top.library
    },
    get index() {
      const { number, changes } = top
      return { ...below, ...(changes && { delta: { number, index: checksumOf(changes.manifest) } }) }
    },
    get delta() {
      return top.number
    },
    renew(next) {
      if (next.number <= top.number) throw new ModelError(`delta ${next.number} cannot follow delta ${top.number}`)
      const newer = layer(next)
      top.changes?.close()
      top = newer
    },
  }
}
