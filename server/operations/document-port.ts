import { type Upload, uploadFault } from '../ingestion/uploads.ts'
import type { AuditEntry } from '../storage/audit.ts'
import type { StoredJob } from '../storage/jobs.ts'
import { type Audience, type VersionSummary, visibleTo } from '../storage/types.ts'
import type { House } from './house.ts'

type By = Pick<AuditEntry, 'actor' | 'reason'>
type Given = { readonly [N in 'from' | 'until']?: string | undefined } & { readonly audience?: Audience | undefined }

/** The documents of a house as HTTP offers them. */
export function createDocumentPort({ store, documentJobs }: House) {
  const { documents } = store
  return {
    async text(doc: string, ver: number, role: Audience) {
      const found = await documents.version(doc, ver)
      if (!found || !visibleTo(role).includes(found.audience)) return undefined
      if (role === 'customer' && found.draftBy !== undefined) return undefined
      // What has become agents' own is so with all that it said before, and stays so when it is removed.
      const latest = (await documents.history(doc)).findLast(({ draftBy }) => draftBy === undefined)
      if (latest && !visibleTo(role).includes(latest.audience)) return undefined
      // What is not in force yet may be read: an answer quotes it for who asks about that time, or says that it will come.
      return { text: found.text, title: found.title }
    },

    async list({
      limit,
      collection,
      after,
    }: {
      limit: number
      collection?: string | undefined
      after?: string | undefined
    }) {
      const filter = { ...(collection !== undefined && { collection }), ...(after !== undefined && { after }) }
      const found = await documents.page({ ...filter, limit: limit + 1 })
      const page = found.slice(0, limit).map(shown)
      return { documents: page, ...(found.length > limit && { next: page.at(-1)?.doc }) }
    },

    async find(doc: string) {
      const [current, history] = [await documents.current(doc), await documents.history(doc)]
      if (history.length === 0) return undefined
      const versions = history.map(({ ver, title, at, draftBy }) => ({
        ver,
        title,
        at,
        ...(draftBy !== undefined && { draftBy }),
      }))
      if (!current) return { doc, versions }
      const { text: _, ...summary } = current
      return { ...shown(summary), versions }
    },

    fault: uploadFault,
    async put(files: readonly Upload[], { audience, from, until }: Given, by: By) {
      const defaults = { ...(audience && { audience }), ...(from && { from }), ...(until && { until }) }
      return jobShown(await documentJobs.put(files, defaults, by))
    },
    remove: async (doc: string, by: By) => jobShown(await documentJobs.remove(doc, by)),
    publish: async (doc: string, ver: number, by: By) => jobShown(await documentJobs.publish(doc, ver, by)),
    confirmRemoval: async (doc: string, by: By) => jobShown(await documentJobs.confirmRemoval(doc, by)),
    publishCatalogue: async (by: By) => jobShown(await documentJobs.publishCatalogue(by)),
    async job(id: string) {
      const found = await documentJobs.find(id)
      return found && jobShown(found)
    },
  }
}

/** A version without what only the store needs. */
function shown({ id: _, contentHash: __, ...facts }: VersionSummary) {
  return facts
}

function jobShown({ actor, outcome, ...job }: StoredJob) {
  // The jobs wrote it themselves.
  const came = outcome === undefined ? {} : (JSON.parse(outcome) as { report?: object; error?: object })
  return { ...job, by: actor, ...came }
}
