import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import { slices } from './rows.ts'
import type { LateLabelsTable } from './schema-monitor.ts'
import type { Tx } from './types.ts'

/** What a model said of a message, and the label that came later. */
export type LateLabel = Omit<Selectable<LateLabelsTable>, 'abstained'> & {
  /** Out of scope. */
  readonly abstained: boolean
}
export type LateLabels = ReturnType<typeof createLateLabels>

/** Rows a statement. */
const batch = 100

/** Labels that people or time have told of answered messages, one a message and service. */
export function createLateLabels({ reader }: Database) {
  return {
    /** Keep labels, each in the place of an earlier one of its message. */
    save: async (tx: Tx, labels: readonly LateLabel[]): Promise<void> => {
      for (const slice of slices(labels, batch))
        await tx
          .insertInto('lateLabels')
          .values(slice.map(({ abstained, ...label }) => ({ ...label, abstained: Number(abstained) })))
          .onConflict((conflict) =>
            conflict.columns(['service', 'mid']).doUpdateSet((old) => ({ label: old.ref('excluded.label') })),
          )
          .execute()
    },

    /** The labels that there are of these answers, by their ids. */
    of: async (service: string, mids: readonly string[]): Promise<Map<string, string>> => {
      const known = new Map<string, string>()
      for (const slice of slices(mids, batch)) {
        const rows = reader.selectFrom('lateLabels').select(['mid', 'label']).where('service', '=', service)
        for (const { mid, label } of await rows.where('mid', 'in', slice).execute()) known.set(mid, label)
      }
      return known
    },

    /** The last `limit` of a service by the time of their answers, oldest first. */
    list: async (service: string, limit: number): Promise<LateLabel[]> => {
      const rows = reader.selectFrom('lateLabels').selectAll().where('service', '=', service)
      const found = await rows.orderBy('at', 'desc').orderBy('mid', 'desc').limit(limit).execute()
      return found.reverse().map(({ abstained, ...label }) => ({ ...label, abstained: abstained === 1 }))
    },
  }
}
