import { expect, it } from 'vitest'
import { NotFoundError } from '../../../server/errors.ts'
import type { By } from '../../../server/gateway/ports.ts'
import { by, password } from '../access/support.ts'
import { errorOf } from './harness.ts'
import { cookieOf, start } from './staff-gateway.ts'

it('credit decisions are read by agents, and decided otherwise by people who may, for a reason', async () => {
  const words: unknown[] = []
  const seen: object[] = []
  const { users, keys, call, signIn } = await start({
    credit: {
      list: async (filter) => {
        seen.push(filter)
        return [{ id: 'd_1' }]
      },
      show: (id) => (id === 'd_1' ? Promise.resolve({ id }) : Promise.reject(new NotFoundError('no such decision'))),
      propose: async (id, to, word: By) => void words.push([id, to, word]),
      confirm: async (id, word: By) => {
        words.push([id, word])
        return { outcome: 'approve' }
      },
    },
  })
  await users.add('ann', ['agent'], password, by)
  await users.add('sue', ['supervisor'], password, by)
  const [ann, sue] = [{ cookie: cookieOf(await signIn('ann')) }, { cookie: cookieOf(await signIn('sue')) }]
  const key = { authorization: `Bearer ${(await keys.create('crm', ['credit:read'], 1, by)).key}` }
  const path = '/v1/credit/decisions'

  expect(await (await call('GET', `${path}?ref=A7&waiting=true`, ann)).json()).toEqual({ decisions: [{ id: 'd_1' }] })
  expect(await (await call('GET', `${path}/d_1`, key)).json()).toEqual({ id: 'd_1' })
  expect(seen).toEqual([{ ref: 'A7', waiting: true }])
  expect((await call('GET', `${path}/d_2`, ann)).status).toBe(404)
  expect((await call('GET', path)).status).toBe(401)

  const override = `${path}/d_1/override?to=approve&reason=new%20payslip`
  expect((await call('POST', override, ann)).status).toBe(403)
  expect((await call('POST', override, key)).status).toBe(403)
  await expect(keys.create('crm', ['credit:override'], 1, by)).rejects.toThrow('scopes have to be some of')
  expect(await errorOf(await call('POST', `${path}/d_1/override?to=perhaps&reason=x`, sue))).toMatchObject({
    field: 'to',
  })
  expect(await errorOf(await call('POST', `${path}/d_1/override?to=approve`, sue))).toMatchObject({ field: 'reason' })
  expect(words).toEqual([])
  expect((await call('POST', override, sue)).status).toBe(204)
  const confirmed = await call('POST', `${path}/d_1/override/confirmation?reason=seen`, sue)
  expect(await confirmed.json()).toEqual({ outcome: 'approve' })
  expect(words).toEqual([
    ['d_1', 'approve', { actor: 'user:sue', reason: 'new payslip' }],
    ['d_1', { actor: 'user:sue', reason: 'seen' }],
  ])
})
