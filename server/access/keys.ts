import { NotFoundError, UsageError } from '../errors.ts'
import { mintSecret } from '../protocol/ids.ts'
import { hashSecret } from '../storage/conversations.ts'
import type { StoredKey } from '../storage/keys.ts'
import type { AccessParts, Change } from './parts.ts'
import { type Permission, type Principal, permissions, scopesOf } from './permissions.ts'

/** A key as others may see it. */
export type Key = Omit<StoredKey, 'hash'>

/** `bk_` and 256 random bits in base64url: code scanners find a key that was published by mistake. */
const keyForm = /^bk_[\w-]{43}$/
/** Characters of a key that name it: 48 of its random bits. */
const idLength = 11
const dayMs = 86_400_000
const maxDays = 3_650
const mostTexts = 1_000_000_000
/** What only a person does: a key is none. */
const personal: ReadonlySet<Permission> = new Set([
  'documents:publish',
  'cases:close',
  'credit:override',
  'desk:work',
  'desk:lead',
])
/** What a key may be given. */
export const keyScopes: readonly Permission[] = permissions.filter((scope) => !personal.has(scope))

/** Whether a bearer token looks like an API key. */
export const isKey = (token: string): boolean => keyForm.test(token)

export interface KeyOptions {
  /** The user whose program it is for; else the key counts as that of who makes it. */
  readonly owner?: string
  /** Most texts for models in a day (UTC). */
  readonly textsPerDay?: number
}

/** API keys for programs. Each is shown once, and stored as its SHA-256. */
export function createKeyAccess({ units, users, keys, audit, now }: AccessParts) {
  return {
    list: async (): Promise<Key[]> => (await keys.list()).map(({ hash: _, ...key }) => key),

    /**
     * @param days after which the key expires. @returns the key itself, which cannot be had again.
     * @throws {UsageError} if name, scopes, days or bound are not allowed; {NotFoundError} for an unknown owner.
     */
    create: async (
      name: string,
      scopes: readonly string[],
      days: number,
      by: Change,
      { owner, textsPerDay }: KeyOptions = {},
    ) => {
      assertKey(name, scopes, days, textsPerDay)
      if (owner !== undefined && !(await users.find(owner))) throw new NotFoundError(`there is no user ${owner}`)
      const key = `bk_${mintSecret()}`
      const [created, expires] = [now(), new Date(now().getTime() + days * dayMs)]
      const stored: StoredKey = {
        ...{ id: key.slice(0, idLength), name, hash: hashSecret(key), scopes: [...new Set(scopes)] },
        ...{ createdBy: by.actor, createdAt: created.toISOString(), expiresAt: expires.toISOString() },
        ...(owner !== undefined && { owner }),
        ...(textsPerDay !== undefined && { textsPerDay }),
      }
      await units.run(async (tx) => {
        await keys.add(tx, stored)
        const whose = owner === undefined ? '' : ` of ${owner}`
        const bound = textsPerDay === undefined ? '' : `, ${textsPerDay} texts a day`
        const detail = `${name}${whose}: ${stored.scopes.join(' ')}${bound}, until ${stored.expiresAt}`
        await audit.append(tx, [{ ...by, action: 'keys.create', subject: stored.id, detail }], stored.createdAt)
      })
      const { hash: _, ...shown } = stored
      return { key, ...shown }
    },

    /** @throws {NotFoundError} if there is no such key, or it was revoked before. */
    revoke: async (id: string, by: Change): Promise<void> => {
      const at = now().toISOString()
      await units.run(async (tx) => {
        if (!(await keys.revoke(tx, id, at))) throw new NotFoundError(`there is no key ${id} that is in force`)
        await audit.append(tx, [{ ...by, action: 'keys.revoke', subject: id }], at)
      })
    },

    /** Whose key this is; undefined if it is nobody's, revoked or expired. */
    principal: async (key: string): Promise<Principal | undefined> => {
      const found = isKey(key) ? await keys.byHash(hashSecret(key)) : undefined
      if (!found || found.revokedAt !== undefined || found.expiresAt <= now().toISOString()) return undefined
      const { id, scopes, textsPerDay } = found
      const bound = textsPerDay === undefined ? {} : { textsPerDay }
      return { actor: `key:${id}`, permissions: scopesOf(scopes), ...bound }
    },
  }
}

function assertKey(name: string, scopes: readonly string[], days: number, textsPerDay = 1): void {
  if (!/^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u.test(name)) throw new UsageError('a key has a name of 1 to 100 characters')
  const unknown = scopes.find((scope) => !keyScopes.some((known) => known === scope))
  if (unknown !== undefined || scopes.length === 0)
    throw new UsageError(
      `scopes have to be some of ${keyScopes.join(', ')}${unknown === undefined ? '' : `, not "${unknown}"`}`,
    )
  if (!(Number.isInteger(days) && days >= 1 && days <= maxDays))
    throw new UsageError(`a key is good for 1 to ${maxDays} days`)
  if (!(Number.isInteger(textsPerDay) && textsPerDay >= 1 && textsPerDay <= mostTexts))
    throw new UsageError(`a key may be bounded to 1 to ${mostTexts} texts a day`)
}
