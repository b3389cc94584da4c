import { z } from 'zod'
import type { OnProgress } from '../engine/tasks.ts'
import type { House } from './house.ts'
import { verifyLedgers } from './ledger-check.ts'

/** Why somebody changes something. */
export const reasonText = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, { error: 'has to be one line of text' })
export const reason = reasonText.optional()
const name = z.string()
const shownAs = reasonText.max(64)
const roles = z.array(z.string())

/** What commands may ask about users, keys and the audit log. */
export const accessRequests = {
  'users.add': z.object({ name, roles, password: z.string(), shownAs: shownAs.optional(), reason }),
  'users.list': z.object({}),
  'users.roles': z.object({ name, roles, reason }),
  'users.password': z.object({ name, password: z.string(), reason }),
  'users.shownAs': z.object({ name, shownAs, reason }),
  'users.disable': z.object({ name, reason }),
  'keys.create': z.object({
    ...{ name, scopes: z.array(z.string()), days: z.int(), user: name.optional(), reason },
    textsPerDay: z.int().optional(),
  }),
  'keys.usage': z.object({ from: z.iso.date().exactOptional(), until: z.iso.date().exactOptional() }),
  'keys.list': z.object({}),
  'keys.revoke': z.object({ id: z.string(), reason }),
  'audit.list': z.object({
    actor: z.string().optional(),
    subject: z.string().optional(),
    before: z.int().min(1).optional(),
    limit: z.int().min(1).max(10_000),
  }),
  'audit.verify': z.object({
    kept: z.object({ seq: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  }),
} as const
type Request<N extends keyof typeof accessRequests> = z.infer<(typeof accessRequests)[N]>

/** Who does something and why, as the audit log takes it. */
export const by = (actor: string, why: string | undefined) => ({ actor, ...(why !== undefined && { reason: why }) })

/** Users, keys and the audit log, for the table of operations. */
export function createAccessOperations({ access, store, registry }: House) {
  const { users, keys } = access
  return {
    'users.add': (request: Request<'users.add'>, _: OnProgress, actor: string) => {
      const { name, roles, password, reason, shownAs } = request
      return users.add(name, roles, password, by(actor, reason), shownAs)
    },
    'users.list': async () => ({ users: await users.list() }),
    async 'users.roles'({ name, roles, reason }: Request<'users.roles'>, _: OnProgress, actor: string) {
      await users.setRoles(name, roles, by(actor, reason))
      return { name, roles }
    },
    async 'users.password'({ name, password, reason }: Request<'users.password'>, _: OnProgress, actor: string) {
      await users.setPassword(name, password, by(actor, reason))
      return { name }
    },
    async 'users.shownAs'({ name, shownAs, reason }: Request<'users.shownAs'>, _: OnProgress, actor: string) {
      await users.setShownAs(name, shownAs, by(actor, reason))
      return { name, shownAs }
    },
    async 'users.disable'({ name, reason }: Request<'users.disable'>, _: OnProgress, actor: string) {
      await users.disable(name, by(actor, reason))
      return { name }
    },
    'keys.create': (request: Request<'keys.create'>, _: OnProgress, actor: string) => {
      const { name, scopes, days, user, textsPerDay, reason } = request
      const more = { ...(user !== undefined && { owner: user }), ...(textsPerDay !== undefined && { textsPerDay }) }
      return keys.create(name, scopes, days, by(actor, reason), more)
    },
    'keys.usage': async (days: Request<'keys.usage'>) => ({ usage: await store.modelUsage.list(days) }),
    'keys.list': async () => ({ keys: await keys.list() }),
    async 'keys.revoke'({ id, reason }: Request<'keys.revoke'>, _: OnProgress, actor: string) {
      await keys.revoke(id, by(actor, reason))
      return { id }
    },
    'audit.list': async ({ limit, ...filter }: Request<'audit.list'>) => ({
      entries: await store.audit.list(filter, limit),
    }),
    async 'audit.verify'({ kept }: Request<'audit.verify'>) {
      const head = await store.audit.verify(kept)
      await verifyLedgers(store.audit, registry) // after the log itself, by which they are judged
      return { head: head ?? null }
    },
  }
}
