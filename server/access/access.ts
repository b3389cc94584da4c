import { createKeyAccess } from './keys.ts'
import type { AccessParts } from './parts.ts'
import { createSessions } from './sessions.ts'
import { createUserAccess } from './users.ts'

/** Who may do what: users with their sessions, and API keys. */
export function createAccess(parts: AccessParts) {
  const listeners = new Set<(user: string) => void>()
  const changed = (user: string): void => {
    for (const listener of listeners) listener(user)
  }
  return {
    users: createUserAccess({ ...parts, changed }),
    keys: createKeyAccess(parts),
    sessions: createSessions({ ...parts, changed }),
    /** Hears whose rights or sessions were changed, after the commit. @returns the function that ends it. */
    onChange(listener: (user: string) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
