import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import type { JobKind, JobState } from './kinds.ts'
import { present } from './rows.ts'
import type { Schema } from './schema.ts'
import type { Tx } from './types.ts'

/** An order that goes on after its request was answered. */
export interface StoredJob {
  readonly id: string
  readonly kind: JobKind
  readonly state: JobState
  /** Who gave it, as the audit log names them. */
  readonly actor: string
  readonly at: string
  readonly finishedAt?: string
  /** What came of it, as JSON. */
  readonly outcome?: string
}

export type Jobs = ReturnType<typeof createJobs>

/** Jobs and what came of them. */
export function createJobs({ reader }: Database) {
  return {
    add: async (tx: Tx, job: StoredJob): Promise<void> => {
      await tx
        .insertInto('jobs')
        .values({ ...job, finishedAt: job.finishedAt ?? null, outcome: job.outcome ?? null })
        .execute()
    },

    change: async (
      tx: Tx,
      id: string,
      change: Pick<StoredJob, 'state'> & Partial<Pick<StoredJob, 'finishedAt' | 'outcome'>>,
    ): Promise<void> => {
      await tx.updateTable('jobs').set(change).where('id', '=', id).execute()
    },

    /** Jobs that a stopped process has left, and those finished before a time. The former fail, the latter are forgotten. */
    tidy: async (tx: Tx, at: string, outcome: string, before: string): Promise<void> => {
      const failed = { state: 'failed', finishedAt: at, outcome } as const
      await tx.updateTable('jobs').set(failed).where('state', 'in', ['waiting', 'running']).execute()
      await tx.deleteFrom('jobs').where('finishedAt', '<', before).execute()
    },

    find: async (id: string): Promise<StoredJob | undefined> => {
      const row = await reader.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toJob(row)
    },
  }
}

function toJob({ finishedAt, outcome, ...row }: Selectable<Schema['jobs']>): StoredJob {
  return { ...row, ...present({ finishedAt, outcome }) }
}
