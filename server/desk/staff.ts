import { type Permission, permissionsOf } from '../access/permissions.ts'
import type { StoredUser, Users } from '../storage/users.ts'

/** A member of staff at the desk. */
export interface Staff {
  /** User name. */
  readonly id: string
  /** As customers see them. */
  readonly name: string
  readonly permissions: ReadonlySet<Permission>
}

export const mayWork = ({ permissions }: Staff): boolean => permissions.has('desk:work')
/** May act on what others have. */
export const mayLead = ({ permissions }: Staff): boolean => permissions.has('desk:lead')

const staffOf = ({ name, shownAs, roles }: StoredUser): Staff => ({
  id: name,
  name: shownAs ?? name,
  permissions: permissionsOf(roles),
})

/** Names may be as old as this, milliseconds: a list of fifty conversations reads them once. */
const freshMs = 1_000

/** Staff as they are stored now. @param clock monotonic, milliseconds. */
export function createStaff(users: Pick<Users, 'find' | 'list'>, clock: () => number) {
  let read: { readonly at: number; readonly names: Promise<ReadonlyMap<string, string>> } | undefined
  return {
    /** @returns undefined for nobody, and for a user who is disabled. */
    find: async (id: string): Promise<Staff | undefined> => {
      const user = await users.find(id)
      return user && user.disabledAt === undefined ? staffOf(user) : undefined
    },
    /** Names that customers see, by user name; of users who are disabled too. */
    names(): Promise<ReadonlyMap<string, string>> {
      const at = clock()
      if (!read || at - read.at > freshMs) {
        const names = users.list().then((all) => new Map(all.map(({ name, shownAs }) => [name, shownAs ?? name])))
        read = { at, names }
        names.catch(() => {
          read = undefined
        })
      }
      return read.names
    },
  }
}
export type StaffList = ReturnType<typeof createStaff>
