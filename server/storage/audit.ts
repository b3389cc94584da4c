import { createHash } from 'node:crypto'
import type { Insertable, Selectable } from 'kysely'
import { CorruptError } from '../errors.ts'
import type { Database } from './database.ts'
import { present, slices } from './rows.ts'
import type { Schema } from './schema.ts'
import type { Tx } from './types.ts'

/** Who did what to what, and why. */
export interface AuditEntry {
  /** `user:NAME`, `key:ID`, or `local:NAME` for a command of this machine's user. */
  readonly actor: string
  /** Such as `documents.put`. */
  readonly action: string
  /** What it was done to: a document's version, a user, a key. */
  readonly subject: string
  readonly reason?: string
  readonly detail?: string
}

/** An entry as it stands in the log. */
export interface AuditRow extends AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number
  readonly at: string
  /** SHA-256 over the row's content and the hash of the row before, hexadecimal. */
  readonly hash: string
}

/** The last row of a log: whoever keeps it elsewhere can tell later that nothing before it was altered. */
export interface AuditHead {
  readonly seq: number
  readonly hash: string
}

export interface AuditFilter {
  readonly actor?: string | undefined
  readonly subject?: string | undefined
  readonly actions?: readonly string[]
  /** Only rows before this one. */
  readonly before?: number | undefined
}

/** What the first row follows. */
const noHash = '0'.repeat(64)
const pageSize = 1_000
/** Rows per INSERT. */
const batch = 200

type Row = Selectable<Schema['audit']>

export type Audit = ReturnType<typeof createAudit>

/**
 * The audit log: a chain of hashes (Haber and Stornetta 1991) that shows every row that was altered, removed or swapped by
 * whoever can write the file. Who cuts off its end, or writes all of it anew, is found by a head that was kept elsewhere.
 */
export function createAudit({ reader }: Database) {
  return {
    /** Add entries within the unit that does what they tell. */
    append: async (tx: Tx, entries: readonly AuditEntry[], at = new Date().toISOString()): Promise<void> => {
      if (entries.length === 0) return
      let last: AuditHead = (await newest(tx)) ?? { seq: 0, hash: noHash }
      const rows = entries.map((entry) => {
        const row = follow(last, entry, at)
        last = row
        return row
      })
      for (const slice of slices(rows, batch)) await tx.insertInto('audit').values(slice).execute()
    },

    /** Newest first. */
    list: async ({ actor, subject, actions, before }: AuditFilter, limit: number): Promise<AuditRow[]> => {
      let query = reader.selectFrom('audit').selectAll()
      if (actor !== undefined) query = query.where('actor', '=', actor)
      if (subject !== undefined) query = query.where('subject', '=', subject)
      if (actions !== undefined) query = query.where('action', 'in', actions)
      if (before !== undefined) query = query.where('seq', '<', before)
      return (await query.orderBy('seq', 'desc').limit(limit).execute()).map(toRow)
    },

    /**
     * Follow the chain from its start. @param kept a head that was written down earlier.
     * @returns the head; undefined for an empty log. @throws {CorruptError} naming the first row that does not fit.
     */
    verify: async (kept?: AuditHead): Promise<AuditHead | undefined> => {
      let last: AuditHead = { seq: 0, hash: noHash }
      const assertKept = (): void => {
        if (kept?.seq === last.seq && kept.hash !== last.hash) throw broken(last.seq, 'is not the row that was kept')
      }
      for (;;) {
        const page = await reader
          .selectFrom('audit')
          .selectAll()
          .where('seq', '>', last.seq)
          .orderBy('seq')
          .limit(pageSize)
          .execute()
        for (const row of page) {
          assertFollows(row, last)
          last = row
          assertKept()
        }
        if (page.length < pageSize) break
      }
      if (kept && kept.seq > last.seq) throw broken(kept.seq, 'was there once and is missing')
      return last.seq === 0 ? undefined : { seq: last.seq, hash: last.hash }
    },
  }
}

const newest = (db: Tx): Promise<AuditHead | undefined> =>
  db.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst()

function follow(last: AuditHead, entry: AuditEntry, at: string): Insertable<Schema['audit']> & AuditHead {
  const { actor, action, subject, reason = null, detail = null } = entry
  const content = { seq: last.seq + 1, at, actor, action, subject, reason, detail, previous: last.hash }
  return { ...content, hash: hashOf(content) }
}

/** A list and not an object, so that there is one way to write it. */
function hashOf({ seq, at, actor, action, subject, reason, detail, previous }: Omit<Row, 'hash'>): string {
  const content = JSON.stringify([seq, at, actor, action, subject, reason, detail, previous])
  return createHash('sha256').update(content).digest('hex')
}

function assertFollows(row: Row, last: AuditHead): void {
  if (row.seq !== last.seq + 1) throw broken(last.seq + 1, 'is missing')
  if (row.previous !== last.hash) throw broken(row.seq, 'does not follow the row before')
  if (row.hash !== hashOf(row)) throw broken(row.seq, 'was altered')
}

const broken = (seq: number, what: string): CorruptError =>
  new CorruptError(`the audit log is not what was written: row ${seq} ${what}`)

function toRow({ previous: _, reason, detail, ...row }: Row): AuditRow {
  return { ...row, ...present({ reason, detail }) }
}
