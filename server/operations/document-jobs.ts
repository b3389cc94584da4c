import { rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { BursarError, BusyError, InputError, messageOf, NotFoundError, UsageError } from '../errors.ts'
import type { IngestReport, IngestRequest } from '../ingestion/ingest.ts'
import type { Defaults } from '../ingestion/reader-messages.ts'
import { layOut, type Upload } from '../ingestion/uploads.ts'
import type { Logger } from '../logger.ts'
import { ProtocolError } from '../protocol/codec.ts'
import { mintId } from '../protocol/ids.ts'
import type { Jobs, StoredJob } from '../storage/jobs.ts'
import type { JobKind } from '../storage/kinds.ts'
import { catalogueSubject } from '../storage/proposals.ts'
import {
  type ChangeParts,
  confirmRemoval,
  draftFor,
  noDocument,
  proposalFor,
  publishCatalogue,
  publishDraft,
  removeDocument,
} from './document-changes.ts'

/** Jobs that may wait, each with its files on disk. */
const maxWaiting = 64
/** How long one can ask what became of a job. */
const keptMs = 7 * 86_400_000

type By = IngestRequest['by']

export interface DocumentJobParts extends ChangeParts {
  /** Where files lie until they are ingested. */
  readonly uploads: string
  readonly jobs: Jobs
  readonly logger: Logger
  readonly ingest: (request: IngestRequest) => Promise<IngestReport>
  /** Bring the index up to the store. */
  readonly index: () => Promise<void>
}

/** What came of a job: a report, or why there is none. */
interface Outcome {
  readonly report?: object
  readonly error?: { readonly code: string; readonly msg: string }
}

/** Changes of documents that were ordered over HTTP: accepted at once, done one after the other. */
export function createDocumentJobs(parts: DocumentJobParts) {
  const { units, jobs, documents, logger, uploads } = parts
  let waiting = 0
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  async function accept(kind: JobKind, by: By, prepare: (id: string) => Promise<() => Promise<Outcome>>) {
    if (closed) throw new BusyError('the server is about to stop')
    if (waiting >= maxWaiting) throw new BusyError(`${maxWaiting} jobs already wait`)
    waiting++
    const job: StoredJob = { id: mintId('j'), kind, state: 'waiting', actor: by.actor, at: new Date().toISOString() }
    try {
      const work = await prepare(job.id)
      await units.run((tx) => jobs.add(tx, job))
      last = last.then(() => perform(job.id, work))
      return job
    } catch (reason) {
      waiting--
      await rm(join(uploads, job.id), { recursive: true, force: true })
      throw reason
    }
  }

  /** Never rejects: what goes wrong is the job's outcome. */
  async function perform(id: string, work: () => Promise<Outcome>): Promise<void> {
    try {
      if (!closed) await units.run((tx) => jobs.change(tx, id, { state: 'running' }))
      const outcome = closed ? { error: stopped } : await work().catch((reason: unknown) => failure(reason, id))
      await rm(join(uploads, id), { recursive: true, force: true }).catch(() => undefined) // the next start removes it
      const state = outcome.error ? 'failed' : 'done'
      const change = { state, finishedAt: new Date().toISOString(), outcome: JSON.stringify(outcome) } as const
      await units.run((tx) => jobs.change(tx, id, change))
    } catch (reason) {
      logger.error({ job: id, reason: messageOf(reason) }, 'the state of a job was not stored')
    } finally {
      waiting--
    }
  }

  function failure(reason: unknown, id: string): Outcome {
    const code = reason instanceof BursarError ? reason.code : 'internal'
    logger.warn({ job: id, code, reason: messageOf(reason) }, 'a job failed')
    // Only what is wrong with what was sent is the caller's to know.
    const isTheirs = [InputError, UsageError, NotFoundError, ProtocolError].some((kind) => reason instanceof kind)
    return { error: { code, msg: isTheirs ? withoutFolder(messageOf(reason), id) : 'failed on our side; see the log' } }
  }

  const withoutFolder = (text: string, id: string): string => text.replaceAll(join(uploads, id) + sep, '')

  async function put(files: readonly Upload[], id: string, defaults: Defaults, by: By): Promise<Outcome> {
    const paths = await layOut(join(uploads, id), files)
    const report = await parts.ingest({ paths, defaults, sync: 'rows', by })
    await parts.index()
    const { documents: read, passages, unchanged, updated, removed, quarantined } = report
    const rejected = report.rejected.map(({ file, reason }) => ({ file, reason: withoutFolder(reason, id) }))
    const shown = { documents: read, passages, unchanged, updated, removed, quarantined, rejected }
    const [first] = rejected
    return { report: shown, ...(first && { error: { code: 'bad_input', msg: first.reason } }) }
  }

  async function change(work: Promise<object>): Promise<Outcome> {
    const report = await work
    await parts.index()
    return { report }
  }

  return {
    /** At the start: jobs that a stopped process has left fail, and their files go. */
    async tidy(): Promise<void> {
      const [at, before] = [new Date().toISOString(), new Date(Date.now() - keptMs).toISOString()]
      await units.run((tx) => jobs.tidy(tx, at, JSON.stringify({ error: stopped }), before))
      await rm(uploads, { recursive: true, force: true })
    },

    /** Store documents; ids without a fault. @throws {BusyError} */
    put: (files: readonly Upload[], defaults: Defaults, by: By): Promise<StoredJob> =>
      accept('documents.put', by, async (id) => () => put(files, id, defaults, by)),

    /** Take a document out of search. @throws {BusyError}; {NotFoundError} */
    remove: (doc: string, by: By): Promise<StoredJob> =>
      accept('documents.remove', by, async () => {
        if (!(await documents.current(doc))) throw noDocument(doc)
        return () => change(removeDocument(parts, doc, by))
      }),

    /** Make a draft the current version. @throws as {@link publishDraft}, {BusyError} */
    publish: (doc: string, ver: number, by: By): Promise<StoredJob> =>
      accept('documents.publish', by, async () => {
        await draftFor(parts, doc, ver, by)
        return () => change(publishDraft(parts, doc, ver, by))
      }),

    /** Carry out a removal that somebody else has proposed. @throws as {@link proposalFor}, {BusyError} */
    confirmRemoval: (doc: string, by: By): Promise<StoredJob> =>
      accept('documents.remove', by, async () => {
        await proposalFor(parts, doc, by)
        return () => change(confirmRemoval(parts, doc, by))
      }),

    /** Put the catalogue in use that somebody else has proposed. @throws as {@link proposalFor}, {BusyError} */
    publishCatalogue: (by: By): Promise<StoredJob> =>
      accept('products.publish', by, async () => {
        await proposalFor(parts, catalogueSubject, by)
        return () => change(publishCatalogue(parts, by))
      }),

    find: jobs.find,

    /** Take no more jobs; those that wait fail. Resolves when the one under way has ended. */
    async close(): Promise<void> {
      closed = true
      await last
    },
  }
}

const stopped = { code: 'busy', msg: 'the server stopped before this was done: send it again' }
