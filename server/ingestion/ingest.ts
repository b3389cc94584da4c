import { setImmediate } from 'node:timers/promises'
import type { AllowedContacts } from '../config.ts'
import type { Pool } from '../engine/pool.ts'
import { NotFoundError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { AuditEntry } from '../storage/audit.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { Passages } from '../storage/passages.ts'
import type { Quarantine } from '../storage/quarantine.ts'
import type { Signatures, Signed } from '../storage/signatures.ts'
import type { Synonyms } from '../storage/synonyms.ts'
import type { Version } from '../storage/types.ts'
import { createEmbedding } from './embed-documents.ts'
import { type Found, type FoundFile, findFiles, type Refusal } from './files.ts'
import { readers } from './formats/index.ts'
import { createGroups } from './groups.ts'
import { createDoor, type Door, documentOf } from './quarantine/door.ts'
import { createReader, type Reader } from './reader.ts'
import type { Defaults, ReadDocument } from './reader-messages.ts'
import { createRemovals, type RemovalParts } from './removals.ts'
import { createSynonymStore } from './store-synonyms.ts'

export interface IngestRequest {
  readonly paths: readonly string[]
  readonly collection?: string
  readonly defaults: Defaults
  /** Remove documents that the paths no longer hold: of the collections, or only rows of the files that were read. */
  readonly sync: boolean | 'rows'
  /** Of the files that the paths hold only these are read, by their absolute paths; the others have not changed. */
  readonly only?: readonly string[]
  /** Who brings the documents and why, for the audit log. */
  readonly by: By
  /** Nothing is held at the door: for texts that only measure. */
  readonly unchecked?: boolean
}

type By = Pick<AuditEntry, 'actor' | 'reason'>

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

export interface IngestParts extends RemovalParts {
  readonly units: UnitOfWork
  readonly passages: Passages
  readonly synonyms: Synonyms
  readonly quarantine: Quarantine
  readonly signatures: Signatures
  readonly pool: Pool
  readonly allowedContacts: AllowedContacts | undefined
  readonly logger: Logger
}

interface Tally {
  passages: number
  unchanged: number
  updated: number
  quarantined: number
  tokens: number
}

const emptyTally = (): Tally => ({ passages: 0, unchanged: 0, updated: 0, quarantined: 0, tokens: 0 })

/** One ingestion: what it reads, and what became of it so far. */
interface Run {
  /** To be read. */
  readonly files: readonly FoundFile[]
  /** Ids of those that were read. */
  readonly read: Set<string>
  readonly by: By
  readonly encoderId: string
  /** Content hashes of the documents that the store holds. */
  readonly known: ReadonlyMap<string, string>
  readonly seen: Set<string>
  readonly reader: Reader
  /** Undefined lets everything pass. */
  readonly door: Door | undefined
  readonly rejected: Refusal[]
  readonly tally: Tally
}

type OnProgress = (share: number, what: string) => void

/** Read files, embed what changed and store it: text, vectors and dates in one transaction each. The caller publishes the index. */
export function createIngest(parts: IngestParts) {
  const { units, documents, passages, quarantine, signatures, audit, pool, fourEyes, logger } = parts
  const embed = createEmbedding(passages, pool)
  const lists = createSynonymStore(parts)
  const removals = createRemovals(parts)

  /** @throws {InputError} if a path cannot be read; single bad files are in the report. */
  async function ingest(request: IngestRequest, onProgress: OnProgress): Promise<IngestReport> {
    const begun = performance.now()
    const found = await findFiles(request.paths, Object.keys(readers), request.collection)
    const run = await begin(found, request)
    run.rejected.push(...(await lists.read(found.synonyms, request.by)))
    await readAndStore(run, onProgress).finally(run.reader.close)
    const { tally, rejected, seen } = run
    // What only some files were read for is known to be whole in the others.
    const isSure = rejected.length === 0 || request.only !== undefined
    const removed = request.sync !== false && isSure ? await removeMissing(found, run, request.sync) : 0
    const seconds = (performance.now() - begun) / 1_000
    const { skipped } = found
    logger.info(
      { documents: seen.size, ...tally, removed, rejected: rejected.length, skipped: skipped.length, seconds },
      'ingested',
    )
    return {
      documents: seen.size,
      ...tally,
      removed,
      rejected,
      skipped,
      seconds,
      tokensPerSecond: tally.tokens / seconds,
    }
  }

  async function begin(found: Found, request: IngestRequest): Promise<Run> {
    const { defaults, unchecked, by } = request
    const only = request.only && new Set(request.only)
    const { encoderId } = await pool.facts()
    const known = await knownHashes(found.collections, encoderId)
    const checks = { allowedContacts: parts.allowedContacts }
    const reader = createReader({
      ...{ type: 'start', encoder: pool.generation.encoder, known, defaults },
      ...(!unchecked && { checks }),
    })
    const door = createDoor({ ...parts, isGone: isGoneIn(found, request), sign: reader.sign })
    return {
      files: only ? found.files.filter(({ path }) => only.has(path)) : found.files,
      ...{ read: new Set(), seen: new Set(), by, encoderId, known, reader },
      door: unchecked ? undefined : door,
      rejected: [...found.rejected],
      tally: emptyTally(),
    }
  }

  /** While one group of documents is embedded and stored, the files after it are read. */
  async function readAndStore(run: Run, onProgress: OnProgress): Promise<void> {
    const { files, reader, read: done, seen, rejected, tally } = run
    const groups = createGroups((group) => store(group, run))
    for (const [i, file] of files.entries()) {
      onProgress(i / files.length, file.id)
      const read = await reader.read(file)
      if (read.type !== 'rejected') done.add(file.id)
      if (read.type === 'rejected') rejected.push({ file: file.id, reason: read.reason })
      else if (read.type === 'products') await units.run((tx) => removals.replaceCatalogue(tx, read.products, run.by))
      else {
        for (const { version } of read.documents) seen.add(version.doc)
        const changed = read.documents.filter(({ chunks }) => chunks !== undefined)
        tally.unchanged += read.documents.length - changed.length
        await groups.add(await admitted(changed, run))
      }
    }
    await groups.finish()
  }

  /** What may be stored; the rest is put aside for a person to look at. */
  async function admitted(changed: readonly ReadDocument[], { door, tally }: Run): Promise<readonly ReadDocument[]> {
    if (!door) return changed
    const { clean, held } = await door.inspect(changed)
    if (held.length > 0) await units.run((tx) => quarantine.hold(tx, held))
    tally.quarantined += held.length
    return clean
  }

  async function knownHashes(collections: readonly string[], encoderId: string): Promise<Map<string, string>> {
    const known = new Map<string, string>()
    for await (const docs of stored(collections))
      for (const [doc, hash] of await documents.contentHashes(docs, encoderId)) known.set(doc, hash)
    // What waits already need not wait twice.
    for (const collection of fourEyes ? collections : [])
      for (const { doc, contentHash } of await documents.drafts({ collection })) known.set(doc, contentHash)
    return known
  }

  /** Ids of the current documents, a page at a time, and between two the chats on this thread have their turn. */
  async function* stored(collections: readonly string[]): AsyncGenerator<readonly string[]> {
    for (const collection of collections)
      for await (const page of documents.names(collection)) {
        yield page
        await setImmediate()
      }
  }

  async function store(
    group: readonly ReadDocument[],
    { known, encoderId, tally, by }: Pick<Run, 'known' | 'encoderId' | 'tally' | 'by'>,
  ): Promise<void> {
    const { vectors, tokens } = await embed(group, encoderId)
    const docs = group.map(({ version }) => version.doc)
    await units.run(async (tx) => {
      await quarantine.drop(tx, docs)
      const [entries, signed]: [AuditEntry[], Signed[]] = [[], []]
      for (const { version, signature, chunks = [] } of group) {
        const { id, ver } = await documents.addVersion(tx, version, undefined, fourEyes ? by.actor : undefined)
        const action = fourEyes ? 'documents.draft' : 'documents.put'
        entries.push({ ...by, action, subject: version.doc, detail: `version ${ver}` })
        const rows = chunks.map((chunk) => ({ ...chunk, ...vectors.get(chunk.hash)! }))
        await passages.add(tx, id, encoderId, rows)
        signed.push({ version: id, signature })
      }
      await signatures.add(tx, signed)
      await audit.append(tx, entries)
    })
    tally.tokens += tokens
    tally.updated += docs.filter((doc) => known.has(doc)).length
    tally.passages += group.reduce((sum, { chunks = [] }) => sum + chunks.length, 0)
  }

  /** Remove the rows that the files which were read no longer hold, and with `true` the documents whose file is gone. */
  async function removeMissing(found: Found, { read, seen, by }: Run, sync: true | 'rows'): Promise<number> {
    const { files, rejected, collections, synonyms: paths } = found
    const there = new Set([...files.map(({ id }) => id), ...rejected.map(({ file }) => file)])
    const isGone = ({ doc }: { doc: string }): boolean =>
      !seen.has(doc) && (read.has(fileOf(doc)) || (sync === true && !there.has(fileOf(doc))))
    const gone: string[] = []
    for await (const docs of stored(collections)) gone.push(...docs.filter((doc) => isGone({ doc })))
    const held = (await quarantine.list()).filter((row) => collections.includes(row.collection) && isGone(row))
    return units.run(async (tx) => {
      const removed = await removals.remove(tx, gone, by)
      const unlisted = sync === true ? collections.filter((collection) => !paths.has(collection)) : []
      await lists.replace(tx, new Map(unlisted.map((collection) => [collection, []])), by)
      const forgotten = held.map(({ doc }) => doc)
      await quarantine.drop(tx, forgotten)
      return removed
    })
  }

  /** A person lets a held document pass, as it was read. @throws {NotFoundError} if it is not held. */
  async function release(doc: string, by: Required<By>): Promise<void> {
    const held = await quarantine.find(doc)
    if (!held) throw new NotFoundError(`${doc} is not held: bursar documents list --held`)
    await units.run(async (tx) => {
      await quarantine.release(tx, held, { by: by.actor, reason: by.reason })
      await audit.append(tx, [{ ...by, action: 'documents.release', subject: doc, detail: held.holds }])
    })
    const { encoderId } = await pool.facts()
    await store([documentOf(held)], { known: new Map(), encoderId, tally: emptyTally(), by })
  }

  let last: Promise<unknown> = Promise.resolve()
  /** One at a time: two ingestions would both find a document new and store it twice. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
  return {
    ingest: (request: IngestRequest, onProgress: OnProgress) => inTurn(() => ingest(request, onProgress)),
    release: (doc: string, by: Required<By>) => inTurn(() => release(doc, by)),
  }
}

/** The file of a row's document. */
const fileOf = (doc: string): string => doc.split('#', 1)[0] ?? doc

/** With `sync`, what no file holds any more is about to go. */
function isGoneIn({ files, collections }: Pick<Found, 'files' | 'collections'>, { sync }: IngestRequest) {
  const kept = new Set(files.map(({ id }) => id))
  return ({ doc, collection }: Pick<Version, 'doc' | 'collection'>): boolean =>
    sync === true && collections.includes(collection) && !kept.has(fileOf(doc))
}
