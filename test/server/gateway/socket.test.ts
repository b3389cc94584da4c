import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BursarError, BusyError, type ErrorCode, StorageError } from '../../../server/errors.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { command, type Joined, join, nextId, startGateway, type TestGateway } from './harness.ts'

class Refused extends BursarError {
  readonly code: ErrorCode
  constructor(code: ErrorCode) {
    super('refused by the test')
    this.code = code
  }
}

let gateway: TestGateway
let client: Joined
beforeEach(async () => {
  gateway = await startGateway({ times: { closeGraceMs: 2_000 } })
  client = await join(gateway.url)
})
afterEach(() => gateway.close())

const send = (text = 'what is the late fee?', id?: string) => command('msg.send', client.conv, { text }, id)
/** The connection still works. */
async function stillThere(): Promise<void> {
  const frame = send('still there?')
  client.send(frame)
  for (;;) {
    const reply = await client.next()
    if ('re' in reply && reply.re === frame.id) return expect(reply.t).toBe('ack')
  }
}

describe('a conversation', () => {
  it('welcomes a new customer', async () => {
    expect(await client.next()).toMatchObject({
      t: 'welcome',
      conv: client.conv,
      epoch: 'e1',
      head: 0,
      hb: 25_000,
      resume: 'fresh',
      limits: { frame: 65_536, textChars: 4_000, perMin: 0 },
      disclosure: { ai: true },
    })
  })

  it.each([false, true])('acks a message before its event, which the sender gets too (eager: %s)', async (eager) => {
    gateway.chat.eager = eager
    const frame = send()
    client.send(frame) // without waiting for the welcome
    await client.until('welcome')
    const ack = await client.next()
    expect(ack).toMatchObject({ t: 'ack', re: frame.id, seq: 1 })
    const created = { t: 'msg.created', seq: 1, d: { by: 'customer', text: frame.d, mid: 'mid' in ack && ack.mid } }
    expect(await client.next()).toMatchObject({ ...created, d: { ...created.d, text: 'what is the late fee?' } })
  })

  it('answers the same id alike, and another text under it with a conflict', async () => {
    const id = nextId()
    client.send(send('one', id))
    const first = await client.until('ack')
    client.send(send('one', id))
    expect(await client.until('ack')).toEqual({ ...first, dup: true })
    client.send(send('two', id))
    expect(await client.until('err')).toMatchObject({ re: id, code: 'idempotency_conflict', temporary: false })
    expect(client.frames.filter(({ t }) => t === 'msg.created')).toHaveLength(1)
  })

  it('takes frames strictly in order', async () => {
    const frames = Array.from({ length: 50 }, (_, i) => send(`message ${i}`))
    frames.splice(10, 0, send(' ')) // refused in its place
    for (const frame of frames) client.send(frame)
    const replies: (string | undefined)[] = []
    while (replies.length < frames.length) {
      const frame = await client.next()
      if (frame.t === 'ack' || frame.t === 'err') replies.push(frame.re)
    }
    expect(replies).toEqual(frames.map(({ id }) => id))
    const texts = client.frames.flatMap((frame) => (frame.t === 'msg.created' ? [frame.d.text] : []))
    expect(texts).toEqual(Array.from({ length: 50 }, (_, i) => `message ${i}`))
  })

  it('has a handler for every command', async () => {
    const { conv } = client
    const mid = mintId('m')
    const frames = [
      command('human.request', conv, {}),
      command('feedback', conv, { mid, value: 1, comment: 'thanks' }),
      command('rec.event', conv, { product: 'saver', kind: 'view' }),
      command('read', conv, { upto: 1 }),
      command('resume', conv, { epoch: 'e1', after: 0 }),
      command('conv.close', conv, {}),
    ]
    for (const frame of frames) {
      client.send(frame)
      expect(await client.until('ack'), frame.t).toMatchObject({ re: frame.id })
    }
    const types = client.frames.map(({ t }) => t)
    expect(types).toEqual(expect.arrayContaining(['owner.changed', 'feedback.saved', 'read', 'live', 'conv.state']))
    client.send(send('too late'))
    expect(await client.until('err')).toMatchObject({ code: 'conv_closed' })
  })

  it('passes typing on, and not back to customers', async () => {
    client.send({ t: 'typing', conv: client.conv, d: { on: true } })
    client.send({ t: 'recv', conv: client.conv, d: { upto: 0 } })
    client.send({ t: 'pong', ts: 1 })
    await stillThere()
    expect(gateway.chat.typed).toEqual([{ conv: client.conv, on: true, from: 'customer' }])
    gateway.chat.publish(client.conv, { t: 'typing', conv: client.conv, d: { by: 'agent', on: true } })
    expect(await client.until('typing')).toMatchObject({ d: { by: 'agent' } })
    expect(client.frames.filter(({ t }) => t === 'typing')).toHaveLength(1)
  })

  it('ends without leaving anything behind', async () => {
    await client.until('welcome')
    expect(gateway.chat.listeners(client.conv)).toBe(1)
    client.socket.close(1000)
    expect(await client.closed).toMatchObject({ code: 1000 })
    const other = await join(gateway.url)
    await other.until('welcome') // the server has seen the close before this hello
    expect(gateway.chat.listeners(client.conv)).toBe(0)
    expect(await gateway.metrics.getSingleMetricAsString('bursar_sockets')).toContain('bursar_sockets 1')
  })
})

describe('a frame that breaks the contract', () => {
  it('binary: 1003', async () => {
    await client.until('welcome')
    client.socket.send(Buffer.from(JSON.stringify(send())))
    expect(await client.closed).toMatchObject({ code: 1003 })
  })

  it('not UTF-8: 1007', async () => {
    await client.until('welcome')
    client.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false })
    expect(await client.closed).toMatchObject({ code: 1007 })
  })

  it('above 64 KiB: 1009', async () => {
    await client.until('welcome')
    client.send('x'.repeat(65_537))
    expect(await client.closed).toMatchObject({ code: 1009 })
  })

  it('64 KiB of one character: an answer and no harm', async () => {
    client.send('['.repeat(65_536))
    expect(await client.until('err')).toMatchObject({ code: 'bad_frame' })
    const frame = send('a'.repeat(65_536 - JSON.stringify(send('')).length))
    client.send(frame)
    expect(await client.until('err')).toMatchObject({ code: 'too_long', re: frame.id, field: 'd.text' })
    await stillThere()
  })

  it('not JSON, or no object: told twice, the third closes with 4400', async () => {
    for (const frame of ['nonsense', '[]']) {
      client.send(frame)
      expect(await client.until('err')).toMatchObject({ code: 'bad_frame' })
    }
    await stillThere()
    client.send('7')
    expect(await client.until('err')).toMatchObject({ code: 'bad_frame' })
    expect(await client.closed).toMatchObject({ code: 4400 })
  })

  it('a second hello: 4400', async () => {
    await client.until('welcome')
    client.send({ t: 'hello', ticket: 'x', client: { name: 'test', ver: '1', instance: 'i' } })
    expect(await client.closed).toMatchObject({ code: 4400 })
  })

  it('a wrong field, an unknown type, a long text: told, and never closed', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)
    const cases: [object, string][] = [
      [command('msg.send', client.conv, {}), 'invalid_field'],
      [command('msg.send', client.conv, { text: 'a' }, 'short'), 'invalid_field'],
      [command('msg.send', client.conv, { text: 'a'.repeat(4_001) }), 'too_long'],
      [command('msg.shout', client.conv, { text: 'a' }), 'unknown_type'],
      [command('data.export', client.conv, {}), 'unknown_type'],
      [command('desk.claim', client.conv, {}), 'forbidden'],
      [deep, 'unknown_type'],
    ]
    for (const [frame, code] of cases) {
      client.send(frame)
      expect(await client.until('err')).toMatchObject({
        code,
        temporary: false,
        ...('id' in frame && { re: frame.id }),
      })
    }
    client.send(`{"__proto__":{"t":"msg.send"},"t":"nothing"}`)
    expect(await client.until('err')).toMatchObject({ code: 'unknown_type' })
    for (let i = 0; i < 10; i++) client.send(command('msg.shout', client.conv, {}))
    await stillThere()
  })

  it('emoji only is a message like any other', async () => {
    client.send(send('🙃🙃🙃'))
    expect(await client.until('msg.created')).toMatchObject({ d: { text: '🙃🙃🙃' } })
  })

  it('somebody else’s conversation and an unknown one: the same not_found', async () => {
    const other = await join(gateway.url)
    const told = []
    for (const conv of [other.conv, mintId('c'), 'c_nope']) {
      for (const t of ['msg.send', 'typing']) {
        const frame = t === 'typing' ? { t, conv, d: { on: true } } : command(t, conv, { text: 'hello' })
        client.send(frame)
        const { trace, re, ...rest } = await client.until('err')
        expect(re).toBe('id' in frame ? frame.id : undefined)
        expect(trace).toMatch(/^r_/)
        told.push(rest)
      }
    }
    expect(new Set(told.map((rest) => JSON.stringify(rest))).size).toBe(1)
    expect(told[0]).toMatchObject({ code: 'not_found', temporary: false })
    await stillThere()
    expect(other.frames.some(({ t }) => t === 'msg.created' || t === 'typing')).toBe(false)
  })
})

describe('a failure below', () => {
  it.each([
    [new BusyError('full'), { code: 'busy', temporary: true, retryAfterMs: 1_000 }],
    [new StorageError('disk full: /data'), { code: 'storage_unavailable', temporary: true }],
    [new Error('bug with a text'), { code: 'internal', temporary: false }],
  ])('%s is told, and the connection goes on', async (failure, told) => {
    await client.until('welcome')
    gateway.chat.failure = failure
    const frame = send()
    client.send(frame)
    const err = await client.until('err')
    expect(err).toMatchObject({ ...told, re: frame.id })
    expect(err.msg).not.toMatch(/disk|bug/)
    gateway.chat.failure = undefined
    await stillThere()
  })

  it('withdrawn rights close with 4403', async () => {
    await client.until('welcome')
    gateway.chat.failure = new Refused('forbidden')
    client.send(command('resume', client.conv, { epoch: 'e1', after: 0 }))
    expect(await client.until('err')).toMatchObject({ code: 'forbidden' })
    expect(await client.closed).toMatchObject({ code: 4403 })
  })

  it('at the hello closes with 4500: come back', async () => {
    await client.until('welcome')
    gateway.chat.failure = new StorageError('locked')
    const other = await join(gateway.url)
    expect(await other.next()).toMatchObject({ t: 'err', code: 'storage_unavailable' })
    expect(await other.closed).toMatchObject({ code: 4500 })
    gateway.chat.failure = undefined
    expect(gateway.chat.listeners(other.conv)).toBe(0)
  })
})

it('a connection cut in the middle of a command costs nobody anything', async () => {
  await client.until('welcome')
  let open = (): void => undefined
  gateway.chat.gate = () => new Promise((resolve) => (open = resolve))
  client.send(send())
  client.send(send('a second one'))
  client.socket.terminate()
  await once(client.socket, 'close')
  gateway.chat.gate = () => Promise.resolve()
  open()
  await (await join(gateway.url)).until('welcome')
})
