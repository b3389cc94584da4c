import { expect, it } from 'vitest'
import { NotFoundError } from '../../../server/errors.ts'
import type { By } from '../../../server/gateway/ports.ts'
import { by, password } from '../access/support.ts'
import { errorOf } from './harness.ts'
import { cookieOf, start } from './staff-gateway.ts'

it('cases are read with a scope, and closed by a person alone, for a reason', async () => {
  const closed: (By & { id: string })[] = []
  const seen: object[] = []
  const {
    users,
    keys,
    call: request,
    signIn,
  } = await start({
    cases: {
      list: async (filter) => {
        seen.push(filter)
        return [{ id: 'k_1' }]
      },
      show: (id) =>
        id === 'k_1' ? Promise.resolve({ id }) : Promise.reject(new NotFoundError(`there is no case ${id}`)),
      close: async (id, closing) => void closed.push({ id, ...closing }),
    },
  })
  const call = (path: string, headers: Record<string, string>, method = 'GET') =>
    request(method, `/v1/cases${path}`, headers)
  await users.add('ann', ['agent'], password, by)
  const cookie = cookieOf(await signIn('ann'))
  const key = async (scope: 'cases:read' | 'documents:read') => ({
    authorization: `Bearer ${(await keys.create('crm', [scope], 1, by)).key}`,
  })

  expect(await (await call('?status=open&type=complaint', { cookie })).json()).toEqual({ cases: [{ id: 'k_1' }] })
  expect(seen).toEqual([{ status: 'open', type: 'complaint' }])
  expect(await errorOf(await call('?type=nonsense', { cookie }))).toMatchObject({
    code: 'invalid_field',
    field: 'type',
  })
  expect(await (await call('/k_1', await key('cases:read'))).json()).toEqual({ id: 'k_1' })
  expect((await call('/k_2', { cookie })).status).toBe(404)
  expect((await call('', {})).status).toBe(401)
  expect((await call('', await key('documents:read'))).status).toBe(403)

  const closing = '/k_1/closing?reason=found%20again'
  expect((await call(closing, await key('cases:read'), 'POST')).status).toBe(403)
  await expect(keys.create('crm', ['cases:close'], 1, by)).rejects.toThrow('scopes have to be some of')
  expect(await errorOf(await call('/k_1/closing', { cookie }, 'POST'))).toMatchObject({ field: 'reason' })
  expect(closed).toEqual([])
  expect((await call(closing, { cookie }, 'POST')).status).toBe(204)
  expect(closed).toEqual([{ id: 'k_1', actor: 'user:ann', reason: 'found again' }])
})
