import type { UnitOfWork } from '../../storage/group-commit.ts'
import type { HeldRow, Quarantine } from '../../storage/quarantine.ts'
import type { Signature, Signatures } from '../../storage/signatures.ts'
import type { NewVersion, Version } from '../../storage/types.ts'
import type { ReadDocument } from '../reader-messages.ts'
import type { Hold } from './holds.ts'
import { createPublished } from './published.ts'

export interface DoorParts {
  readonly units: UnitOfWork
  readonly signatures: Signatures
  readonly quarantine: Quarantine
  /** A published version that this ingestion will remove, so that it cannot be contradicted. */
  readonly isGone: (version: Pick<Version, 'doc' | 'collection'>) => boolean
  /** Signatures of these versions, made in the reader. */
  readonly sign: (versions: readonly NewVersion[]) => Promise<readonly Signature[]>
}

export interface Inspected {
  readonly clean: readonly ReadDocument[]
  readonly held: readonly HeldRow[]
}

/**
 * Looks at the changed documents of one ingestion, each also against those before it. What a text itself shows was found by the
 * reader; here it is compared with others, by what is stored of them.
 */
export function createDoor({ units, signatures, quarantine, isGone, sign }: DoorParts) {
  const known = createPublished(signatures, isGone)
  let ready: Promise<void> | undefined

  /** Versions that a release, or a program of before, has stored without a signature. */
  async function signTheRest(): Promise<void> {
    for (let rest = await signatures.unsigned(); rest.length > 0; rest = await signatures.unsigned()) {
      const made = await sign(rest)
      const signed = rest.map(({ id }, i) => ({ version: id, signature: made[i] }))
      await units.run((tx) => signatures.sign(tx, signed))
    }
  }

  async function holdsOf({ version, holds, signature }: ReadDocument): Promise<readonly Hold[]> {
    return signature ? [...holds, ...(await known.holdsOf(version, signature))] : holds
  }

  return {
    async inspect(changed: readonly ReadDocument[]): Promise<Inspected> {
      if (changed.length === 0) return { clean: [], held: [] }
      ready ??= signTheRest()
      await ready
      const released = await quarantine.released(changed.map(({ version }) => version.doc))
      const [clean, held]: [ReadDocument[], HeldRow[]] = [[], []]
      for (const document of changed) {
        const { doc, contentHash } = document.version
        const isReleased = released.get(doc)?.has(contentHash) === true
        const holds = isReleased ? [] : await holdsOf(document)
        if (holds.length > 0) held.push(rowOf(document, holds))
        else {
          if (document.signature) known.add(document.version, document.signature)
          clean.push(document)
        }
      }
      return { clean, held }
    },
  }
}
export type Door = ReturnType<typeof createDoor>

function rowOf({ version, chunks }: ReadDocument, holds: readonly Hold[]): HeldRow {
  const { doc, collection, contentHash } = version
  return { doc, collection, contentHash, content: JSON.stringify({ version, chunks }), holds: JSON.stringify(holds) }
}

/** The document as the reader made it, as {@link createDoor} put it aside. */
export function documentOf({ content }: HeldRow): ReadDocument {
  // Written by rowOf, and by nobody else.
  return { ...(JSON.parse(content) as Pick<ReadDocument, 'version' | 'chunks'>), holds: [] }
}
