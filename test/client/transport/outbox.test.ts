import { describe, expect, it } from 'vitest'
import { createOutbox, isStale, type LastingCommand, maxWaiting, resendMs } from '../../../client/transport/outbox.ts'
import { createStore } from '../../../client/transport/store.ts'
import { createUlids } from '../../../client/transport/ulid.ts'
import { createMemoryArea } from '../support/memory-area.ts'

const newId = createUlids()
const message = (text: string, id = newId()): LastingCommand => ({ t: 'msg.send', id, d: { text } })
const opened = (area = createMemoryArea()) =>
  createOutbox(
    createStore(() => area),
    'bursar:x',
  )

describe('the outbox', () => {
  it('brings back after a reload what was not acknowledged, oldest first', () => {
    const area = createMemoryArea()
    const [a, b, c] = [message('a'), message('b'), message('c')]
    const before = opened(area)
    before.bind('c_1')
    for (const one of [a, b, c]) before.add(one)
    before.settle(b.id)
    expect(opened(area).bind('c_1')).toEqual([a, c])
  })

  it('keeps conversations apart', () => {
    const area = createMemoryArea()
    const one = opened(area)
    one.bind('c_1')
    one.add(message('for one'))
    expect(opened(area).bind('c_2')).toEqual([])
    expect(one.bind('c_2')).toEqual([])
    expect(one.bind('c_1')).toHaveLength(1)
  })

  it('lets two tabs write without overwriting each other', () => {
    const area = createMemoryArea()
    const [left, right] = [opened(area), opened(area)]
    left.bind('c_1')
    right.bind('c_1')
    left.add(message('left'))
    right.add(message('right'))
    expect(opened(area).bind('c_1')).toHaveLength(2)
  })

  it('gives what was written before there was a conversation to the first one, also after a reload', () => {
    const area = createMemoryArea()
    const early = message('early')
    opened(area).add(early)
    const later = opened(area)
    expect(later.all()).toEqual([early])
    expect(later.bind('c_1')).toEqual([early])
    expect([opened(area).all(), opened(area).bind('c_1')]).toEqual([[], [early]])
  })

  it('takes messages along when a conversation is lost, and nothing that concerned only the lost one', () => {
    const area = createMemoryArea()
    const outbox = opened(area)
    outbox.bind('c_1')
    const kept = message('kept')
    outbox.add({ t: 'conv.close', id: newId(), d: {} })
    outbox.add(kept)
    outbox.unbind()
    expect(outbox.bind('c_2')).toEqual([kept])
    expect(opened(area).bind('c_1')).toEqual([])
  })

  it('is bounded, in memory and in what it reads back', () => {
    const outbox = opened()
    for (let i = 0; i < maxWaiting; i++) expect(outbox.add(message(`${i}`))).toBe(true)
    expect(outbox.add(message('one too many'))).toBe(false)
    expect(outbox.all()).toHaveLength(maxWaiting)
  })

  it('drops entries that somebody damaged', () => {
    const area = createMemoryArea()
    for (const [i, text] of ['{', 'null', '7', '{"t":"msg.send"}', '{"t":"msg.send","id":"?","d":{}}'].entries()) {
      area.setItem(`bursar:x:out:c_1:${i}`, text)
    }
    expect(opened(area).bind('c_1')).toEqual([])
    expect(area.length).toBe(0)
  })

  it('does not send again what is older than the server remembers ids', () => {
    const outbox = opened()
    const now = Date.now()
    const [old, fresh] = [message('old', createUlids(() => now - resendMs - 1)()), message('fresh')]
    outbox.add(old)
    outbox.add(fresh)
    expect(outbox.waiting(now)).toEqual([fresh])
    expect([isStale(old, now), outbox.all().length]).toEqual([true, 2])
  })
})
