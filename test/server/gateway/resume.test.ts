import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CustomerFrame } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import {
  command,
  helloFrame,
  type Joined,
  join,
  openClient,
  startGateway,
  type TestClient,
  type TestGateway,
  ticketFor,
} from './harness.ts'
import { say } from './memory-chat.ts'

let gateway: TestGateway
let first: Joined
beforeEach(async () => {
  gateway = await startGateway({ times: { closeGraceMs: 2_000 } })
  first = await join(gateway.url)
  await first.until('welcome')
})
afterEach(() => gateway.close())

const grow = (events: number) =>
  gateway.chat.append(first.conv, ...Array.from({ length: events }, (_, i) => say(`${i}`)))
/** Another tab of the same customer. */
const tab = (instance: string, resume?: { epoch: string; after: number }) =>
  join(gateway.url, { conv: first.conv, secret: first.secret, instance, ...(resume && { resume }) })
const seqs = (frames: readonly CustomerFrame[]): number[] =>
  frames.flatMap((frame) => ('at' in frame ? [frame.seq] : []))
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

async function upTo(client: TestClient, seq: number): Promise<void> {
  for (;;) {
    const frame = await client.next()
    if ('at' in frame && frame.seq === seq) return
  }
}

describe('coming back', () => {
  it('brings the events after the point, then live, then what follows', async () => {
    grow(10)
    const second = await tab('i2', { epoch: 'e1', after: 4 })
    expect(await second.next()).toMatchObject({ t: 'welcome', resume: 'replay', head: 10 })
    expect(await second.until('live')).toEqual({ t: 'live', conv: first.conv, epoch: 'e1', head: 10 })
    grow(1)
    await upTo(second, 11)
    expect(seqs(second.frames)).toEqual(range(5, 11))
  })

  it('to where one stands brings only live', async () => {
    grow(3)
    const second = await tab('i2', { epoch: 'e1', after: 3 })
    expect(await second.next()).toMatchObject({ t: 'welcome', resume: 'replay', head: 3 })
    expect(await second.next()).toMatchObject({ t: 'live', head: 3 })
  })

  it.each([
    ['another epoch', 3, { epoch: 'e0', after: 1 }],
    ['more than 500 events', 501, { epoch: 'e1', after: 0 }],
    ['a point beyond the head', 3, { epoch: 'e1', after: 9 }],
    ['no point', 3, undefined],
  ])('with %s brings a snapshot, then what follows', async (_what, events, point) => {
    grow(events)
    const second = await tab('i2', point)
    expect(await second.next()).toMatchObject({ t: 'welcome', resume: 'snapshot', head: events })
    const snapshot = await second.next()
    expect(snapshot).toMatchObject({ t: 'snapshot', epoch: 'e1', head: events, d: { more: events > 200 } })
    expect(snapshot.t === 'snapshot' && snapshot.d.messages).toHaveLength(Math.min(200, events))
    grow(1)
    await upTo(second, events + 1)
    expect(seqs(second.frames)).toEqual([events + 1])
  })

  it('over a gap in the log brings a snapshot, never a part', async () => {
    grow(5)
    gateway.chat.lose(first.conv, 4)
    const second = await tab('i2', { epoch: 'e1', after: 2 })
    await second.until('snapshot')
    expect(seqs(second.frames)).toEqual([])
  })

  it('into somebody else’s conversation is not_found, and gives nothing of it', async () => {
    grow(3)
    const { ticket, conv } = await ticketFor(gateway.url)
    const stranger = openClient(gateway.url)
    stranger.send(helloFrame(ticket, { conv: first.conv, epoch: 'e1', after: 0 }))
    expect(await stranger.next()).toMatchObject({ t: 'err', code: 'not_found' })
    expect(await stranger.next()).toMatchObject({ t: 'welcome', conv, head: 0, resume: 'fresh' })
    grow(1)
    stranger.send(command('msg.send', conv, { text: 'mine' }))
    await upTo(stranger, 1)
    expect(stranger.frames.filter((frame) => 'at' in frame)).toMatchObject([{ conv, d: { text: 'mine' } }])
  })

  it('as a command is acked, then replayed', async () => {
    grow(6)
    await upTo(first, 6)
    const frame = command('resume', first.conv, { epoch: 'e1', after: 4 })
    first.send(frame)
    expect(await first.next()).toMatchObject({ t: 'ack', re: frame.id })
    expect(seqs([await first.next(), await first.next()])).toEqual([5, 6])
    expect(await first.next()).toMatchObject({ t: 'live', head: 6 })
    first.send(command('resume', first.conv, { epoch: '', after: 4 }))
    expect(await first.until('snapshot')).toMatchObject({ head: 6 })
    grow(1)
    expect(seqs([await first.next()])).toEqual([7])
  })

  it('as a command that fails leaves the connection as it was', async () => {
    gateway.chat.gate = async () => {
      grow(1) // while the command is under way
      throw new Error('disk')
    }
    first.send(command('resume', first.conv, { epoch: 'e1', after: 0 }))
    await first.until('err')
    grow(1)
    await upTo(first, 2)
    expect(seqs(first.frames)).toEqual([1, 2])
  })

  it.each([
    ['a replay', { epoch: 'e1', after: 2 }],
    ['a snapshot', { epoch: 'e0', after: 2 }],
  ])('loses and doubles nothing that happens during %s', async (_what, point) => {
    grow(5)
    gateway.chat.gate = async () => {
      grow(2) // before each read of the log …
      await null
      grow(1)
    }
    const second = await tab('i2', point)
    const { head } = await second.until('welcome')
    gateway.chat.gate = () => Promise.resolve()
    grow(1)
    const last = gateway.chat.head(first.conv)
    await upTo(second, last)
    const from = point.epoch === 'e1' ? 3 : head + 1
    expect(seqs(second.frames)).toEqual(range(from, last))
  })

  it('brings a long replay whole to who reads it', async () => {
    gateway.chat.append(first.conv, ...range(1, 400).map((i) => say(`${i} ${'x'.repeat(20_000)}`)))
    const second = await tab('i2', { epoch: 'e1', after: 0 })
    await second.until('live')
    expect(seqs(second.frames)).toEqual(range(1, 400))
  })
})

describe('an answer that is being streamed', () => {
  const mid = mintId('m')
  const delta = (n: number, off: number, text: string) =>
    gateway.chat.publish(first.conv, { t: 'msg.delta', conv: first.conv, d: { mid, n, off, text } })

  it('is told so far to who comes back, then goes on', async () => {
    gateway.chat.append(first.conv, { t: 'msg.created', d: { mid, by: 'bot', re: [], status: 'streaming' } })
    gateway.chat.setStreaming(first.conv, { mid, n: 2, text: 'A late fee' })
    gateway.chat.gate = async () => delta(2, 6, ' fee') // during the replay: part of the text so far
    const second = await tab('i2', { epoch: 'e1', after: 0 })
    await second.until('live')
    gateway.chat.gate = () => Promise.resolve()
    expect(await second.next()).toEqual({
      t: 'msg.delta',
      conv: first.conv,
      d: { mid, n: 2, off: 0, text: 'A late fee', snap: true },
    })
    delta(3, 10, ' of £12')
    expect(await second.next()).toMatchObject({ t: 'msg.delta', d: { n: 3, off: 10 } })
  })

  it('without any text yet is not told', async () => {
    gateway.chat.setStreaming(first.conv, { mid, n: 0, text: '' })
    const second = await tab('i2', { epoch: 'e1', after: 0 })
    await second.until('live')
    delta(1, 0, 'A late')
    expect(await second.next()).toMatchObject({ t: 'msg.delta', d: { n: 1 } })
  })
})

describe('several connections', () => {
  it('of several tabs get the same events in the same order', async () => {
    const second = await tab('i2')
    await second.until('welcome')
    const ends = [first, second]
    for (let i = 0; i < 5; i++) for (const end of ends) end.send(command('msg.send', first.conv, { text: `${i}` }))
    await Promise.all(ends.map((end) => upTo(end, 10)))
    const durable = (end: TestClient) => end.frames.filter((frame) => 'at' in frame)
    expect(seqs(first.frames)).toEqual(range(1, 10))
    expect(durable(second)).toEqual(durable(first))
    expect(second.frames.filter(({ t }) => t === 'ack')).toHaveLength(5)
  })

  it('of one instance: the newer replaces the older, which closes with 4409', async () => {
    const second = await tab('i1')
    await second.until('welcome')
    expect(await first.closed).toMatchObject({ code: 4409 })
    grow(1)
    await upTo(second, 1)
    expect(gateway.chat.listeners(first.conv)).toBe(1)
    const third = await tab('i1')
    await third.until('welcome')
    expect(await second.closed).toMatchObject({ code: 4409 })
  })

  it('of one instance name in two conversations leave each other alone', async () => {
    const stranger = await join(gateway.url)
    await stranger.until('welcome')
    first.send(command('msg.send', first.conv, { text: 'still here' }))
    await first.until('ack')
    await upTo(first, 1)
    expect(seqs(stranger.frames)).toEqual([])
  })
})
