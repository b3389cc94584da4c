import type { Selectable } from 'kysely'
import { addDays } from '../text/calendar.ts'
import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { ModelFiguresTable } from './schema-monitor.ts'
import type { IsoDate, Tx } from './types.ts'

/** One thing that was counted of a version, see the table. */
export type ModelCount = Omit<Selectable<ModelFiguresTable>, 'hour'>
/** Counts of a day, UTC. */
export type CountOfDay = ModelCount & { readonly day: IsoDate }

/** When a version was asked first and last; days in UTC. */
export interface VersionSpan {
  readonly service: string
  readonly version: number
  readonly first: IsoDate
  readonly last: IsoDate
}

// One statement for all counts of an answer: it is part of every turn.
const addCounts = prepared(
  (
    tx,
    hour: string,
    services: readonly string[],
    versions: readonly number[],
    figures: readonly ModelCount['figure'][],
    buckets: readonly string[],
    counts: readonly number[],
    sums: readonly number[],
  ) =>
    tx
      .insertInto('modelFigures')
      .values(
        services.map((service, i) => ({
          ...{ service, hour, version: versions[i]!, figure: figures[i]!, bucket: buckets[i]! },
          ...{ count: counts[i]!, sum: sums[i]! },
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['service', 'version', 'hour', 'figure', 'bucket']).doUpdateSet((old) => ({
          count: old('modelFigures.count', '+', old.ref('excluded.count')),
          sum: old('modelFigures.sum', '+', old.ref('excluded.sum')),
        })),
      ),
)

export type ModelFigures = ReturnType<typeof createModelFigures>

/** What live models said, summed by version and hour. Nothing of the texts. */
export function createModelFigures({ reader }: Database) {
  const spans = async (): Promise<VersionSpan[]> => {
    const rows = await reader
      .selectFrom('modelFigures')
      .select(({ fn }) => ['service', 'version', fn.min('hour').as('first'), fn.max('hour').as('last')])
      .groupBy(['service', 'version'])
      .orderBy('service')
      .orderBy('version')
      .execute()
    return rows.map(({ first, last, ...version }) => ({ ...version, first: dayOf(first), last: dayOf(last) }))
  }

  return {
    spans,

    /** Add to what is there of that hour. @param at ISO time, UTC. */
    add: async (tx: Tx, at: string, counts: readonly ModelCount[]): Promise<void> => {
      if (counts.length === 0) return
      await addCounts(
        ...([tx, at.slice(0, '2026-11-22T09'.length)] as const),
        counts.map(({ service }) => service),
        counts.map(({ version }) => version),
        counts.map(({ figure }) => figure),
        counts.map(({ bucket }) => bucket),
        counts.map(({ count }) => count),
        counts.map(({ sum }) => sum),
      )
    },

    /** Counts of a version by day, oldest first; `from` and `until` are included. */
    days: async (service: string, version: number, from: IsoDate, until: IsoDate): Promise<CountOfDay[]> => {
      const rows = await reader
        .selectFrom('modelFigures')
        .where('service', '=', service)
        .where('version', '=', version)
        .where('hour', '>=', from)
        .where('hour', '<', addDays(until, 1))
        .select(({ fn, val }) => [
          ...(['service', 'version', 'figure', 'bucket'] as const),
          fn<string>('substr', ['hour', val(1), val(10)]).as('day'),
          fn.sum<number>('count').as('count'),
          fn.sum<number>('sum').as('sum'),
        ])
        .groupBy(['service', 'version', 'day', 'figure', 'bucket'])
        .orderBy('day')
        .execute()
      return rows
    },

    /**
     * Drop what is of days before `before`, but for the first `kept` days of versions that were asked since: others are
     * compared with these. @returns how many rows.
     */
    prune: async (tx: Tx, before: IsoDate, kept: number): Promise<number> => {
      let dropped = 0
      for (const { service, version, first, last } of await spans()) {
        const from = last < before ? '' : addDays(first, kept)
        const { numDeletedRows } = await tx
          .deleteFrom('modelFigures')
          .where('service', '=', service)
          .where('version', '=', version)
          .where('hour', '>=', from)
          .where('hour', '<', before)
          .executeTakeFirstOrThrow()
        dropped += Number(numDeletedRows)
      }
      return dropped
    },
  }
}

const dayOf = (hour: string): IsoDate => hour.slice(0, '2026-11-22'.length)
