import { describe, expect, it } from 'vitest'
import { createComposer, requestReading } from '../../../server/chat/compose.ts'
import { createReadings } from '../../../server/chat/readings.ts'
import { createTurns, type PendingMessage, type TurnParts } from '../../../server/chat/turns.ts'
import { createLogger } from '../../../server/logger.ts'
import type { DurableEvent, EphemeralEvent } from '../../../server/protocol/events.ts'

const conv = `c_${'a'.repeat(20)}`
const why = { receipt: { how: 'waiting' }, gap: false } as const
const composer = createComposer('en', requestReading)
const asked = (text: string) => ({ text, role: 'customer', day: '2026-11-22' }) as const
const message = (name: string, at = 0): PendingMessage => ({ mid: `m_${name.padEnd(20, '0')}`, text: name, at })

/** Turns over a log in memory; `answer` is what takes time and may fail. */
function openTurns(answer: (text: string) => Promise<void>, overtaken = 0) {
  let left = overtaken
  const stored: string[][] = []
  const published: (DurableEvent | EphemeralEvent)[] = []
  let seq = 0
  let onStored: (() => void) | undefined
  const readings = createReadings()
  const parts: TurnParts = {
    readings,
    async answer(_, text) {
      await answer(text)
      return {
        draft: composer.abstain('A title that is long enough to be told in several pieces'),
        shown: [],
        rights: [],
        opened: [],
        ...why,
      }
    },
    ask: () => Promise.reject(new Error('no engine here')),
    async store(_, events, mids) {
      if (left-- > 0) return undefined
      stored.push([...mids])
      // A type goes with its own content, as it came in.
      const added = events.map(
        ({ t, d }) => ({ t, conv, seq: ++seq, at: '2026-11-22T09:00:00.000Z', d }) as DurableEvent,
      )
      setImmediate(() => onStored?.())
      return added
    },
    publish: (_, events) => void published.push(...events),
    logger: createLogger('silent'),
  }
  const untilStored = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onStored = () => (stored.length >= count ? resolve() : undefined)
      onStored()
    })
  return { turns: createTurns(parts), readings, stored, published, untilStored }
}

/** Answers that wait to be let go, in the order in which they began. */
function gate() {
  const waiting: { text: string; go: (failure?: Error) => void }[] = []
  const begun: (() => void)[] = []
  return {
    answer: (text: string) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ text, go: (failure) => (failure ? reject(failure) : resolve()) })
        begun.shift()?.()
      }),
    async next() {
      if (waiting.length === 0) await new Promise<void>((resolve) => begun.push(resolve))
      return waiting.shift()!
    },
    waiting,
  }
}

describe('turns', () => {
  it('whose documents were changed before the answer was stored find another answer at once', async () => {
    const asked: string[] = []
    const answer = async (text: string) => void asked.push(text)
    const { turns, stored, published, untilStored } = openTurns(answer, 2)
    turns.add(conv, message('one'))
    await untilStored(1)
    await turns.stop()
    expect([asked, stored]).toEqual([['one', 'one', 'one'], [[message('one').mid]]])
    expect(published.filter(({ t }) => t === 'msg.completed')).toHaveLength(1)
  })

  it('of one conversation come one after the other; what came meanwhile joins the next', async () => {
    const { answer, next, waiting } = gate()
    const { turns, stored, untilStored } = openTurns(answer)
    turns.add(conv, message('one', 0))
    turns.add(conv, message('two', 100))
    turns.add(conv, message('three', 200))
    const first = await next()
    expect([first.text, waiting.length]).toEqual(['one', 0])
    first.go()
    const second = await next()
    expect(second.text).toBe('two\nthree')
    second.go()
    await untilStored(2)
    expect(stored).toEqual([[message('one').mid], [message('two').mid, message('three').mid]])
  })

  it('of two conversations run side by side', async () => {
    const { answer, next } = gate()
    const { turns } = openTurns(answer)
    turns.add(conv, message('here'))
    turns.add(`${conv}b`, message('there'))
    expect([(await next()).text, (await next()).text]).toEqual(['here', 'there'])
  })

  it('join at most five messages, and none that came later than 1.5 s after the one before', async () => {
    const { answer, next } = gate()
    const { turns } = openTurns(answer)
    turns.add(conv, message('begin', 0))
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const [i, name] of names.entries()) turns.add(conv, message(name, 1_500 * (i + 1)))
    turns.add(conv, message('late', 1_500 * names.length + 1_501))
    ;(await next()).go()
    const burst = await next()
    expect(burst.text).toBe('a\nb\nc\nd\ne')
    burst.go()
    const rest = await next()
    expect(rest.text).toBe('f')
    rest.go()
    expect((await next()).text).toBe('late')
  })

  it('are tried again after a failure, with a reading of their own', async () => {
    const { answer, next } = gate()
    const { turns, stored, untilStored } = openTurns(answer)
    turns.add(conv, message('again'), turns.early(conv, asked('again')))
    ;(await next()).go(new Error('the engine died twice'))
    expect(stored).toEqual([])
    const second = await next()
    expect(second.text).toBe('again')
    second.go()
    await untilStored(1)
    expect(stored).toEqual([[message('again').mid]])
  })

  it('stop at once while one waits for its next try', async () => {
    const { answer, next } = gate()
    const { turns, stored } = openTurns(answer)
    turns.add(conv, message('never'))
    ;(await next()).go(new Error('no'))
    const begun = performance.now()
    await Promise.all([turns.stop(), turns.stop()])
    expect(performance.now() - begun).toBeLessThan(500)
    expect(stored).toEqual([])
  })

  it('end with the one under way when they are stopped', async () => {
    const { answer, next, waiting } = gate()
    const { turns, stored } = openTurns(answer)
    turns.add(conv, message('one', 0))
    turns.add(conv, message('two', 5_000))
    const first = await next()
    const stopped = turns.stop()
    first.go()
    await stopped
    expect([stored.length, waiting.length]).toEqual([1, 0])
  })

  it('start the engine early only for a conversation that has nothing under way', async () => {
    const { answer, next } = gate()
    const { turns } = openTurns(answer)
    expect(turns.early(conv, asked('x'))?.result).toBeInstanceOf(Promise)
    turns.add(conv, message('x'))
    expect(turns.early(conv, asked('y'))).toBeUndefined()
    await next()
  })

  it('hold what they were read with from the first reading until the answer is stored, or the message is not', async () => {
    const { answer, next } = gate()
    const { turns, readings, untilStored } = openTurns(answer)
    const first = turns.early(conv, asked('held'))
    const since = readings.since()
    expect(since).toBeLessThanOrEqual(performance.now())
    await turns.settle(Promise.resolve({ isNew: true }), first)
    turns.add(conv, message('held'), first)
    const begun = await next()
    expect(readings.since()).toBe(since)
    begun.go()
    await untilStored(1)
    await turns.stop()
    expect(readings.since()).toBeUndefined()
    for (const commit of [Promise.resolve({ isNew: false }), Promise.reject(new Error('the disk is full'))]) {
      await turns.settle(commit, turns.early(`${conv}b`, asked('again'))).catch(() => undefined)
      expect(readings.since()).toBeUndefined()
    }
  })

  it('are told as created, deltas that add up to the text, completed', async () => {
    const { turns, published, untilStored } = openTurns(async () => undefined)
    turns.add(conv, message('x'))
    await untilStored(1)
    const deltas = published.flatMap((event) => (event.t === 'msg.delta' ? [event.d] : []))
    const text = published.flatMap((event) => (event.t === 'msg.completed' ? [event.d.text] : []))[0]
    expect(published[0]?.t).toBe('msg.created')
    expect(published.at(-1)?.t).toBe('msg.completed')
    expect(deltas.length).toBeGreaterThan(1)
    expect(deltas.map((delta) => delta.text).join('')).toBe(text)
    expect(deltas.map(({ n }) => n)).toEqual(deltas.map((_, i) => i + 1))
    let off = 0
    for (const delta of deltas) {
      expect(delta.off).toBe(off)
      off += delta.text.length
    }
  })
})
