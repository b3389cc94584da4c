import { equal, must } from '../check.ts'
import type { Case } from '../kit.ts'
import { type Line, UpgradeRefused } from '../line.ts'
import { newId, type World } from '../world.ts'

/** Status of an upgrade that has to be refused. */
export async function refusedUpgrade(opening: Promise<Line>): Promise<number> {
  try {
    const line = await opening
    line.close()
    return 101
  } catch (reason) {
    if (reason instanceof UpgradeRefused) return reason.status
    throw reason
  }
}

/** A connection whose first frame is this has to end with 4400. */
const notHello = (name: string, first: object | string): Case => ({
  name,
  async run(world) {
    const line = await world.open()
    line.write(first)
    equal(await line.closing('close 4400'), 4400, 'close code')
    must(
      line.frames.some(({ t }) => t === 'err'),
      'an err before the close',
      line.frames,
    )
  },
})

const client = { name: 'conform', ver: '1.0.0', instance: 'one' }
const withTicket = async (world: World, frame: (ticket: string) => object): Promise<Line> => {
  const { ticket } = await world.ticket()
  const line = await world.open()
  line.write(frame(ticket))
  return line
}

export const hellos: readonly Case[] = [
  {
    name: 'a fresh conversation is welcomed as such',
    async run(world) {
      const { line, welcome, conv } = await world.join()
      const { resume, head, limits, disclosure, caps, hb } = welcome
      equal(
        [welcome.conv, resume, head, disclosure.ai],
        [conv, 'fresh', 0, true],
        'conversation, resume, head, disclosure',
      )
      equal([limits.frame, limits.textChars], [65_536, 4_000], 'limits')
      must(hb > 0 && caps.includes('delta'), 'a heartbeat and the capability delta', { hb, caps })
      line.close()
    },
  },
  {
    name: 'a ticket is good for one connection',
    async run(world) {
      const { ticket, conv } = await world.ticket()
      const [first, second] = [await world.open(), await world.open()]
      world.greet(first, ticket, {}, conv)
      await first.wait('a welcome', ({ t }) => (t === 'welcome' ? true : undefined))
      world.greet(second, ticket, {}, conv)
      equal(await second.closing('close 4401'), 4401, 'close code')
      must(!second.frames.some(({ t }) => t === 'welcome'), 'no welcome', second.frames)
      first.close()
    },
  },
  {
    name: 'a ticket that nobody issued is refused',
    async run(world) {
      const line = await world.open()
      world.greet(line, 'kJ8w0o5hQe6v0JvGm0bB6yZp7y2xH1tq3sUu5cNnLrA', {}, 'c_AAAAAAAAAAAAAAAAAAAAAAAA')
      equal(await line.closing('close 4401'), 4401, 'close code')
    },
  },
  notHello('the first frame has to be a hello, not a command', {
    t: 'msg.send',
    id: newId(),
    conv: 'c_x',
    d: { text: 'hi' },
  }),
  notHello('the first frame has to be JSON', 'hello?'),
  notHello('the first frame has to be an object', '[1,2]'),
  notHello('a hello without a ticket is none', { t: 'hello', client }),
  notHello('a hello without an instance is none', { t: 'hello', ticket: 'x', client: { name: 'c', ver: '1' } }),
  notHello('a hello with a bad resume point is none', {
    t: 'hello',
    ticket: 'x',
    client,
    resume: { conv: 'c', epoch: 'e', after: -1 },
  }),
  {
    name: 'a second hello ends the connection',
    async run(world) {
      const { line } = await world.join()
      line.write({ t: 'hello', ticket: 'x', client })
      equal(await line.closing('close 4400'), 4400, 'close code')
    },
  },
  {
    name: 'who says no hello in 5 s is let go',
    isSlow: true,
    async run(world) {
      equal(await (await world.open()).closing('close 4408', 9_000), 4408, 'close code')
    },
  },
  {
    name: 'fields of a newer client are ignored',
    async run(world) {
      const line = await withTicket(world, (ticket) => ({
        t: 'hello',
        ticket,
        client: { ...client, os: 'x' },
        later: [1, { a: 2 }],
      }))
      await line.wait('a welcome', ({ t }) => (t === 'welcome' ? true : undefined))
      line.close()
    },
  },
  {
    name: 'commands that follow the hello at once are done in their order',
    async run(world) {
      const { ticket, conv } = await world.ticket()
      const line = await world.open()
      world.greet(line, ticket, {}, conv)
      const ids = [newId(), newId(), newId()]
      for (const id of ids) line.write({ t: 'msg.send', id, conv, d: { text: `hello ${id}` } })
      await line.wait('three acks', (frame) => (frame.t === 'ack' && frame.re === ids[2] ? true : undefined))
      const acks = line.frames.flatMap((frame) => (frame.t === 'ack' ? [frame.re] : []))
      equal([line.frames[0]?.t, acks], ['welcome', ids], 'the welcome first, acks in the order')
      line.close()
    },
  },
  {
    name: 'a client that does not offer bursar.v1 is refused before the upgrade with 400',
    async run(world) {
      equal(await refusedUpgrade(world.open({ protocols: ['bursar.v9'] })), 400, 'status')
      equal(await refusedUpgrade(world.open({ protocols: [] })), 400, 'status')
    },
  },
  {
    name: 'of several protocols that are offered bursar.v1 is taken, and no compression',
    async run(world) {
      const line = await world.open({ protocols: ['bursar.v9', 'bursar.v1'] })
      equal([line.protocol, line.extensions], ['bursar.v1', ''], 'protocol and extensions')
      line.close()
    },
  },
  {
    name: 'another path is no socket',
    async run(world) {
      equal(await refusedUpgrade(world.open({ path: '/v1/sockets' })), 404, 'status')
    },
  },
  {
    name: 'a point in another conversation is refused and then counts as none',
    async run(world) {
      const other = await world.join()
      await other.ask('hello')
      const point = { conv: other.conv, epoch: other.welcome.epoch, after: 1 }
      const { line, welcome } = await world.join({ resume: point })
      equal([welcome.resume, welcome.head], ['fresh', 0], 'a fresh welcome')
      await line.wait('err not_found', (frame) => (frame.t === 'err' && frame.code === 'not_found' ? true : undefined))
      other.line.close()
      line.close()
    },
  },
  {
    name: 'a newer connection of the same instance takes the place of the older one: 4409',
    async run(world) {
      const first = await world.join({ instance: 'same' })
      const second = await world.join({ known: first, instance: 'same' })
      equal(await first.line.closing('close 4409'), 4409, 'close code')
      await second.send('still here')
      second.line.close()
    },
  },
  {
    name: 'connections of other instances live side by side',
    async run(world) {
      const first = await world.join({ instance: 'one' })
      const second = await world.join({ known: first, instance: 'two' })
      const { seq } = await first.send('hello')
      await second.reached(seq)
      await first.send('and again')
      first.line.close()
      second.line.close()
    },
  },
]
