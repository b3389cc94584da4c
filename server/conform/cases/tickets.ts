import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import { refusalIn, type World } from '../world.ts'

const unknownConv = 'c_AAAAAAAAAAAAAAAAAAAAAAAA'
const unknownSecret = 'A'.repeat(43)

/** A refusal that names the field. */
const invalid = async (world: World, body: unknown, field: string): Promise<void> => {
  const reply = await world.post('/v1/tickets', body)
  equal(reply.status, 400, 'status')
  const said = refusalIn(reply)
  equal([said.code, said.field], ['invalid_field', field], 'code and field')
}

export const tickets: readonly Case[] = [
  {
    name: 'a new conversation gets a ticket, an id and a secret of its own',
    async run(world) {
      const [one, two] = [await world.ticket(), await world.ticket()]
      for (const part of ['ticket', 'conv', 'secret'] as const)
        must(one[part] !== two[part], `two ${part}s that differ`, one[part])
      must(one.secret.length >= 22, 'a secret of 128 bits or more', `${one.secret.length} characters`)
    },
  },
  {
    name: 'a ticket for a known conversation keeps id and secret',
    async run(world) {
      const { conv, secret } = await world.ticket()
      const again = await world.ticket({ conv, secret })
      equal([again.conv, again.secret], [conv, secret], 'the conversation')
    },
  },
  {
    name: 'a wrong secret and an unknown conversation are refused alike: 404, the same words',
    async run(world) {
      const { conv } = await world.ticket()
      const wrong = await world.post('/v1/tickets', { role: 'customer', conv, secret: unknownSecret })
      const unknown = await world.post('/v1/tickets', { role: 'customer', conv: unknownConv, secret: unknownSecret })
      equal([wrong.status, unknown.status], [404, 404], 'both statuses')
      equal(refusalIn(wrong), refusalIn(unknown), 'the same refusal')
      equal(refusalIn(wrong).code, 'not_found', 'code')
    },
  },
  {
    name: 'a conversation without its secret gets no ticket',
    async run(world) {
      const { conv } = await world.ticket()
      const reply = await world.post('/v1/tickets', { role: 'customer', conv })
      must(reply.status === 404 || reply.status === 400, 'status 404 or 400', reply.status)
      refusalIn(reply)
    },
  },
  { name: 'a role that is missing is named', run: (world) => invalid(world, {}, 'role') },
  { name: 'a role that there is not is named', run: (world) => invalid(world, { role: 'root' }, 'role') },
  {
    name: 'a secret of another type is named',
    run: (world) => invalid(world, { role: 'customer', conv: unknownConv, secret: 7 }, 'secret'),
  },
  {
    name: 'a body that is not JSON is refused with 400',
    async run(world) {
      const reply = await world.post('/v1/tickets', '{"role":')
      equal(reply.status, 400, 'status')
      refusalIn(reply)
    },
  },
  {
    name: 'a body of another type than JSON is refused with 400',
    async run(world) {
      const reply = await world.http('POST', '/v1/tickets', {
        body: 'role=customer',
        headers: { 'content-type': 'text/plain' },
      })
      equal(reply.status, 400, 'status')
      refusalIn(reply)
    },
  },
  {
    name: 'a body above 16 KiB is refused with 413',
    async run(world) {
      const reply = await world.post('/v1/tickets', { role: 'customer', pad: 'x'.repeat(20_000) })
      equal(reply.status, 413, 'status')
      equal(refusalIn(reply).code, 'too_long', 'code')
    },
  },
  {
    name: 'fields of a newer client are ignored',
    async run(world) {
      equal((await world.post('/v1/tickets', { role: 'customer', later: { deep: [1] } })).status, 201, 'status')
    },
  },
  {
    name: 'a refusal repeats nothing of what was sent',
    async run(world) {
      const reply = await world.post('/v1/tickets', { role: 'customer', conv: unknownConv, secret: 'my-secret-words' })
      must(
        !reply.text.includes('my-secret-words') && !reply.text.includes(unknownConv),
        'no value of the request',
        reply.text,
      )
    },
  },
  {
    name: 'older messages need the secret: without, with a wrong one, and of an unknown conversation alike 404 or 401',
    async run(world) {
      const { conv } = await world.ticket()
      const read = (id: string, headers: Record<string, string>) =>
        world.http('GET', `/v1/conversations/${id}/messages`, { headers })
      const wrong = await read(conv, { authorization: `Bearer ${unknownSecret}` })
      const unknown = await read(unknownConv, { authorization: `Bearer ${unknownSecret}` })
      equal([wrong.status, refusalIn(wrong)], [unknown.status, refusalIn(unknown)], 'the same refusal')
      equal(wrong.status, 404, 'status')
      must(
        [401, 404].includes((await read(conv, {})).status),
        'status 401 or 404 without a secret',
        (await read(conv, {})).status,
      )
    },
  },
]
