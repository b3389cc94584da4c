import { createAccess } from '../../../server/access/access.ts'
import { createAudit } from '../../../server/storage/audit.ts'
import { createKeys } from '../../../server/storage/keys.ts'
import { createUsers } from '../../../server/storage/users.ts'
import { openStore } from '../storage/support.ts'

export const by = { actor: 'local:ada', reason: 'first day' }
export const password = 'correct horse battery'

/** Access over a real store, and a clock that only `pass` moves. */
export async function openAccess() {
  const { db, units } = await openStore()
  let time = Date.parse('2026-11-22T09:00:00.000Z')
  const parts = { units, users: createUsers(db), keys: createKeys(db), audit: createAudit(db) }
  const access = createAccess({ ...parts, now: () => new Date(time) })
  const pass = (minutes: number): void => {
    time += minutes * 60_000
  }
  return { ...access, store: parts, pass }
}
