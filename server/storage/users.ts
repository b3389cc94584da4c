import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import { present } from './rows.ts'
import type { Schema } from './schema.ts'
import type { Tx } from './types.ts'

/** A user as stored; what the roles mean stands in access/. */
export interface StoredUser {
  readonly name: string
  readonly roles: readonly string[]
  readonly passwordHash: string
  readonly createdAt: string
  readonly disabledAt?: string
  /** Name that customers see, where it is not `name`. */
  readonly shownAs?: string
}

export interface StoredSession {
  /** SHA-256 of the token, hexadecimal. */
  readonly hash: string
  readonly user: string
  readonly createdAt: string
  readonly seenAt: string
}

export type Users = ReturnType<typeof createUsers>

/** Users and their sessions. */
export function createUsers({ reader }: Database) {
  return {
    ...createUserWrites(),

    /** By name. */
    list: async (): Promise<StoredUser[]> =>
      (await reader.selectFrom('users').selectAll().orderBy('name').execute()).map(toUser),

    find: async (name: string): Promise<StoredUser | undefined> => {
      const row = await reader.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst()
      return row && toUser(row)
    },

    session: (hash: string): Promise<StoredSession | undefined> =>
      reader.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst(),
  }
}

function createUserWrites() {
  return {
    /** @returns false if there is a user of this name. */
    add: async (tx: Tx, { roles, ...user }: StoredUser): Promise<boolean> => {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('users')
        .values({
          ...user,
          roles: JSON.stringify(roles),
          disabledAt: user.disabledAt ?? null,
          shownAs: user.shownAs ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },

    /** @returns false if there is no such user. */
    change: async (
      tx: Tx,
      name: string,
      { roles, ...more }: Partial<Pick<StoredUser, 'roles' | 'passwordHash' | 'disabledAt' | 'shownAs'>>,
    ): Promise<boolean> => {
      const { numUpdatedRows } = await tx
        .updateTable('users')
        .set({ ...more, ...(roles && { roles: JSON.stringify(roles) }) })
        .where('name', '=', name)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    openSession: async (tx: Tx, session: StoredSession): Promise<void> => {
      await tx.insertInto('sessions').values(session).execute()
    },

    seen: async (tx: Tx, hash: string, at: string): Promise<void> => {
      await tx.updateTable('sessions').set({ seenAt: at }).where('hash', '=', hash).execute()
    },

    closeSession: async (tx: Tx, hash: string): Promise<void> => {
      await tx.deleteFrom('sessions').where('hash', '=', hash).execute()
    },

    closeSessionsOf: async (tx: Tx, user: string): Promise<void> => {
      await tx.deleteFrom('sessions').where('user', '=', user).execute()
    },

    /** Forget sessions last seen, or opened, before these times. */
    pruneSessions: async (tx: Tx, { seen, created }: { seen: string; created: string }): Promise<void> => {
      await tx
        .deleteFrom('sessions')
        .where((eb) => eb.or([eb('seenAt', '<', seen), eb('createdAt', '<', created)]))
        .execute()
    },
  }
}

function toUser({ roles, disabledAt, shownAs, ...row }: Selectable<Schema['users']>): StoredUser {
  // Only `add` and `change` write the list.
  return { ...row, roles: JSON.parse(roles) as string[], ...present({ disabledAt, shownAs }) }
}
