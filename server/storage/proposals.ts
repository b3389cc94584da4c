import type { Database } from './database.ts'
import { present } from './rows.ts'
import type { Tx } from './types.ts'

/** A change that takes effect when somebody else confirms it. */
export interface Proposal {
  /** The document that is to go, or {@link catalogueSubject}. */
  readonly subject: string
  /** The version that was current when its removal was asked for. */
  readonly ver?: number
  /** The products that are to be the catalogue, as JSON. */
  readonly content?: string
  readonly by: string
  readonly reason?: string
  readonly at: string
}

/** No document's id, as these have a slash. */
export const catalogueSubject = 'catalogue'

export type Proposals = ReturnType<typeof createProposals>

/** Changes that wait for a second person, one a document; drafts of versions are kept with the versions. */
export function createProposals({ reader }: Database) {
  return {
    find: async (subject: string): Promise<Proposal | undefined> => {
      const row = await reader.selectFrom('proposals').selectAll().where('subject', '=', subject).executeTakeFirst()
      return row && { ...present(row), subject, by: row.by, at: row.at }
    },

    /** By subject, without their content. */
    list: async (): Promise<Omit<Proposal, 'content'>[]> => {
      const columns = ['subject', 'ver', 'by', 'reason', 'at'] as const
      const rows = await reader.selectFrom('proposals').select(columns).orderBy('subject').execute()
      return rows.map((row) => ({ ...present(row), subject: row.subject, by: row.by, at: row.at }))
    },

    /** In place of what was proposed of the same subject before. */
    put: async (tx: Tx, proposal: Omit<Proposal, 'at'>, at: string = new Date().toISOString()): Promise<void> => {
      const { subject, ver = null, content = null, by, reason = null } = proposal
      await tx.replaceInto('proposals').values({ subject, ver, content, by, reason, at }).execute()
    },

    /** @returns false if it waits no more: somebody else was quicker. */
    drop: async (tx: Tx, subject: string): Promise<boolean> => {
      const { numDeletedRows } = await tx
        .deleteFrom('proposals')
        .where('subject', '=', subject)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }
}
