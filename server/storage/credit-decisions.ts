import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import { present } from './rows.ts'
import type { CreditDecisionsTable, CreditOverridesTable } from './schema-credit.ts'
import type { Tx } from './types.ts'

export type StoredDecision = Omit<CreditDecisionsTable, 'ref'> & { readonly ref?: string }

export interface Override extends Pick<CreditOverridesTable, 'number' | 'to' | 'at' | 'by' | 'reason'> {
  readonly confirmedAt?: string
  readonly confirmedBy?: string
  readonly confirmedReason?: string
}

export interface DecisionFilter {
  readonly ref?: string
  /** Only those with an override that nobody has confirmed. */
  readonly waiting?: boolean
}

export type CreditDecisions = ReturnType<typeof createCreditDecisions>

/** Credit decisions that are kept. A decision is written once and never changed; the same one again is the same row. */
export function createCreditDecisions({ reader }: Database) {
  const overrides = (db: Tx, decision: string) =>
    db.selectFrom('creditOverrides').selectAll().where('decision', '=', decision).orderBy('number')

  return {
    /** Keep what columns meant. @returns the name under which it is kept: its SHA-256. */
    putSchema: async (tx: Tx, content: string): Promise<string> => {
      const sha256 = createHash('sha256').update(content).digest('hex')
      await tx
        .insertInto('creditSchemas')
        .values({ sha256, content })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      return sha256
    },

    schema: async (sha256: string): Promise<string | undefined> =>
      (await reader.selectFrom('creditSchemas').select('content').where('sha256', '=', sha256).executeTakeFirst())
        ?.content,

    /** @returns false if it was there already. */
    add: async (tx: Tx, { ref = null, ...row }: Omit<StoredDecision, 'ref'> & { ref?: string | null }) => {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('creditDecisions')
        .values({ ...row, ref })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return (numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    find: async (id: string): Promise<StoredDecision | undefined> => {
      const row = await reader.selectFrom('creditDecisions').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toDecision(row)
    },

    /** Newest first. */
    list: async ({ ref, waiting }: DecisionFilter, limit: number): Promise<StoredDecision[]> => {
      let query = reader.selectFrom('creditDecisions').selectAll()
      if (ref !== undefined) query = query.where('ref', '=', ref)
      if (waiting)
        query = query.where('id', 'in', (eb) =>
          eb.selectFrom('creditOverrides').select('decision').where('confirmedAt', 'is', null),
        )
      return (await query.orderBy('at', 'desc').orderBy('id').limit(limit).execute()).map(toDecision)
    },

    /** What people decided instead, oldest first. */
    overrides: async (decision: string): Promise<Override[]> =>
      (await overrides(reader, decision).execute()).map(toOverride),

    /** Propose another decision, in the place of one that still waits. */
    propose: async (
      tx: Tx,
      decision: string,
      proposal: Pick<Override, 'to' | 'at' | 'by' | 'reason'>,
    ): Promise<void> => {
      const known = await overrides(tx, decision).execute()
      const number = 1 + known.filter(({ confirmedAt }) => confirmedAt !== null).length
      const open = { confirmedAt: null, confirmedBy: null, confirmedReason: null }
      await tx
        .replaceInto('creditOverrides')
        .values({ decision, number, ...proposal, ...open })
        .execute()
    },

    /** @returns false if this proposal waits no more: it was confirmed, or another stands in its place. */
    confirm: async (
      tx: Tx,
      decision: string,
      { number, at, by }: Override,
      confirmed: { readonly confirmedAt: string; readonly confirmedBy: string; readonly confirmedReason: string },
    ): Promise<boolean> => {
      const waiting = tx.updateTable('creditOverrides').set(confirmed).where('decision', '=', decision)
      const same = waiting.where('number', '=', number).where('at', '=', at).where('by', '=', by)
      return (await same.where('confirmedAt', 'is', null).executeTakeFirstOrThrow()).numUpdatedRows > 0n
    },
  }
}

const toDecision = ({ ref, ...row }: Selectable<CreditDecisionsTable>): StoredDecision => ({
  ...row,
  ...present({ ref }),
})

function toOverride(row: Selectable<CreditOverridesTable>): Override {
  const { number, to, at, by, reason, confirmedAt, confirmedBy, confirmedReason } = row
  return { number, to, at, by, reason, ...present({ confirmedAt, confirmedBy, confirmedReason }) }
}
