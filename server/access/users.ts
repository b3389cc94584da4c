import { NotFoundError, UsageError } from '../errors.ts'
import type { AuditEntry } from '../storage/audit.ts'
import type { StoredUser } from '../storage/users.ts'
import type { AccessParts, Change, RightsWatch } from './parts.ts'
import { assertPassword, hashPassword } from './passwords.ts'
import { type Role, roles } from './permissions.ts'

/** A user as others may see it. */
export type User = Omit<StoredUser, 'passwordHash'>

/** Small letters, so that no two users differ in what cannot be seen. */
const nameRule = /^[a-z0-9][a-z0-9._@-]{0,63}$/

/** Local users. Each change is in the audit log with who made it and why. */
export function createUserAccess({ units, users, audit, now, changed }: AccessParts & RightsWatch) {
  /** Change a user that exists and write down who did so. @throws {NotFoundError} */
  async function change(
    name: string,
    fields: Parameters<typeof users.change>[2],
    entry: Omit<AuditEntry, 'subject'>,
  ): Promise<void> {
    await units.run(async (tx) => {
      if (!(await users.change(tx, name, fields))) throw new NotFoundError(`there is no user ${name}`)
      // Whoever holds a session has the rights of before.
      await users.closeSessionsOf(tx, name)
      await audit.append(tx, [{ ...entry, subject: name }], now().toISOString())
    })
    changed(name)
  }

  return {
    list: async (): Promise<User[]> => (await users.list()).map(({ passwordHash: _, ...user }) => user),

    /** @throws {UsageError} if name, roles or password are not allowed, or the name is taken. */
    add: async (
      name: string,
      given: readonly string[],
      password: string,
      by: Change,
      shownAs?: string,
    ): Promise<User> => {
      if (!nameRule.test(name))
        throw new UsageError(
          'a user name has 1 to 64 small letters, digits and . _ @ -, and begins with one of the former',
        )
      const held = assertRoles(given)
      assertPassword(password)
      const user: StoredUser = {
        ...{ name, roles: held, passwordHash: await hashPassword(password), createdAt: now().toISOString() },
        ...(shownAs !== undefined && { shownAs }),
      }
      await units.run(async (tx) => {
        if (!(await users.add(tx, user))) throw new UsageError(`there is a user ${name} already`)
        const entry = { ...by, action: 'users.add', subject: name, detail: `roles ${held.join(' ')}` }
        await audit.append(tx, [entry], user.createdAt)
      })
      const { passwordHash: _, ...shown } = user
      return shown
    },

    /** @throws {UsageError} for a role that there is not; {NotFoundError} */
    setRoles: async (name: string, given: readonly string[], by: Change): Promise<void> => {
      const held = assertRoles(given)
      await change(name, { roles: held }, { ...by, action: 'users.roles', detail: `roles ${held.join(' ')}` })
    },

    /** @throws {UsageError} if the password is not allowed; {NotFoundError} */
    setPassword: async (name: string, password: string, by: Change): Promise<void> => {
      assertPassword(password)
      await change(name, { passwordHash: await hashPassword(password) }, { ...by, action: 'users.password' })
    },

    /** The name that customers see, from the next sign-in on. @throws {NotFoundError} */
    setShownAs: (name: string, shownAs: string, by: Change): Promise<void> =>
      change(name, { shownAs }, { ...by, action: 'users.shown_as', detail: shownAs }),

    /** No more sign-ins, and no sessions left. @throws {NotFoundError} */
    disable: (name: string, by: Change): Promise<void> =>
      change(name, { disabledAt: now().toISOString() }, { ...by, action: 'users.disable' }),
  }
}

function assertRoles(given: readonly string[]): Role[] {
  const unknown = given.find((name) => !roles.some((role) => role === name))
  if (unknown !== undefined || given.length === 0)
    throw new UsageError(
      `roles have to be some of ${roles.join(', ')}${unknown === undefined ? '' : `, not "${unknown}"`}`,
    )
  return roles.filter((role) => given.includes(role))
}
