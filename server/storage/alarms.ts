import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import type { AlarmsTable } from './schema-monitor.ts'
import type { Tx } from './types.ts'

/** An alarm that is raised: a figure of a version, and the day (UTC) whose window raised it. */
export type Alarm = Selectable<AlarmsTable>
export type Alarms = ReturnType<typeof createAlarms>

/** Alarms that are raised, so that each is told once, also after a restart. */
export function createAlarms({ reader }: Database) {
  return {
    list: (): Promise<Alarm[]> => reader.selectFrom('alarms').selectAll().execute(),

    raise: async (tx: Tx, alarm: Alarm): Promise<void> => {
      await tx.insertInto('alarms').values(alarm).execute()
    },

    clear: async (tx: Tx, { service, version, figure }: Alarm): Promise<void> => {
      const found = tx.deleteFrom('alarms').where('service', '=', service).where('version', '=', version)
      await found.where('figure', '=', figure).execute()
    },
  }
}
