import type { Selectable } from 'kysely'
import type { Right } from '../text/rights-kinds.ts'
import type { Database } from './database.ts'
import type { Audience } from './kinds.ts'
import { prepared } from './prepared.ts'
import { slices } from './rows.ts'
import type { Schema } from './schema.ts'
import type { IsoDate, Tx } from './types.ts'

/** What a message was read with: enough to read it in the same way again. */
export interface ReadWith {
  /** Number of the index, and its checksum, as numbers begin again in a restored data directory. */
  readonly generation: number
  readonly index: string
  /** The changes since that index was written, if there were any, likewise. */
  readonly delta?: { readonly number: number; readonly index: string }
  readonly encoder: string
  /** The second encoder, where one was used. */
  readonly second?: string
  /** Versions of the heads. */
  readonly heads: { readonly intent: number; readonly sentiment: number; readonly answerable: number }
  /** Share of answers that might be wrong, 0 to 1: the setting that the threshold came from. */
  readonly toleratedError: number
}

/** A passage that was looked at for an answer. */
export interface ReceiptCandidate {
  readonly passage: number
  readonly doc: string
  readonly ver: number
  /** What would be quoted; half-open, UTF-16 units of the version's canonical text. */
  readonly spans: readonly (readonly [start: number, end: number])[]
  /** As retrieval has them (retrieval/types.ts), and the probability that the spans answer. */
  readonly score: number
  readonly dense: number
  readonly keyword: number
  readonly probability: number
  /** Whether it could be quoted: among the best, given by the store to this reader, and in force on the day asked for. */
  readonly quotable: boolean
}

/** Passages that were missing when a day was looked at. */
export interface LostOn {
  readonly day: IsoDate
  readonly passages: readonly number[]
}

/** How an answer came about: all that was known of the message, and what swayed the choice. */
export interface ReadingReceipt {
  readonly how: 'read'
  /** The customer's words, personal data masked. */
  readonly question: string
  readonly day: IsoDate
  readonly role: Audience
  readonly lang: string
  /** As it was looked up: spelling corrected, and words that documents may use instead. */
  readonly lookedUp: { readonly text: string; readonly synonyms: string }
  /** The questions of a message that asks more than one, as each was looked up; their candidates stand together. */
  readonly questions?: readonly string[]
  readonly intent: { readonly name: string; readonly confidence: number; readonly outOfScope: boolean }
  readonly sentiment: { readonly label: string; readonly score: number }
  readonly entities: readonly {
    readonly type: string
    readonly start: number
    readonly end: number
    readonly value: string
  }[]
  readonly thresholds: { readonly answer: number; readonly topic: number; readonly intent: number }
  /** Most probable first. */
  readonly candidates: readonly ReceiptCandidate[]
  /** What the policy chose, and by which of its rules. */
  readonly action: { readonly kind: string; readonly rule: string; readonly reason?: string }
  /** What the conversation had brought along. */
  readonly before: {
    readonly failedTurns: number
    readonly moodBefore: boolean
    /** The question before, made to stand alone. */
    readonly question?: string
    /** Rights that were cases already; absent without any. */
    readonly cases?: readonly Right[]
    readonly facts: Readonly<Record<string, number | boolean | string | readonly string[]>>
    readonly dismissed: readonly string[]
  }
  /** Passages that the index knew and the store did not give any more. */
  readonly lost: readonly number[]
  /** The same of days to come, on which what is quoted today will have changed; absent if none was missing. */
  readonly lostAhead?: readonly LostOn[]
  readonly readWith: ReadWith
  /** Time that an engine was busy with it; absent in receipts of before. */
  readonly computeMs?: number
}

/** An answer that nothing was read for: the button for a person, or a message while one has been asked already. */
export interface RuleReceipt {
  readonly how: 'button' | 'waiting'
}
export type Receipt = ReadingReceipt | RuleReceipt

/** The answer that a receipt is of. */
export interface AnswerPlace {
  readonly conv: string
  readonly mid: string
  /** Of its `msg.completed`. */
  readonly seq: number
  /** When it was stored, ISO time in UTC. */
  readonly at: string
}
export type StoredReceipt = AnswerPlace & { readonly receipt: Receipt }

/** A question that was not answered, or whose answer was rated poorly. */
export interface Gap {
  readonly mid: string
  /** When it was answered, ISO time in UTC. */
  readonly at: string
  readonly question: string
  /** As it was looked up: stands alone, and its spelling is corrected. */
  readonly lookedUp: string
  readonly lang: string
  /** What the answer was, such as `abstain`; `answer` for one that was only rated poorly, or left a question of several open. */
  readonly kind: string
  readonly unanswered: boolean
  readonly poorlyRated: boolean
}

const insertReceipt = prepared(
  (
    tx,
    conv: string,
    mid: string,
    seq: number,
    at: string,
    day: IsoDate | null,
    generation: number | null,
    delta: number | null,
    gap: string | null,
    content: string,
  ) => tx.insertInto('receipts').values({ conv, mid, seq, at, day, generation, delta, gap, content }),
)
/** Rows per SELECT. */
const batch = 200

export type Receipts = ReturnType<typeof createReceipts>

/** Receipts of answers, each written in the unit of its answer. Customers never see them. */
export function createReceipts({ reader }: Database) {
  /** Ids of receipts that tell of a gap, newest first. */
  async function gapIds(since: IsoDate, limit: number): Promise<number[]> {
    const unanswered = await reader
      .selectFrom('receipts')
      .select('id')
      .where('gap', 'is not', null)
      .where('day', '>=', since)
      .orderBy('day', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    const poor = await poorlyRated()
      .select('receipts.id')
      .where('receipts.day', '>=', since)
      .orderBy('feedback.at', 'desc')
      .limit(limit)
      .execute()
    const ids = new Set([...unanswered, ...poor].map(({ id }) => id))
    return [...ids].sort((a, b) => b - a).slice(0, limit)
  }

  const poorlyRated = () =>
    reader
      .selectFrom('feedback')
      .innerJoin('receipts', (join) =>
        join.onRef('receipts.mid', '=', 'feedback.mid').onRef('receipts.conv', '=', 'feedback.conv'),
      )
      .where('feedback.value', '=', ({ lit }) => lit(-1)) // as the index has it

  return {
    /** @param gap the answer's kind, if the question stayed unanswered for want of a text. */
    add: async (tx: Tx, { conv, mid, seq, at }: AnswerPlace, receipt: Receipt, gap?: string): Promise<void> => {
      const read = receipt.how === 'read' ? receipt : undefined
      const { generation = null, delta } = read?.readWith ?? {}
      const index = [generation, delta?.number ?? null] as const
      await insertReceipt(tx, conv, mid, seq, at, read?.day ?? null, ...index, gap ?? null, JSON.stringify(receipt))
    },

    find: async (mid: string): Promise<StoredReceipt | undefined> => {
      const row = await reader.selectFrom('receipts').selectAll().where('mid', '=', mid).executeTakeFirst()
      return row && { ...placeOf(row), receipt: receiptIn(row) }
    },

    /** Those of at most a few hundred answers; ids without one are left out. */
    findAll: async (mids: readonly string[]): Promise<StoredReceipt[]> => {
      const rows = await reader.selectFrom('receipts').selectAll().where('mid', 'in', mids).execute()
      return rows.map((row) => ({ ...placeOf(row), receipt: receiptIn(row) }))
    },

    /** The last `limit` questions that an engine read, newest first. */
    lastRead: async (limit: number): Promise<(AnswerPlace & { readonly receipt: ReadingReceipt })[]> => {
      const read = reader.selectFrom('receipts').selectAll().where('generation', 'is not', null)
      const rows = await read.orderBy('id', 'desc').limit(limit).execute()
      return rows.flatMap((row) => {
        const receipt = receiptIn(row)
        return receipt.how === 'read' ? [{ ...placeOf(row), receipt }] : []
      })
    },

    /** Whether any answer was read with the index of this number under the delta of that one, or under none. */
    namesIndex: async (generation: number, delta: number | undefined): Promise<boolean> => {
      const found = reader
        .selectFrom('receipts')
        .select('id')
        .where('generation', '=', generation)
        .where('delta', 'is', delta ?? null)
        .limit(1)
      return (await found.executeTakeFirst()) !== undefined
    },

    /** The last `limit` questions since a day that were not answered, or answered and rated poorly; oldest first. */
    gaps: async (since: IsoDate, limit: number): Promise<Gap[]> => {
      const gaps: Gap[] = []
      for (const ids of slices((await gapIds(since, limit)).reverse(), batch)) {
        const rows = await reader.selectFrom('receipts').selectAll().where('id', 'in', ids).orderBy('id').execute()
        const poor = await poorlyRated().select('receipts.id').where('receipts.id', 'in', ids).execute()
        const rated = new Set(poor.map(({ id }) => id))
        gaps.push(...rows.flatMap((row) => gapIn(row, rated.has(row.id))))
      }
      return gaps
    },
  }
}

type ReceiptRow = Selectable<Schema['receipts']>

const placeOf = ({ conv, mid, seq, at }: ReceiptRow): AnswerPlace => ({ conv, mid, seq, at })

/** `add` wrote the content from a typed receipt. */
const receiptIn = ({ content }: ReceiptRow): Receipt => JSON.parse(content) as Receipt

function gapIn(row: ReceiptRow, poorlyRated: boolean): Gap[] {
  const receipt = receiptIn(row)
  if (receipt.how !== 'read') return []
  const { question, lookedUp, lang, action } = receipt
  const asked = { mid: row.mid, at: row.at, question, lookedUp: lookedUp.text, lang }
  return [{ ...asked, kind: action.kind, unanswered: row.gap !== null, poorlyRated }]
}
