import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOutbox, type LastingCommand } from '../../../client/transport/outbox.ts'
import { createSender } from '../../../client/transport/sender.ts'
import { createStore } from '../../../client/transport/store.ts'
import { createUlids } from '../../../client/transport/ulid.ts'
import type { ErrFrame } from '../../../server/protocol/events.ts'
import { createMemoryArea } from '../support/memory-area.ts'

const newId = createUlids()
const message = (text: string): LastingCommand => ({ t: 'msg.send', id: newId(), d: { text } })
const refusal = (re: string, temporary: boolean, retryAfterMs?: number): ErrFrame => ({
  t: 'err',
  re,
  code: temporary ? 'rate_limited' : 'too_long',
  msg: '',
  temporary,
  trace: 'r',
  ...(retryAfterMs !== undefined && { retryAfterMs }),
})

describe('the sender', () => {
  const [a, b] = [message('a'), message('b')]
  let written: string[]
  let sender: ReturnType<typeof createSender>
  beforeEach(() => {
    vi.useFakeTimers()
    written = []
    const outbox = createOutbox(createStore(createMemoryArea), 'x')
    sender = createSender(outbox, ({ id }) => written.push(id))
    sender.add(a)
    sender.add(b)
  })
  afterEach(() => vi.useRealTimers())

  it('writes nothing before a connection is open, then one command at a time', () => {
    expect(written).toEqual([])
    sender.opened()
    sender.add(message('c'))
    expect(written).toEqual([a.id])
    sender.acknowledged({ t: 'ack', re: a.id })
    expect(written).toEqual([a.id, b.id])
  })

  it('writes an unacknowledged command again on the next connection, under its old id', () => {
    sender.opened()
    sender.closed()
    sender.opened()
    expect(written).toEqual([a.id, a.id])
  })

  it('waits as long as the server says, and lets nothing overtake meanwhile', () => {
    sender.opened()
    sender.refused(refusal(a.id, true, 3_000))
    sender.add(message('c'))
    vi.advanceTimersByTime(2_999)
    expect(written).toEqual([a.id])
    vi.advanceTimersByTime(1)
    expect(written).toEqual([a.id, a.id])
  })

  it('drops what the server will never take, and goes on with the next', () => {
    sender.opened()
    sender.refused(refusal(a.id, false))
    expect(written).toEqual([a.id, b.id])
    sender.closed()
    sender.opened()
    expect(written).toEqual([a.id, b.id, b.id])
  })

  it('does not write to a connection that was lost during a wait', () => {
    sender.opened()
    sender.refused(refusal(a.id, true, 1_000))
    sender.closed()
    vi.advanceTimersByTime(5_000)
    expect(written).toEqual([a.id])
  })
})
