import { setImmediate } from 'node:timers/promises'
import type { AllowedContacts } from '../../config.ts'
import type { Documents } from '../../storage/documents.ts'
import type { HeldRow, Quarantine } from '../../storage/quarantine.ts'
import type { Version } from '../../storage/types.ts'
import type { ReadDocument } from '../reader-messages.ts'
import { type Hold, holdsIn, unseenIn } from './holds.ts'
import { createPublished, type Published } from './published.ts'

export interface DoorParts {
  readonly documents: Documents
  readonly quarantine: Quarantine
  readonly allowedContacts: AllowedContacts | undefined
  /** A published version that this ingestion will remove, so that it cannot be contradicted. */
  readonly isGone: (version: Version) => boolean
}

export interface Inspected {
  readonly clean: readonly ReadDocument[]
  readonly held: readonly HeldRow[]
}

/** Documents compared before the chats on this thread have their turn again. */
const documentsPerTurn = 8

/** Looks at the changed documents of one ingestion, each also against those before it. */
export function createDoor({ documents, quarantine, allowedContacts, isGone }: DoorParts) {
  let published: Promise<Published> | undefined

  /**
   * What is published already: 0.8 s of CPU at 20,000 documents (measured). It is read when the first change comes, as most
   * ingestions find none.
   */
  async function readPublished(): Promise<Published> {
    const known = createPublished()
    let read = 0
    for await (const version of documents.live()) {
      if (!isGone(version)) known.add(version)
      if (++read % documentsPerTurn === 0) await setImmediate()
    }
    return known
  }

  return {
    async inspect(changed: readonly ReadDocument[]): Promise<Inspected> {
      if (changed.length === 0) return { clean: [], held: [] }
      published ??= readPublished()
      const known = await published
      const released = await quarantine.released(changed.map(({ version }) => version.doc))
      const [clean, held]: [ReadDocument[], HeldRow[]] = [[], []]
      for (const [i, document] of changed.entries()) {
        if (i % documentsPerTurn === 0) await setImmediate()
        const { doc, contentHash } = document.version
        const isReleased = released.get(doc)?.has(contentHash) === true
        const holds = isReleased
          ? []
          : [
              ...unseenIn(document.hidden),
              ...holdsIn(document.version, allowedContacts),
              ...known.holdsOf(document.version),
            ]
        if (holds.length > 0) held.push(rowOf(document, holds))
        else {
          known.add(document.version)
          clean.push(document)
        }
      }
      return { clean, held }
    },
  }
}
export type Door = ReturnType<typeof createDoor>

function rowOf(document: ReadDocument, holds: readonly Hold[]): HeldRow {
  const { doc, collection, contentHash } = document.version
  return { doc, collection, contentHash, content: JSON.stringify(document), holds: JSON.stringify(holds) }
}

/** The document as the reader made it, as {@link createDoor} put it aside. */
export function documentOf({ content }: HeldRow): ReadDocument {
  return JSON.parse(content) as ReadDocument // written by rowOf, and by nobody else
}
