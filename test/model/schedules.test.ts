import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nextId } from '../server/gateway/harness.ts'
import type { MemoryChat } from '../server/gateway/memory-chat.ts'
import { clock, runSchedule } from './schedule.ts'

const schedules = 10_000
/** Enough for any of the defects below to show. */
const untilFound = 400

/** What is wrong with the server; each has to be found. */
const defects: Readonly<Record<string, (chat: MemoryChat) => Partial<MemoryChat>>> = {
  'stores a resend again': (chat) => ({
    send: async (conv, { id, ...message }) => ({ ...(await chat.send(conv, { ...message, id: nextId() })), re: id }),
  }),
  'acknowledges what it does not store': (chat) => ({
    send: (conv, message) =>
      message.text.endsWith('2') ? Promise.resolve({ t: 'ack', re: message.id }) : chat.send(conv, message),
  }),
  'acknowledges another place': (chat) => ({
    send: async (conv, message) => {
      const ack = await chat.send(conv, message)
      return { ...ack, seq: (ack.seq ?? 0) + 1 }
    },
  }),
  'names a head that lacks the last event': (chat) => ({
    open: async (conv) => {
      const { epoch, head } = await chat.open(conv)
      return { epoch, head: Math.max(0, head - 1) }
    },
  }),
  'leaves a message out of its snapshots': (chat) => ({
    snapshot: async (conv) => {
      const state = await chat.snapshot(conv)
      return { ...state, messages: state.messages.slice(1) }
    },
  }),
  'streams pieces at places where they do not belong': (chat) => ({
    subscribe: (conv, listener) =>
      chat.subscribe(conv, (event) =>
        listener(event.t === 'msg.delta' ? { ...event, d: { ...event.d, text: event.d.text.toUpperCase() } } : event),
      ),
  }),
  'numbers events anew after one that it does not tell': (chat) => ({
    subscribe(conv, listener) {
      let missing = 0
      return chat.subscribe(conv, (event) => {
        if (!('seq' in event)) listener(event)
        else if (event.seq === 2) missing = 1
        else listener({ ...event, seq: event.seq - missing })
      })
    },
  }),
}

const realNow = Date.now
beforeAll(() => {
  Date.now = () => clock.ms
  // The platform keeps each of them for its 15 seconds, tens of thousands here.
  const never = new AbortController().signal
  AbortSignal.timeout = () => never
})
afterAll(() => {
  Date.now = realNow
})

describe('widget and gateway', () => {
  it(`agree with the reference model over ${schedules} random schedules of losses, doubles and delays`, async () => {
    for (let seed = 0; seed < schedules; seed++) {
      await runSchedule(seed)
      if (seed % 100 === 0) await turn()
    }
  })

  it.each(Object.entries(defects))('would not, if the server %s', async (_, defect) => {
    const run = async (): Promise<void> => {
      for (let seed = 0; seed < untilFound; seed++)
        await runSchedule(seed, (chat) => Object.assign(chat, defect({ ...chat })))
    }
    await expect(run()).rejects.toThrow(/^seed \d+: /)
  })
})
