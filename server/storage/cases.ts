import type { Selectable } from 'kysely'
import type { Right } from '../text/rights-kinds.ts'
import type { Database } from './database.ts'
import { present } from './rows.ts'
import type { CaseState, CasesTable } from './schema-cases.ts'
import type { IsoDate, Tx } from './types.ts'

/** A right that a customer has invoked, and what became of it. */
export interface StoredCase {
  readonly id: string
  readonly conv: string
  readonly type: Right
  readonly ref: string
  readonly status: CaseState
  /** Of its first notice, ISO time in UTC. */
  readonly openedAt: string
  readonly due: IsoDate
  readonly escalateOn: IsoDate
  readonly closedAt?: string
  readonly closedBy?: string
  readonly reason?: string
}

export interface CaseFilter {
  readonly status?: CaseState | undefined
  readonly type?: Right | undefined
}

export type Cases = ReturnType<typeof createCaseTable>

/** Cases with their clocks. A change is always part of the unit that tells the customer of it. */
export function createCaseTable({ reader }: Database) {
  const unclosed = (tx: Tx, conv: string, type: Right) =>
    tx
      .selectFrom('cases')
      .select('id')
      .where('conv', '=', conv)
      .where('type', '=', type)
      .where('status', '<>', 'closed')

  return {
    /** @returns false, and nothing is changed, if one of this type is open in the conversation. */
    open: async (tx: Tx, { id, conv, type, ref, openedAt, due, escalateOn }: Omit<StoredCase, 'status'>) => {
      if (await unclosed(tx, conv, type).executeTakeFirst()) return false
      const row = { id, conv, type, ref, openedAt, due, escalateOn, status: 'open' as const }
      await tx
        .insertInto('cases')
        .values({ ...row, closedAt: null, closedBy: null, reason: null })
        .execute()
      return true
    },

    /** Note messages that tell of the open case of this type; none if there is no such case. */
    notice: async (tx: Tx, conv: string, type: Right, mids: readonly string[], at: string): Promise<void> => {
      const found = await unclosed(tx, conv, type).executeTakeFirst()
      if (!found || mids.length === 0) return
      await tx
        .insertInto('caseEvidence')
        .values(mids.map((mid) => ({ case: found.id, mid, at })))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    /** @returns false, and nothing is changed, if it was not in one of those states. */
    change: async (
      tx: Tx,
      id: string,
      from: readonly CaseState[],
      to: {
        readonly status: CaseState
        readonly closedAt?: string
        readonly closedBy?: string
        readonly reason?: string
      },
    ): Promise<boolean> => {
      const query = tx.updateTable('cases').set(to).where('id', '=', id).where('status', 'in', from)
      return (await query.executeTakeFirstOrThrow()).numUpdatedRows > 0n
    },

    find: async (id: string): Promise<StoredCase | undefined> => {
      const row = await reader.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toCase(row)
    },

    /** Messages that tell of it, oldest first. */
    evidence: (id: string): Promise<{ mid: string; at: string }[]> =>
      reader
        .selectFrom('caseEvidence')
        .select(['mid', 'at'])
        .where('case', '=', id)
        .orderBy('at')
        .orderBy('mid')
        .execute(),

    ofConversation: async (conv: string): Promise<StoredCase[]> => {
      const rows = await reader
        .selectFrom('cases')
        .selectAll()
        .where('conv', '=', conv)
        .orderBy('openedAt')
        .orderBy('id')
        .execute()
      return rows.map(toCase)
    },

    /** The first `limit`, what is due soonest first. */
    list: async ({ status, type }: CaseFilter, limit: number): Promise<StoredCase[]> => {
      let query = reader.selectFrom('cases').selectAll()
      query = status === undefined ? query.where('status', '<>', 'closed') : query.where('status', '=', status)
      if (type !== undefined) query = query.where('type', '=', type)
      return (await query.orderBy('due').orderBy('id').limit(limit).execute()).map(toCase)
    },

    /** Open ones that are to be escalated on that day or before. */
    late: async (day: IsoDate): Promise<StoredCase[]> => {
      const open = reader.selectFrom('cases').selectAll().where('status', '=', 'open').where('escalateOn', '<=', day)
      return (await open.orderBy('due').orderBy('id').execute()).map(toCase)
    },
  }
}

const toCase = ({ closedAt, closedBy, reason, ...row }: Selectable<CasesTable>): StoredCase => ({
  ...row,
  ...present({ closedAt, closedBy, reason }),
})
