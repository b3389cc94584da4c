import { mintSecret } from '../protocol/ids.ts'
import { hashSecret } from '../storage/conversations.ts'
import type { AccessParts, RightsWatch } from './parts.ts'
import { passwordMatches } from './passwords.ts'
import { type Permission, type Principal, permissionsOf } from './permissions.ts'

/** Without a request for so long, a session ends. */
const idleMs = 1_800_000
/** However busy, a session ends after a working day. */
const wholeMs = 43_200_000
/** A session's last use is written down this often: a commit per request would be too many. */
const seenEveryMs = 60_000

/** A session that was just opened. */
export interface SignedIn {
  /** For the cookie; stored as its SHA-256 only. */
  readonly token: string
  readonly name: string
  readonly roles: readonly string[]
  readonly permissions: readonly Permission[]
  /** ISO 8601: at the latest. */
  readonly expiresAt: string
}

/** Sessions of users who signed in with their password. */
export function createSessions({ units, users, audit, now, changed }: AccessParts & RightsWatch) {
  const ago = (ms: number): string => new Date(now().getTime() - ms).toISOString()

  /** The session of a token, if it and its user are still good. */
  async function live(token: string) {
    const session = await users.session(hashSecret(token))
    if (!session || session.seenAt < ago(idleMs) || session.createdAt < ago(wholeMs)) return undefined
    const user = await users.find(session.user)
    return user && user.disabledAt === undefined ? { session, user } : undefined
  }

  return {
    /** @returns undefined for a wrong name or password or a disabled user, in the same time. @throws {BusyError} */
    signIn: async (name: string, password: string): Promise<SignedIn | undefined> => {
      const user = await users.find(name)
      const isActive = user !== undefined && user.disabledAt === undefined
      if (!(await passwordMatches(password, user?.passwordHash)) || !isActive) return undefined
      const [token, at] = [mintSecret(), now()]
      const createdAt = at.toISOString()
      await units.run(async (tx) => {
        await users.pruneSessions(tx, { seen: ago(idleMs), created: ago(wholeMs) })
        await users.openSession(tx, { hash: hashSecret(token), user: name, createdAt, seenAt: createdAt })
        await audit.append(tx, [{ actor: `user:${name}`, action: 'sessions.open', subject: name }], createdAt)
      })
      const expiresAt = new Date(at.getTime() + wholeMs).toISOString()
      return { token, name, roles: user.roles, permissions: [...permissionsOf(user.roles)], expiresAt }
    },

    /** Nothing happens if there is no such session. */
    signOut: async (token: string): Promise<void> => {
      const found = await live(token)
      if (!found) return
      const { session, user } = found
      await units.run(async (tx) => {
        await users.closeSession(tx, session.hash)
        const entry = { actor: `user:${user.name}`, action: 'sessions.close', subject: user.name }
        await audit.append(tx, [entry], now().toISOString())
      })
      changed(user.name)
    },

    /**
     * Whose session this is, with the roles that they have now; undefined if it has ended.
     * @param isUse false: looked up by a program, which does not keep the session from ending.
     */
    principal: async (token: string, isUse = true): Promise<Principal | undefined> => {
      const found = await live(token)
      if (!found) return undefined
      const { session, user } = found
      if (isUse && session.seenAt < ago(seenEveryMs))
        await units.run((tx) => users.seen(tx, session.hash, now().toISOString()))
      return { actor: `user:${user.name}`, user: user.name, permissions: permissionsOf(user.roles) }
    },
  }
}
