import type { Pool } from '../engine/pool.ts'
import type { Logger } from '../logger.ts'
import type { Audit, AuditEntry } from '../storage/audit.ts'
import type { Documents } from '../storage/documents.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { Passages } from '../storage/passages.ts'
import type { Product, Products } from '../storage/products.ts'
import type { NewPassage, Tx } from '../storage/types.ts'
import type { Chunk } from './chunk.ts'
import { type FoundFile, findFiles, type Refusal } from './files.ts'
import { readers } from './formats/index.ts'
import { createReader } from './reader.ts'
import type { Defaults, ReadDocument } from './reader-messages.ts'

export interface IngestRequest {
  readonly paths: readonly string[]
  readonly collection?: string
  readonly defaults: Defaults
  /** Remove documents that the paths no longer hold: of the collections, or only rows of the files that were read. */
  readonly sync: boolean | 'rows'
  /** Who brings the documents and why, for the audit log. */
  readonly by: Pick<AuditEntry, 'actor' | 'reason'>
}

export interface IngestReport {
  readonly documents: number
  readonly passages: number
  readonly unchanged: number
  readonly updated: number
  readonly removed: number
  readonly quarantined: number
  /** Files that could have been documents and are not. */
  readonly rejected: readonly Refusal[]
  /** Files of other kinds. */
  readonly skipped: readonly Refusal[]
  readonly tokens: number
  readonly seconds: number
  readonly tokensPerSecond: number
}

export interface IngestParts {
  readonly units: UnitOfWork
  readonly documents: Documents
  readonly passages: Passages
  readonly products: Products
  readonly audit: Audit
  readonly pool: Pool
  /** Changes are stored as drafts, and become current when somebody else publishes them. */
  readonly fourEyes: boolean
  readonly logger: Logger
}

/** Passages per job: an engine is never kept from a chat for longer than a few of them take. */
const jobPassages = 4
/** Jobs under way at once, so that every engine has one while its next is ready. */
const openJobs = 8
/** Passages that are embedded and stored together, at least; several files may share a transaction. */
const groupPassages = 64
/** Groups under way: while one is stored the next is embedded. */
const openGroups = 2

interface Tally {
  passages: number
  unchanged: number
  updated: number
  tokens: number
}

const emptyTally = (): Tally => ({ passages: 0, unchanged: 0, updated: 0, tokens: 0 })

/** One ingestion: what it reads, and what became of it so far. */
interface Run {
  readonly files: readonly FoundFile[]
  readonly by: IngestRequest['by']
  readonly encoderId: string
  /** Content hashes of the documents that the store holds. */
  readonly known: ReadonlyMap<string, string>
  readonly seen: Set<string>
  readonly rejected: Refusal[]
  readonly tally: Tally
}

type OnProgress = (share: number, what: string) => void

/** Read files, embed what changed and store it: text, vectors and dates in one transaction each. The caller publishes the index. */
export function createIngest({ units, documents, passages, products, audit, pool, fourEyes, logger }: IngestParts) {
  /** @throws {InputError} if a path cannot be read; single bad files are in the report. */
  async function ingest(request: IngestRequest, onProgress: OnProgress): Promise<IngestReport> {
    const begun = performance.now()
    const found = await findFiles(request.paths, Object.keys(readers), request.collection)
    const { files, collections, skipped } = found
    const { encoderId } = await pool.facts()
    const run: Run = {
      files,
      by: request.by,
      encoderId,
      known: await knownHashes(collections, encoderId),
      seen: new Set(),
      rejected: [...found.rejected],
      tally: emptyTally(),
    }
    await readAndStore(run, request, onProgress)
    const { tally, rejected, seen } = run
    const removed =
      request.sync !== false && rejected.length === 0 ? await removeMissing(collections, run, request.sync) : 0
    const seconds = (performance.now() - begun) / 1_000
    logger.info(
      { documents: seen.size, ...tally, removed, rejected: rejected.length, skipped: skipped.length, seconds },
      'ingested',
    )
    return {
      documents: seen.size,
      ...tally,
      removed,
      quarantined: 0,
      rejected,
      skipped,
      seconds,
      tokensPerSecond: tally.tokens / seconds,
    }
  }

  /** While one group of documents is embedded and stored, the files after it are read. */
  async function readAndStore(run: Run, { defaults }: IngestRequest, onProgress: OnProgress): Promise<void> {
    const { files, known, seen, rejected, tally } = run
    const reader = createReader({ type: 'start', encoder: pool.generation.encoder, known, defaults })
    const groups = createGroups((group) => store(group, run))
    try {
      for (const [i, file] of files.entries()) {
        onProgress(i / files.length, file.id)
        const read = await reader.read(file)
        if (read.type === 'rejected') rejected.push({ file: file.id, reason: read.reason })
        else if (read.type === 'products') await units.run((tx) => replaceProducts(tx, read.products, run.by))
        else {
          for (const { version } of read.documents) seen.add(version.doc)
          const changed = read.documents.filter(({ chunks }) => chunks !== undefined)
          tally.unchanged += read.documents.length - changed.length
          await groups.add(changed)
        }
      }
      await groups.finish()
    } finally {
      reader.close()
    }
  }

  async function knownHashes(collections: readonly string[], encoderId: string): Promise<Map<string, string>> {
    const lists = await Promise.all(collections.map((collection) => documents.list({ collection })))
    const known = await documents.contentHashes(
      lists.flat().map(({ doc }) => doc),
      encoderId,
    )
    // What waits already need not wait twice.
    for (const collection of fourEyes ? collections : [])
      for (const { doc, contentHash } of await documents.drafts({ collection })) known.set(doc, contentHash)
    return known
  }

  async function store(group: readonly ReadDocument[], { known, encoderId, tally, by }: Run): Promise<void> {
    const vectors = await vectorsOf(group, encoderId, tally)
    await units.run(async (tx) => {
      const entries: AuditEntry[] = []
      for (const { version, chunks = [] } of group) {
        const { id, ver } = await documents.addVersion(tx, version, undefined, fourEyes ? by.actor : undefined)
        entries.push({
          ...by,
          action: fourEyes ? 'documents.draft' : 'documents.put',
          subject: version.doc,
          detail: `version ${ver}`,
        })
        await passages.add(
          tx,
          id,
          encoderId,
          chunks.map((chunk) => ({ ...chunk, ...vectors.get(chunk.hash)! })),
        )
      }
      await audit.append(tx, entries)
    })
    tally.updated += group.filter(({ version }) => known.has(version.doc)).length
    tally.passages += group.reduce((sum, { chunks = [] }) => sum + chunks.length, 0)
  }

  /** Vectors by content hash: those the store has already, and new ones from the engines. */
  async function vectorsOf(group: readonly ReadDocument[], encoderId: string, tally: Tally) {
    const byHash = new Map<string, { text: string; chunk: Chunk }>()
    for (const { version, chunks = [] } of group)
      for (const chunk of chunks) byHash.set(chunk.hash, { text: version.text, chunk })
    const vectors = new Map<string, Pick<NewPassage, 'vector' | 'unitVectors'>>(
      await passages.reuse([...byHash.keys()], encoderId),
    )
    const missing = [...byHash.values()].filter(({ chunk }) => !vectors.has(chunk.hash))
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < missing.length) {
        const batch = missing.slice(next, next + jobPassages)
        next += jobPassages
        const texts = batch.map(({ text, chunk: { heading, units: parts } }) => ({
          heading,
          units: parts.map(({ start, end }) => text.slice(start, end)),
        }))
        const done = await pool.run({ kind: 'embed', passages: texts }, 'background')
        tally.tokens += done.tokens
        batch.forEach(({ chunk }, i) => {
          vectors.set(chunk.hash, { vector: done.vectors[i]!.vector, unitVectors: done.vectors[i]!.units })
        })
      }
    }
    await Promise.all(Array.from({ length: openJobs }, lane))
    return vectors
  }

  async function replaceProducts(tx: Tx, all: readonly Product[], by: IngestRequest['by']): Promise<void> {
    await products.replaceAll(tx, all)
    const entry = { ...by, action: 'products.replace', subject: 'catalogue', detail: `${all.length} products` }
    await audit.append(tx, [entry])
  }

  async function removeMissing(
    collections: readonly string[],
    { files, seen, by }: Run,
    sync: true | 'rows',
  ): Promise<number> {
    const lists = await Promise.all(collections.map((collection) => documents.list({ collection })))
    const read = new Set(files.map(({ id }) => id))
    const isOfFile = (doc: string): boolean => read.has(doc.split('#', 1)[0] ?? doc)
    const gone = lists.flat().filter(({ doc }) => !seen.has(doc) && (sync === true || isOfFile(doc)))
    return units.run(async (tx) => {
      for (const { doc } of gone) await documents.remove(tx, doc)
      await audit.append(
        tx,
        gone.map(({ doc }) => ({ ...by, action: 'documents.remove', subject: doc })),
      )
      return gone.length
    })
  }

  let last: Promise<unknown> = Promise.resolve()
  /** One ingestion at a time: two would both find a document new and store it twice. */
  return (request: IngestRequest, onProgress: OnProgress): Promise<IngestReport> => {
    const next = last.then(() => ingest(request, onProgress))
    last = next.catch(() => undefined)
    return next
  }
}

/** Collects documents into groups of enough passages and keeps a bounded number of groups under way. */
function createGroups(store: (group: readonly ReadDocument[]) => Promise<void>) {
  const open = new Set<Promise<void>>()
  let group: ReadDocument[] = []
  let size = 0

  async function flush(): Promise<void> {
    if (group.length === 0) return
    if (open.size >= openGroups) await Promise.race(open)
    const done = store(group).finally(() => open.delete(done))
    open.add(done)
    group = []
    size = 0
  }

  return {
    async add(documents: readonly ReadDocument[]): Promise<void> {
      for (const document of documents) {
        group.push(document)
        size += document.chunks?.length ?? 0
        if (size >= groupPassages) await flush()
      }
    },
    async finish(): Promise<void> {
      await flush()
      await Promise.all(open)
    },
  }
}
