/** What may be done over HTTP. A key's scopes are some of these. */
export const permissions = [
  'documents:read',
  'documents:write',
  'documents:publish',
  'audit:read',
  'models:infer',
  'cases:read',
  'cases:close',
  'credit:read',
  'credit:override',
  'desk:work',
  'desk:lead',
] as const
export type Permission = (typeof permissions)[number]

export const roles = ['agent', 'supervisor', 'knowledge', 'model', 'compliance', 'admin'] as const
export type Role = (typeof roles)[number]

/** What each role may; `models:infer` is for programs alone. An administrator hands out access and reads the log, but writes no documents: that is another's duty. */
const granted: Readonly<Record<Role, readonly Permission[]>> = {
  agent: ['documents:read', 'cases:read', 'cases:close', 'credit:read', 'desk:work'],
  supervisor: [
    ...(['documents:read', 'cases:read', 'cases:close', 'credit:read', 'credit:override'] as const),
    ...(['desk:work', 'desk:lead'] as const),
  ],
  knowledge: ['documents:read', 'documents:write', 'documents:publish'],
  model: ['documents:read'],
  compliance: [
    ...(['documents:read', 'documents:publish', 'audit:read', 'cases:read', 'cases:close'] as const),
    ...(['credit:read', 'credit:override'] as const),
  ],
  admin: ['documents:read', 'audit:read'],
}

const isRole = (name: string): name is Role => Object.hasOwn(granted, name)

/** All that one of the roles may. A role that this release does not know grants nothing. */
export const permissionsOf = (names: readonly string[]): ReadonlySet<Permission> =>
  new Set(names.filter(isRole).flatMap((role) => granted[role]))

const isPermission = (name: string): name is Permission => permissions.some((known) => known === name)

/** A key's scopes as permissions. One that this release does not know grants nothing. */
export const scopesOf = (names: readonly string[]): ReadonlySet<Permission> => new Set(names.filter(isPermission))

/** Who makes a request, and what they may. */
export interface Principal {
  /** As the audit log names them: `user:NAME` or `key:ID`. */
  readonly actor: string
  readonly permissions: ReadonlySet<Permission>
  /** Name of the user whose session this is; absent for a key. */
  readonly user?: string
  /** Most texts for models in a day (UTC), of a key that has a bound. */
  readonly textsPerDay?: number
}
