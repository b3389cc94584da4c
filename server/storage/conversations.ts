import { createHash, timingSafeEqual } from 'node:crypto'
import type { Selectable } from 'kysely'
import { ConflictError, NotFoundError } from '../errors.ts'
import { mintId } from '../protocol/ids.ts'
import type { Database } from './database.ts'
import { nobody } from './desk.ts'
import { createEventLog } from './event-log.ts'
import type { UnitOfWork } from './group-commit.ts'
import { createPending } from './pending.ts'
import { prepared } from './prepared.ts'
import { present } from './rows.ts'
import type { Schema } from './schema.ts'
import type { CommandReceipt, Conversation, Tx } from './types.ts'

/** How far each side has read, as sequence numbers; 0 before the first `read`. */
export interface ReadMarks {
  readonly customer: number
  readonly agent: number
}

/** What is stored of a conversation's secret. The secret has 256 random bits, so one round of SHA-256 is enough. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const nobodysHash = '0'.repeat(64)

export type Conversations = ReturnType<typeof createConversations>

/** Conversations, their logs, their commands' receipts and what still waits for an answer. */
export function createConversations(db: Database, units: UnitOfWork) {
  const { reader } = db
  return {
    ...createEventLog(db),
    ...createReceipts(),
    ...createPending(db),
    ...createStates(db),

    /** A new conversation, owned by the bot, with an empty log. */
    create: ({ id, secretHash }: { id: string; secretHash: string }): Promise<Conversation> =>
      units.run(async (tx) => {
        const createdAt = new Date().toISOString()
        const fresh: Conversation = { id, epoch: mintId('e'), head: 0, owner: 'bot', state: 'open', createdAt }
        await tx
          .insertInto('conversations')
          .values({ ...fresh, ...nobody, secretHash, readCustomer: 0, readAgent: 0 })
          .execute()
        return fresh
      }),

    /** The conversation as last committed. */
    find: async (id: string): Promise<Conversation | undefined> => {
      const row = await reader.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toConversation(row)
    },

    /** Whether the secret opens the conversation. An unknown conversation costs the same work as a wrong secret. */
    secretMatches: async (id: string, secret: string): Promise<boolean> => {
      const row = await reader.selectFrom('conversations').select('secretHash').where('id', '=', id).executeTakeFirst()
      const expected = Buffer.from(row?.secretHash ?? nobodysHash, 'hex')
      return timingSafeEqual(expected, Buffer.from(hashSecret(secret), 'hex')) && row !== undefined
    },
  }
}

function toConversation(row: Selectable<Schema['conversations']>): Conversation {
  const { id, epoch, head, owner, state, createdAt, agent } = row
  return { id, epoch, head, owner, state, createdAt, ...present({ agent }) }
}

const receiptOf = prepared((tx, conv: string, id: string) =>
  tx.selectFrom('commands').select(['bodyHash', 'mid', 'seq']).where('conv', '=', conv).where('id', '=', id),
)
const insertReceipt = prepared(
  (tx, conv: string, id: string, bodyHash: string, mid: string | null, seq: number | null, at: string) =>
    tx.insertInto('commands').values({ conv, id, bodyHash, mid, seq, at }),
)

/** Receipts of commands: once per (conversation, id), however often it is sent. */
function createReceipts() {
  return {
    /**
     * Look a command up before doing it.
     * @returns undefined if it is new, else what it did the first time, with `dup: true`.
     * @throws {ConflictError} if the same id came with another body.
     */
    accept: async (tx: Tx, conv: string, commandId: string, bodyHash: string): Promise<CommandReceipt | undefined> => {
      const [row] = await receiptOf(tx, conv, commandId)
      if (!row) return undefined
      if (row.bodyHash !== bodyHash) throw new ConflictError('this command id was used for something else')
      return { ...present({ mid: row.mid, seq: row.seq }), dup: true }
    },

    /** Keep what the command did, in the unit that did it. */
    remember: async (
      tx: Tx,
      conv: string,
      commandId: string,
      bodyHash: string,
      { mid, seq }: Omit<CommandReceipt, 'dup'>,
      at: string = new Date().toISOString(),
    ): Promise<void> => {
      await insertReceipt(tx, conv, commandId, bodyHash, mid ?? null, seq ?? null, at)
    },

    /** Drop receipts from before `before` (ISO time; at least 24 hours ago, as clients may resend until then). @returns how many. */
    pruneReceipts: async (tx: Tx, before: string): Promise<number> => {
      const { numDeletedRows } = await tx.deleteFrom('commands').where('at', '<', before).executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

/** Whether it goes on, and how far it was read. */
function createStates({ reader }: Database) {
  return {
    /** End the conversation; what waited for an answer waits no more. @returns false if it had ended already. */
    close: async (tx: Tx, conv: string): Promise<boolean> => {
      const { numUpdatedRows } = await tx
        .updateTable('conversations')
        .set({ ...nobody, owner: 'closed', state: 'closed' })
        .where('id', '=', conv)
        .where('state', '=', 'open')
        .executeTakeFirstOrThrow()
      await tx.deleteFrom('pending').where('conv', '=', conv).execute()
      return numUpdatedRows > 0n
    },

    /** @throws {NotFoundError} if there is no such conversation. */
    readMarks: async (conv: string): Promise<ReadMarks> => {
      const row = await reader
        .selectFrom('conversations')
        .select(['readCustomer as customer', 'readAgent as agent'])
        .where('id', '=', conv)
        .executeTakeFirst()
      if (!row) throw new NotFoundError('no such conversation')
      return row
    },

    /** Move a side's mark forward; marks never go back and never pass the head. @returns false if it was there already. */
    markRead: async (tx: Tx, conv: string, by: keyof ReadMarks, upto: number): Promise<boolean> => {
      const column = by === 'customer' ? 'readCustomer' : 'readAgent'
      const { numUpdatedRows } = await tx
        .updateTable('conversations')
        .set({ [column]: upto })
        .where('id', '=', conv)
        .where(column, '<', upto)
        .where('head', '>=', upto)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
  }
}
