import { type Selectable, sql } from 'kysely'
import { terms } from '../text/terms.ts'
import type { Database } from './database.ts'
import { present } from './rows.ts'
import type { SummariesTable } from './schema-history.ts'
import type { Tx } from './types.ts'

/** What became of a conversation. */
export type Summary = SummariesTable

export interface HistoryFilter {
  /** Words that one message holds all of. */
  readonly q?: string | undefined
  readonly intent?: string | undefined
  readonly agent?: string | undefined
  /** Why it was handed over; `none`: it was not. */
  readonly reason?: string | undefined
  /** Begun on these days or between, ISO days in UTC. */
  readonly from?: string | undefined
  readonly until?: string | undefined
}

/** Where the next page begins: behind the last of the page before. */
export interface HistoryCursor {
  readonly startedAt: string
  readonly conv: string
}

const maxTerms = 12
const insertedTerms = 400

export type History = ReturnType<typeof createHistoryTable>

/** Looking back: what became of conversations, and what was said in them. */
export function createHistoryTable({ reader }: Database) {
  return {
    ...createNoting(),

    /** Conversations that have events which were not noted yet. */
    toBeNoted: (limit: number): Promise<{ id: string; noted: number }[]> =>
      reader
        .selectFrom('conversations')
        .select(['id', 'noted'])
        .where(sql<boolean>`head > noted`)
        .limit(limit)
        .execute(),

    /** The latest begun first, a page of them. */
    list: async (filter: HistoryFilter, limit: number, after?: HistoryCursor) => {
      let query = reader.selectFrom('summaries').selectAll().orderBy('startedAt', 'desc').orderBy('conv', 'desc')
      if (after)
        query = query.where(sql<boolean>`(summaries.startedAt, summaries.conv) < (${after.startedAt}, ${after.conv})`)
      const { q, intent, agent, reason, from, until } = filter
      if (agent !== undefined) query = query.where('agent', '=', agent)
      if (reason === 'none') query = query.where('queuedAt', 'is', null)
      else if (reason !== undefined) query = query.where('reason', '=', reason)
      if (from !== undefined) query = query.where('startedAt', '>=', from)
      if (until !== undefined) query = query.where('startedAt', '<', `${until}T24`)
      if (intent !== undefined)
        query = query.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('summaryIntents')
              .select('intent')
              .whereRef('summaryIntents.conv', '=', 'summaries.conv')
              .where('intent', '=', intent),
          ),
        )
      const words = [...new Set(terms(q ?? ''))].slice(0, maxTerms)
      if (words.length > 0) query = query.where(sql<boolean>`summaries.conv in (${spokenIn(words)})`)
      return (await query.limit(limit).execute()).map(toSummary)
    },

    /** All that began on these days (UTC) or between, in no order. */
    between: async (from: string, until: string): Promise<Summary[]> =>
      reader
        .selectFrom('summaries')
        .selectAll()
        .where('startedAt', '>=', from)
        .where('startedAt', '<', `${until}T24`)
        .execute(),

    /** How often each intent was read in conversations of these days (UTC), the most frequent first. */
    intents: (from: string, until: string, limit: number): Promise<{ intent: string; count: number }[]> =>
      reader
        .selectFrom('summaryIntents')
        .innerJoin('summaries', 'summaries.conv', 'summaryIntents.conv')
        .where('startedAt', '>=', from)
        .where('startedAt', '<', `${until}T24`)
        .groupBy('intent')
        .select(({ fn }) => ['intent', fn.countAll<number>().as('count')])
        .orderBy('count', 'desc')
        .orderBy('intent')
        .limit(limit)
        .execute(),
  }
}

/** Conversations with a message that holds all of the terms. */
const spokenIn = (words: readonly string[]) => {
  const [first, ...rest] = words
  const all = rest.map((term) => sql`and exists (select 1 from spokenTerms o where o.term = ${term} and o.id = s.id)`)
  return sql`select spoken.conv from spokenTerms s join spoken on spoken.id = s.id where s.term = ${first} ${sql.join(all, sql` `)}`
}

const toSummary = ({
  said,
  closedAt,
  reason,
  queuedAt,
  claimedAt,
  repliedAt,
  agent,
  rating,
  ...row
}: Selectable<SummariesTable>) => ({
  ...row,
  ...present({ said, closedAt, reason, queuedAt, claimedAt, repliedAt, agent, rating }),
})

function createNoting() {
  return {
    summary: (tx: Tx, conv: string): Promise<Summary | undefined> =>
      tx.selectFrom('summaries').selectAll().where('conv', '=', conv).executeTakeFirst(),

    /** Keep what a conversation's next events made of it, up to the event `head`. */
    note: async (
      tx: Tx,
      summary: Summary,
      intents: readonly string[],
      said: readonly { readonly seq: number; readonly text: string }[],
      head: number,
    ): Promise<void> => {
      await tx.replaceInto('summaries').values(summary).execute()
      const { conv } = summary
      for (const intent of intents)
        await tx
          .insertInto('summaryIntents')
          .values({ conv, intent })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      for (const { seq, text } of said) {
        const found = [...new Set(terms(text))].slice(0, insertedTerms)
        if (found.length === 0) continue
        const { id } = await tx.insertInto('spoken').values({ conv, seq }).returning('id').executeTakeFirstOrThrow()
        await tx
          .insertInto('spokenTerms')
          .values(found.map((term) => ({ term, id })))
          .execute()
      }
      await tx.updateTable('conversations').set({ noted: head }).where('id', '=', conv).execute()
    },
  }
}
