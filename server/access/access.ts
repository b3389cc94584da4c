import { createKeyAccess } from './keys.ts'
import type { AccessParts } from './parts.ts'
import { createSessions } from './sessions.ts'
import { createUserAccess } from './users.ts'

/** Who may do what: users with their sessions, and API keys. */
export const createAccess = (parts: AccessParts) => ({
  users: createUserAccess(parts),
  keys: createKeyAccess(parts),
  sessions: createSessions(parts),
})
