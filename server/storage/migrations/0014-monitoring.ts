import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** What live models say, as sums by the hour; alarms over these; and labels that come later. */
export async function monitoring(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('modelFigures')
    .addColumn('service', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('hour', 'text', (c) => c.notNull())
    .addColumn('figure', 'text', (c) => c.notNull())
    .addColumn('bucket', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('sum', 'real', (c) => c.notNull())
    .addPrimaryKeyConstraint('modelFiguresOfHour', ['service', 'version', 'hour', 'figure', 'bucket'])
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('alarms')
    .addColumn('service', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('figure', 'text', (c) => c.notNull())
    .addColumn('since', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('alarmOfFigure', ['service', 'version', 'figure'])
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('lateLabels')
    .addColumn('service', 'text', (c) => c.notNull())
    .addColumn('mid', 'text', (c) => c.notNull())
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('top', 'text', (c) => c.notNull())
    .addColumn('confidence', 'real', (c) => c.notNull())
    .addColumn('abstained', 'integer', (c) => c.notNull())
    .addColumn('label', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('lateLabelOfAnswer', ['service', 'mid'])
    .modifyEnd(ddl.clustered)
    .execute()
}
