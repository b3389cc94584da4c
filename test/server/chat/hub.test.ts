import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createHub } from '../../../server/chat/hub.ts'
import type { DurableEvent, EphemeralEvent } from '../../../server/protocol/events.ts'

const conv = 'c_0000000000000001'
const read = (seq: number): DurableEvent => ({
  t: 'read',
  conv,
  seq,
  at: '2026-12-01T09:00:00.000Z',
  d: { by: 'customer', upto: seq },
})
const delta = (n: number): EphemeralEvent => ({ t: 'msg.delta', conv, d: { mid: 'm', n, off: 0, text: 'x' } })
const typing: EphemeralEvent = { t: 'typing', conv, d: { by: 'bot', on: true } }

it('tells the events of one commit in their order, whoever learns of it first', async () => {
  const heard: string[] = []
  const nameOf = (event: DurableEvent | EphemeralEvent): string =>
    'seq' in event ? `${event.seq}` : event.t === 'msg.delta' ? `delta ${event.d.n}` : event.t
  const hub = createHub(() => undefined)
  const end = hub.subscribe(conv, (event) => heard.push(nameOf(event)))
  hub.publish(conv, [read(3), delta(1), delta(2), read(4)])
  hub.publish(conv, [read(2)])
  hub.publish(conv, [typing])
  hub.publish(conv, [read(5)])
  expect(heard).toEqual(['typing'])
  await setImmediate()
  expect(heard).toEqual(['typing', '2', '3', 'delta 1', 'delta 2', '4', '5'])
  end()
  hub.publish(conv, [read(6)])
  await setImmediate()
  expect(heard).toHaveLength(7)
})
