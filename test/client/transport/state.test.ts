import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Action,
  initialState,
  openCases,
  reduce,
  reference,
  type State,
  unread,
} from '../../../client/transport/state.ts'
import type { CustomerFrame, DurableEvent, Snapshot } from '../../../server/protocol/events.ts'
import { completed } from '../support/fixtures.ts'
import { event } from '../support/wire-server.ts'

const mid = (n: number): string => `m_${String(n).padStart(16, '0')}`
const conv = 'c_0000000000000001'
const play = (frames: readonly Action[], from: State = initialState): State => frames.reduce(reduce, from)
const delta = (id: string, n: number, off: number, text: string, snap = false): CustomerFrame => ({
  t: 'msg.delta',
  conv,
  d: { mid: id, n, off, text, ...(snap && { snap }) },
})

/** A log of questions and answers with everything else that can stand in one. */
function logOf(
  turns: readonly { text: string; extra: 'none' | 'rated' | 'read' | 'queue' | 'case' | 'settled' | 'closed' }[],
): DurableEvent[] {
  const log: DurableEvent[] = []
  const add = (make: (seq: number) => DurableEvent): void => void log.push(make(log.length + 1))
  turns.forEach(({ text, extra }, i) => {
    const [question, answer] = [mid(2 * i), mid(2 * i + 1)]
    add((seq) => event('msg.created', seq, { mid: question, by: 'customer', re: [], status: 'done', text }))
    add((seq) => event('msg.created', seq, { mid: answer, by: 'bot', re: [question], status: 'streaming' }))
    add((seq) => event('msg.completed', seq, completed(answer, { text: `about ${text}` })))
    if (extra === 'rated') add((seq) => event('feedback.saved', seq, { mid: answer, value: 1 }))
    if (extra === 'read') add((seq) => event('read', seq, { by: 'customer', upto: seq - 1 }))
    if (extra === 'queue') add((seq) => event('owner.changed', seq, { owner: 'queue', reason: 'human' }))
    const id = `k_${String(i).padStart(16, '0')}`
    const noted = { case: id, type: 'complaint' as const, ref: 'ABCD-EFGH', due: '2026-12-22' }
    if (extra === 'case' || extra === 'settled') add((seq) => event('case.opened', seq, noted))
    if (extra === 'settled') add((seq) => event('case.updated', seq, { case: id, status: 'closed' }))
    if (extra === 'closed') add((seq) => event('conv.state', seq, { state: 'closed' }))
  })
  return log
}
const logs = fc
  .array(
    fc.record({
      text: fc.string(),
      extra: fc.constantFrom('none', 'rated', 'read', 'queue', 'case', 'settled', 'closed'),
    }),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map(logOf)

/** What the server's snapshot of this log holds. */
function snapshotOf(log: readonly DurableEvent[]): Snapshot {
  const whole = play(log)
  return {
    t: 'snapshot',
    conv,
    epoch: 'e1',
    head: log.length,
    d: {
      messages: whole.messages.map(({ mid, seq, by, text, completed: done, feedback }) => ({
        ...{ mid, seq, at: '2026-11-22T10:00:00.000Z', by, text, re: [] },
        ...(done && { completed: done }),
        ...(feedback && { feedback }),
      })),
      owner: whole.owner,
      state: whole.closed ? 'closed' : 'open',
      cases: [...whole.cases],
      read: { customer: whole.read, agent: 0 },
      more: false,
    },
  }
}

/** What a client shows, without how it got there. */
const shown = ({ messages, last, owner, closed, read, gap }: State) => ({ messages, last, owner, closed, read, gap })

describe('applying a log', () => {
  it('ends in the same state after any loss, repetition and disorder, once the rest is replayed', () => {
    const disorder = logs.chain((log) =>
      fc.record({
        log: fc.constant(log),
        arrivals: fc.array(fc.integer({ min: 0, max: log.length - 1 }), { maxLength: 3 * log.length }),
      }),
    )
    fc.assert(
      fc.property(disorder, ({ log, arrivals }) => {
        const disturbed = play(arrivals.flatMap((at) => log[at] ?? []))
        const live: CustomerFrame = { t: 'live', conv, epoch: 'e1', head: log.length }
        const resumed = play([...log.slice(disturbed.last), live], disturbed)
        expect(shown(resumed)).toEqual(shown(play([...log, live])))
      }),
    )
  })

  it('never applies an event twice or out of turn', () => {
    fc.assert(
      fc.property(logs, fc.array(fc.nat(40), { maxLength: 60 }), (log, arrivals) => {
        let state = initialState
        for (const at of arrivals) {
          const frame = log[at % log.length]
          if (!frame) continue
          const { last } = state
          state = reduce(state, frame)
          expect(state.last).toBe(frame.seq === last + 1 ? last + 1 : last)
          expect(frame.seq > last + 1 ? state.gap : true).toBe(true)
        }
      }),
    )
  })

  it('ends in the same state from a snapshot at any point and the events after it', () => {
    fc.assert(
      fc.property(logs, fc.nat(40), (log, cut) => {
        const at = cut % (log.length + 1)
        const joined = play([snapshotOf(log.slice(0, at)), ...log.slice(at)])
        expect(shown(joined)).toEqual(shown(play(log)))
      }),
    )
  })

  it('ignores types and fields of a later version, and counts their events', () => {
    // As they come off the wire: types that today's code does not know.
    const later: DurableEvent = JSON.parse(JSON.stringify({ ...event('read', 1, { by: 'agent', upto: 0 }), t: 'mood' }))
    const unknown: CustomerFrame = JSON.parse('{"t":"weather","d":{}}')
    const state = play([later, unknown])
    expect([state.last, state.gap, state.messages]).toEqual([1, false, []])
  })

  it('waits for cases that are not settled, but for none that only a person was asked for', () => {
    const open = (n: number, type: 'complaint' | 'human' | 'dispute') =>
      event('case.opened', n, { case: `k_${n}`, type, ref: 'ABCD-EFGH', due: '2026-12-22' })
    const state = play([open(1, 'complaint'), open(2, 'human'), open(3, 'dispute')])
    expect(openCases(state).map(({ type }) => type)).toEqual(['complaint', 'dispute'])
    const later = play(
      [
        event('case.updated', 4, { case: 'k_1', status: 'closed' }),
        event('case.updated', 5, { case: 'k_3', status: 'escalated', due: '2026-12-23' }),
      ],
      state,
    )
    expect(openCases(later)).toEqual([
      { case: 'k_3', type: 'dispute', ref: 'ABCD-EFGH', status: 'escalated', due: '2026-12-23' },
    ])
  })

  it('does not go back to a snapshot that is older than what it has', () => {
    const log = logOf([{ text: 'a', extra: 'none' }])
    const current = play([{ t: 'live', conv, epoch: 'e1', head: 3 }, ...log])
    expect(reduce(current, snapshotOf(log.slice(0, 1))).messages).toHaveLength(2)
    expect(reduce(current, { ...snapshotOf(log.slice(0, 1)), epoch: 'e2' }).messages).toHaveLength(1)
  })
})

describe('resuming', () => {
  it('finds a gap when the replay ends before the head it names, or a fresh start is not fresh', () => {
    expect(play([{ t: 'live', conv, epoch: 'e1', head: 4 }]).gap).toBe(true)
    expect(play([{ t: 'live', conv, epoch: 'e1', head: 0 }])).toMatchObject({ gap: false, epoch: 'e1' })
  })
})

describe('streaming', () => {
  const begun = play([
    event('msg.created', 1, { mid: mid(1), by: 'bot', re: [], status: 'streaming' }),
    { t: 'typing', conv, d: { by: 'bot', on: true } },
  ])
  const text = (frames: readonly CustomerFrame[]): string | undefined => play(frames, begun).messages[0]?.text

  it('adds pieces in order', () => {
    expect(text([delta(mid(1), 1, 0, 'The fee '), delta(mid(1), 2, 8, 'is 2.75%')])).toBe('The fee is 2.75%')
  })
  it('drops a piece that would leave a hole, and one that came twice', () => {
    expect(text([delta(mid(1), 1, 0, 'The '), delta(mid(1), 3, 8, 'is')])).toBe('The ')
    expect(text([delta(mid(1), 1, 0, 'The '), delta(mid(1), 1, 0, 'The ')])).toBe('The ')
    expect(text([delta(mid(1), 1, 0, 'The '), delta(mid(1), 2, 9, 'is')])).toBe('The ')
  })
  it('starts from what the server says so far after a reconnect', () => {
    expect(text([delta(mid(1), 7, 0, 'The fee', true), delta(mid(1), 8, 7, ' is')])).toBe('The fee is')
  })
  it('gives way to the finished message, after which late pieces count for nothing', () => {
    const done = event('msg.completed', 2, completed(mid(1), { text: 'The fee is 2.75%.' }))
    const state = play([delta(mid(1), 1, 0, 'Something'), done, delta(mid(1), 2, 9, ' else')], begun)
    expect(state.messages[0]).toMatchObject({ text: 'The fee is 2.75%.', streaming: false })
    expect(state.typing).toBe(false)
  })
})

describe('messages on their way', () => {
  const sent = play([{ t: 'local.sent', id: 'a', text: 'hello' }])
  const created = event('msg.created', 1, { mid: mid(1), by: 'customer', re: [], status: 'done', text: 'hello' })
  const ack: CustomerFrame = { t: 'ack', re: 'a', mid: mid(1), seq: 1 }

  it.each([
    ['the ack comes first', [ack, created]],
    ['the event comes first', [created, ack]],
    ['the ack is repeated', [ack, created, ack]],
  ])('are shown once when %s', (_, frames) => {
    const state = play(frames, sent)
    expect([state.pending, state.messages.map(({ text }) => text)]).toEqual([[], ['hello']])
  })
  it('do not advance the log by their ack', () => {
    expect(reduce(sent, ack)).toMatchObject({ last: 0, pending: [{ id: 'a', mid: mid(1) }] })
  })
  it('are marked when refused for good, and only then', () => {
    const refused = (temporary: boolean): CustomerFrame => ({
      ...{ t: 'err', re: 'a', code: 'too_long', msg: '', trace: 'r', temporary },
    })
    expect(reduce(sent, refused(true)).pending[0]?.failed).toBe(false)
    const failed = reduce(sent, refused(false))
    expect(failed.pending[0]?.failed).toBe(true)
    expect(reduce(failed, { t: 'local.dropped', id: 'a' }).pending).toEqual([])
  })
  it('leave with a snapshot that holds them', () => {
    const acknowledged = reduce(sent, ack)
    expect(reduce(acknowledged, snapshotOf([created])).pending).toEqual([])
  })
  it('go along to another conversation, and nothing else does', () => {
    const state = play([created, { t: 'local.dismissed', product: 'p' }, { t: 'local.conversation' }], sent)
    expect(state).toEqual({ ...initialState, pending: sent.pending })
  })
})

describe('what the view asks', () => {
  it('counts finished answers after the last one read', () => {
    const log = logOf([
      { text: 'a', extra: 'read' },
      { text: 'b', extra: 'none' },
    ])
    expect(unread(play(log)).map(({ mid }) => mid)).toEqual([mid(3)])
    expect(unread(play(log.slice(0, -1)))).toEqual([])
  })
  it('finds the newest reference of a hand-over', () => {
    const handoff = (id: string, ref: string) =>
      completed(id, { kind: 'handoff', parts: [{ tpl: 'handoff.human.en', slots: { ref } }] })
    const state = play([
      event('msg.created', 1, { mid: mid(1), by: 'bot', re: [], status: 'streaming' }),
      event('msg.completed', 2, handoff(mid(1), 'NB-1')),
      event('msg.created', 3, { mid: mid(2), by: 'bot', re: [], status: 'streaming' }),
      event('msg.completed', 4, handoff(mid(2), 'NB-2')),
    ])
    expect(reference(state)).toBe('NB-2')
    expect(reference(initialState)).toBeUndefined()
  })
  it('shows a rating at once and keeps the one that was saved', () => {
    const log = logOf([{ text: 'a', extra: 'rated' }])
    const rated = play([...log.slice(0, 3), { t: 'local.rated', mid: mid(1), value: -1 }])
    expect(rated.messages[1]?.feedback).toBe(-1)
    expect(play(log.slice(3), rated).messages[1]?.feedback).toBe(1)
  })
  it('puts earlier messages before the others, each once', () => {
    const log = logOf([
      { text: 'a', extra: 'none' },
      { text: 'b', extra: 'none' },
    ])
    const all = snapshotOf(log).d.messages
    const late = reduce(initialState, {
      ...snapshotOf(log),
      d: { ...snapshotOf(log).d, messages: all.slice(2), more: true },
    })
    const whole = reduce(late, { t: 'local.earlier', messages: all.slice(0, 3), more: false })
    expect([whole.messages.map(({ mid }) => mid), whole.more]).toEqual([[0, 1, 2, 3].map(mid), false])
  })
})
