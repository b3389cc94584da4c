import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { mintId } from '../../../server/protocol/ids.ts'
import { createConversations, hashSecret } from '../../../server/storage/conversations.ts'
import { type Database, openDatabase } from '../../../server/storage/database.ts'
import { createDeskTable } from '../../../server/storage/desk.ts'
import { createDocuments } from '../../../server/storage/documents.ts'
import { createUnitOfWork, type UnitLimits } from '../../../server/storage/group-commit.ts'
import { createPassages } from '../../../server/storage/passages.ts'
import type { NewEvent, NewPassage, NewVersion } from '../../../server/storage/types.ts'

const root = resolve(import.meta.dirname, '../../..')
export const at = '2026-11-22T09:00:00.000Z'

/** A folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'bursar-storage-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** A store in a folder, with its repositories; closed when the test ends. */
export async function openStore(dir?: string, limits?: UnitLimits) {
  const db = await openDatabase({ dir: dir ?? (await temporaryFolder()) })
  const units = createUnitOfWork(db, limits)
  onTestFinished(() => units.close())
  const conversations = createConversations(db, units)
  /** A conversation with an empty log. */
  const converse = async (): Promise<string> => {
    const { id } = await conversations.create({ id: mintId('c'), secretHash: hashSecret('s') })
    return id
  }
  return {
    db,
    units,
    conversations,
    desk: createDeskTable(db),
    converse,
    documents: createDocuments(db),
    passages: createPassages(db),
  }
}

/** A customer's message as an event. */
export const said = (text: string, mid = mintId('m')): NewEvent<'msg.created'> => ({
  t: 'msg.created',
  d: { mid, by: 'customer', re: [], status: 'done', text },
})

/** A bot's message, complete. */
export const completed = (mid: string, text: string): NewEvent<'msg.completed'> => ({
  t: 'msg.completed',
  d: {
    ...{
      mid,
      text,
      kind: 'abstain',
      parts: [{ tpl: 'abstain.en', slots: {} }],
      cites: [],
      recs: [],
      next: [],
      human: false,
    },
    intent: { name: 'fees', confidence: 0.5 },
    sentiment: { label: 'neutral', score: 0.9 },
  },
})

export const newVersion = (doc: string, more: Partial<NewVersion> = {}): NewVersion => ({
  ...{
    doc,
    collection: 'policies',
    title: doc,
    text: `Text of ${doc}.`,
    audience: 'customer',
    contentHash: `hash of ${doc}`,
  },
  ...more,
})

/** A passage of one unit whose vectors are `vector`. */
export const newPassage = (
  position: number,
  vector: readonly number[],
  more: Partial<NewPassage> = {},
): NewPassage => ({
  ...{
    position,
    kind: 'paragraph',
    heading: 'Fees',
    start: 0,
    end: 4,
    units: [{ start: 0, end: 4 }],
    lang: 'en',
    hash: `h${position}`,
  },
  vector: Float32Array.from(vector),
  unitVectors: Float32Array.from(vector),
  ...more,
})

/** Transactions in a write-ahead log: a frame that ends one names the size of the file after it. */
export function committedTransactions(db: Database): number {
  const wal = readFileSync(`${db.path}-wal`)
  const frame = 24 + wal.readUInt32BE(8)
  let commits = 0
  // Frames of an earlier round of the log, whose salt is another, are not part of it any more.
  for (let i = 32; i + frame <= wal.length && wal.compare(wal, 16, 24, i + 8, i + 16) === 0; i += frame) {
    if (wal.readUInt32BE(i + 4) > 0) commits++
  }
  return commits
}

/** Start a program of processes/ with the arguments; `shell` goes before it in the same shell. */
export function start(program: string, args: readonly string[], { shell = '' } = {}) {
  const path = join(import.meta.dirname, 'processes', program)
  const child = spawn('bash', ['-c', `${shell} exec "$0" --import tsx "$@"`, process.execPath, path, ...args], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator](), ended }
}

/** What a promise was rejected with. */
export const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('was not rejected')
    },
    (reason: unknown) => reason,
  )
