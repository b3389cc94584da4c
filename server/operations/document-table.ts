import { z } from 'zod'
import type { OnProgress } from '../engine/tasks.ts'
import { NotFoundError } from '../errors.ts'
import type { Version } from '../storage/types.ts'
import { diffLines } from '../text/line-diff.ts'
import { by, reason } from './access-table.ts'
import { confirmRemoval, noDocument, publishCatalogue, publishDraft, removeDocument } from './document-changes.ts'
import type { House } from './house.ts'

const doc = z.string()
const ver = z.int().min(1)

/** What commands may ask about the versions of a document. */
export const documentRequests = {
  'documents.history': z.object({ doc }),
  'documents.diff': z.object({ doc, from: ver.optional(), to: ver.optional() }),
  'documents.drafts': z.object({ collection: z.string().optional() }),
  'documents.publish': z.object({ doc, ver, reason }),
  'documents.confirm': z.object({ doc, reason }),
  'products.publish': z.object({ reason }),
  'documents.remove': z.object({ doc, reason }),
} as const
type Request<N extends keyof typeof documentRequests> = z.infer<(typeof documentRequests)[N]>

/** Rows of the log that a history shows at most; a document has a few. */
const historyRows = 1_000
/** What a version says besides its text. */
const facts = ['title', 'audience', 'from', 'until', 'product', 'region', 'url'] as const

/** History, differences, publication and removal, for the table of operations. */
export function createVersionOperations({ units, store, config, index }: House) {
  const { documents, audit } = store
  const parts = { units, ...store, fourEyes: config.fourEyes }

  async function version(name: string, number: number): Promise<Version> {
    const found = await documents.version(name, number)
    if (!found) throw new NotFoundError(`there is no document ${name}@${number}`)
    return found
  }

  return {
    /** All versions, oldest first, and what the audit log says of the document, newest first. */
    async 'documents.history'({ doc: name }: Request<'documents.history'>) {
      const versions = await documents.history(name)
      if (versions.length === 0) throw noDocument(name)
      const current = (await documents.current(name))?.ver ?? null
      return { doc: name, current, versions, audit: await audit.list({ subject: name }, historyRows) }
    },

    /** From the version before the last, to the last, unless they are named. */
    async 'documents.diff'({ doc: name, from, to }: Request<'documents.diff'>) {
      const last = (await documents.history(name)).at(-1)?.ver
      if (last === undefined) throw noDocument(name)
      const newer = await version(name, to ?? last)
      const older = await version(name, from ?? Math.max(1, newer.ver - 1))
      const changed = facts.filter((fact) => older[fact] !== newer[fact])
      return {
        ...{ doc: name, from: older.ver, to: newer.ver },
        facts: changed.map((fact) => ({ fact, from: older[fact] ?? null, to: newer[fact] ?? null })),
        lines: diffLines(older.text, newer.text),
      }
    },

    /** What waits for a second person: versions, removals, and the catalogue. */
    'documents.drafts': async ({ collection }: Request<'documents.drafts'>) => ({
      drafts: await documents.drafts(collection === undefined ? {} : { collection }),
      proposals: (await store.proposals.list()).filter(
        ({ subject }) => collection === undefined || subject.startsWith(`${collection}/`),
      ),
    }),

    async 'documents.publish'(request: Request<'documents.publish'>, onProgress: OnProgress, actor: string) {
      const done = await publishDraft(parts, request.doc, request.ver, by(actor, request.reason))
      await index(onProgress)
      return done
    },

    async 'documents.confirm'(request: Request<'documents.confirm'>, onProgress: OnProgress, actor: string) {
      const done = await confirmRemoval(parts, request.doc, by(actor, request.reason))
      await index(onProgress)
      return done
    },

    async 'products.publish'(request: Request<'products.publish'>, onProgress: OnProgress, actor: string) {
      const done = await publishCatalogue(parts, by(actor, request.reason))
      await index(onProgress)
      return done
    },

    async 'documents.remove'(request: Request<'documents.remove'>, onProgress: OnProgress, actor: string) {
      const done = await removeDocument(parts, request.doc, by(actor, request.reason))
      await index(onProgress)
      return done
    },
  }
}
