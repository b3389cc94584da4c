import type { Citation, Completed } from '../protocol/events.ts'
import type { Database } from './database.ts'

/** An answer that quotes a certain version of a document. */
export interface CitingAnswer {
  readonly conv: string
  readonly mid: string
  /** When it was stored, ISO time in UTC. */
  readonly at: string
  readonly kind: Completed['kind']
  /** What was quoted of that version. */
  readonly quotes: readonly Pick<Citation, 'quote' | 'spans'>[]
}

const pageSize = 500

/** Answers by what they cite; the log writes the table that this reads (event-log.ts). */
export function createCited({ reader }: Database) {
  const citing = (doc: string, ver: number) =>
    reader.selectFrom('cited').where('cited.doc', '=', doc).where('cited.ver', '=', ver)

  return {
    /** How many answers, in how many conversations. */
    count: async (doc: string, ver: number): Promise<{ answers: number; conversations: number }> => {
      const row = await citing(doc, ver)
        .select(({ fn }) => [
          fn.countAll<number>().as('answers'),
          fn.count<number>('cited.conv').distinct().as('conversations'),
        ])
        .executeTakeFirstOrThrow()
      return { answers: Number(row.answers), conversations: Number(row.conversations) }
    },

    /** Every answer that quotes this version, conversation by conversation, in the order of the log; read in pages. */
    answers: async function* (doc: string, ver: number): AsyncGenerator<CitingAnswer, void, undefined> {
      const page = citing(doc, ver)
        .innerJoin('events', (join) =>
          join.onRef('events.conv', '=', 'cited.conv').onRef('events.seq', '=', 'cited.seq'),
        )
        .select(['cited.conv', 'cited.seq', 'events.at', 'events.content'])
        .orderBy('cited.conv')
        .orderBy('cited.seq')
        .limit(pageSize)
      for (let [conv, seq] = ['', 0]; ; ) {
        const rows = await page
          .where(({ eb, refTuple, tuple }) => eb(refTuple('cited.conv', 'cited.seq'), '>', tuple(conv, seq)))
          .execute()
        yield* rows.map((row) => answerOf(row, doc, ver))
        const last = rows.at(-1)
        if (rows.length < pageSize || !last) return
        ;[conv, seq] = [last.conv, last.seq]
      }
    },
  }
}

interface CitingRow {
  readonly conv: string
  readonly at: string
  readonly content: string
}

function answerOf({ conv, at, content }: CitingRow, doc: string, ver: number): CitingAnswer {
  const { mid, kind, cites } = JSON.parse(content) as Completed // only what completes an answer is noted as citing
  const quotes = cites.filter((cite) => cite.doc === doc && cite.ver === ver)
  return { conv, mid, at, kind, quotes: quotes.map(({ quote, spans }) => ({ quote, spans })) }
}
