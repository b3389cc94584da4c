import { beforeEach, describe, expect, it } from 'vitest'
import { planCatchUp, snapshotFrame } from '../../../server/gateway/catch-up.ts'
import type { SnapshotState } from '../../../server/gateway/ports.ts'
import { snapshot } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { createMemoryChat, type MemoryChat, say } from './memory-chat.ts'

describe('the way to the head', () => {
  let chat: MemoryChat
  let conv: string
  const grow = (events: number) => chat.append(conv, ...Array.from({ length: events }, (_, i) => say(`message ${i}`)))
  beforeEach(async () => {
    chat = createMemoryChat()
    conv = (await chat.conversations.create()).conv
  })

  it('is fresh where there is nothing yet', async () => {
    expect(await planCatchUp(chat, conv, undefined)).toEqual({ kind: 'fresh', epoch: 'e1', head: 0 })
  })

  it('is a snapshot for who stands nowhere', async () => {
    grow(3)
    expect(await planCatchUp(chat, conv, undefined)).toMatchObject({ kind: 'snapshot', head: 3 })
  })

  it.each([0, 1, 499, 500])('is a replay of the events after %i', async (after) => {
    grow(500)
    const plan = await planCatchUp(chat, conv, { epoch: 'e1', after })
    expect(plan).toMatchObject({ kind: 'replay', head: 500 })
    expect('events' in plan && plan.events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 500 - after }, (_, i) => after + 1 + i),
    )
  })

  it.each([
    ['more than 500 events', { epoch: 'e1', after: 0 }],
    ['another epoch', { epoch: 'e0', after: 490 }],
    ['no epoch', { epoch: '', after: 490 }],
    ['a point beyond the head', { epoch: 'e1', after: 502 }],
  ])('is a snapshot for %s', async (_what, point) => {
    grow(501)
    const plan = await planCatchUp(chat, conv, point)
    expect(plan).toMatchObject({ kind: 'snapshot', epoch: 'e1', head: 501 })
    expect('state' in plan && plan.state.messages).toHaveLength(200)
  })

  it.each([3, 6, 10])('is a snapshot when event %i is missing', async (seq) => {
    grow(10)
    chat.lose(conv, seq)
    grow(1)
    expect((await planCatchUp(chat, conv, { epoch: 'e1', after: 2 })).kind).toBe('snapshot')
  })
})

describe('a damaged log', () => {
  let chat: MemoryChat
  let conv: string
  beforeEach(async () => {
    chat = createMemoryChat()
    conv = (await chat.conversations.create()).conv
    chat.append(conv, ...Array.from({ length: 10 }, (_, i) => say(`message ${i}`)))
  })
  const kind = async () => (await planCatchUp(chat, conv, { epoch: 'e1', after: 2 })).kind

  it('that lacks its end is not taken for whole', async () => {
    chat.lose(conv, 10)
    expect(await kind()).toBe('snapshot')
  })

  it('that lacks one is not taken for whole because another came meanwhile', async () => {
    chat.lose(conv, 5)
    let reads = 0
    chat.gate = async () => {
      if (++reads === 2) chat.append(conv, say('meanwhile'))
    }
    expect(await kind()).toBe('snapshot')
  })
})

describe('a snapshot frame', () => {
  const conv = mintId('c')
  const state = (texts: readonly string[]): SnapshotState => ({
    head: 900,
    messages: texts.map((text, i) => ({
      seq: i + 1,
      mid: mintId('m'),
      at: '2026-11-22T09:30:00.000Z',
      by: 'customer',
      re: [],
      text,
    })),
    owner: 'bot',
    state: 'open',
    cases: [],
    read: { customer: 0, agent: 0 },
    more: false,
  })

  it('holds everything where it fits', () => {
    const frame = snapshot.parse(JSON.parse(snapshotFrame(conv, 'e1', state(['one', 'two']))))
    expect(frame).toMatchObject({ conv, epoch: 'e1', head: 900, d: { more: false, owner: 'bot' } })
    expect(frame.d.messages.map(({ text }) => text)).toEqual(['one', 'two'])
    expect(frame.d).not.toHaveProperty('head')
  })

  it('leaves out the oldest messages above 1 MiB, and says so', () => {
    const text = snapshotFrame(conv, 'e1', state(Array.from({ length: 200 }, (_, i) => `${i} ${'费'.repeat(3_990)}`)))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_048_576)
    expect(Buffer.byteLength(text)).toBeGreaterThan(1_000_000)
    const { d } = snapshot.parse(JSON.parse(text))
    expect(d.more).toBe(true)
    expect(d.messages.at(-1)?.seq).toBe(200)
    expect(d.messages.map(({ seq }) => seq)).toEqual(d.messages.map((_, i) => 201 - d.messages.length + i))
  })
})
