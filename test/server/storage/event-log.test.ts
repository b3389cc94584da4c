import fc from 'fast-check'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { ClosedError, CorruptError, NotFoundError } from '../../../server/errors.ts'
import { durableEvent, storedMessage } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { at, completed, openStore, reasonOf, said } from './support.ts'

describe('the log of a conversation', () => {
  it('numbers events from 1 and gives them back as they went out', async () => {
    const { conversations, converse, units } = await openStore()
    const conv = await converse()
    const mid = mintId('m')
    const first = await units.run((tx) => conversations.append(tx, conv, [said('hello')], at))
    const second = await units.run((tx) =>
      conversations.append(
        tx,
        conv,
        [completed(mid, 'I do not know.'), { t: 'owner.changed', d: { owner: 'queue' } }],
        at,
      ),
    )
    expect([...first, ...second].map(({ seq, t }) => [seq, t])).toEqual([
      [1, 'msg.created'],
      [2, 'msg.completed'],
      [3, 'owner.changed'],
    ])
    const stored = await conversations.events(conv, 0, 10)
    expect(stored).toEqual([...first, ...second])
    for (const event of stored) expect(durableEvent.safeParse(event).success).toBe(true)
    expect(await conversations.events(conv, 1, 1)).toEqual(second.slice(0, 1))
    expect(await conversations.events(conv, 3, 10)).toEqual([])
    expect(await conversations.lastEvents(conv, 2)).toEqual(second)
    expect(await units.run((tx) => conversations.append(tx, conv, [], at))).toEqual([])
  })

  it('is dense, complete and in order under any concurrent appends, failing ones included', async () => {
    const { conversations, converse, units } = await openStore(undefined, { maxBatch: 5 })
    const unit = fc.record({
      conv: fc.nat(2),
      events: fc.integer({ min: 0, max: 4 }),
      fails: fc.boolean(),
      turn: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(unit, { minLength: 1, maxLength: 25 }), async (plan) => {
        const convs = [await converse(), await converse(), await converse()]
        const wanted: string[][] = [[], [], []]
        const running = plan.map(async ({ conv, events, fails }, i) => {
          if (plan[i]!.turn) await new Promise((resolve) => setImmediate(resolve))
          const texts = Array.from({ length: events }, (_, n) => `${i}.${n}`)
          const appended = units.run(async (tx) => {
            const stored = await conversations.append(
              tx,
              convs[conv]!,
              texts.map((text) => said(text)),
              at,
            )
            if (fails) throw new Error('no')
            wanted[conv]!.push(...texts)
            return stored.map(({ seq }) => seq)
          })
          const seqs = await appended.catch(() => [])
          expect(seqs.every((seq, n) => seq === seqs[0]! + n)).toBe(true)
        })
        await Promise.all(running)
        for (const [i, conv] of convs.entries()) {
          const events = await conversations.events(conv, 0, 1_000)
          expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n + 1))
          expect(events.map((event) => (event.t === 'msg.created' ? event.d.text : ''))).toEqual(wanted[i])
          expect((await conversations.find(conv))!.head).toBe(events.length)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('refuses an unknown conversation, and one that has ended where it has to be open', async () => {
    const { conversations, converse, units } = await openStore()
    const conv = await converse()
    const append = (id: string, onlyIf?: 'open') =>
      units.run((tx) => conversations.append(tx, id, [said('x')], at, onlyIf))
    expect(await reasonOf(append(mintId('c')))).toBeInstanceOf(NotFoundError)
    expect(await reasonOf(append(mintId('c'), 'open'))).toBeInstanceOf(NotFoundError)
    await append(conv, 'open')
    await units.run((tx) => conversations.close(tx, conv))
    expect(await reasonOf(append(conv, 'open'))).toBeInstanceOf(ClosedError)
    expect(await append(conv)).toMatchObject([{ seq: 2 }])
  })

  it('is not served with a gap', async () => {
    const { conversations, converse, units } = await openStore()
    const conv = await converse()
    await units.run((tx) => conversations.append(tx, conv, [said('a'), said('b'), said('c')], at))
    await units.run((tx) => sql`delete from events where seq = 2`.execute(tx))
    expect(await reasonOf(conversations.events(conv, 0, 10))).toBeInstanceOf(CorruptError)
    expect(await conversations.events(conv, 2, 10)).toHaveLength(1)
  })
})

describe('messages', () => {
  it('join what was created with how it was completed and what was thought of it', async () => {
    const { conversations, converse, units } = await openStore()
    const [conv, other] = [await converse(), await converse()]
    const [question, answer, open] = [mintId('m'), mintId('m'), mintId('m')]
    const created = (mid: string, re: string[]) =>
      ({ t: 'msg.created', d: { mid, by: 'bot', re, status: 'streaming' } }) as const
    const done = completed(answer, 'It is £12.00.')
    await units.run(async (tx) => {
      await conversations.append(tx, conv, [said('what is the late fee?', question), created(answer, [question])], at)
      await conversations.append(tx, conv, [{ t: 'read', d: { by: 'customer', upto: 1 } }, done, created(open, [])], at)
      await conversations.append(
        tx,
        conv,
        [1, -1].map((value) => ({ t: 'feedback.saved', d: { mid: answer, value: value as 1 | -1 } })),
        at,
      )
      await conversations.append(tx, other, [said('elsewhere')], at)
    })
    const { messages, more } = await conversations.messages(conv, { limit: 10 })
    expect(more).toBe(false)
    expect(messages).toEqual([
      { seq: 1, mid: question, at, by: 'customer', re: [], text: 'what is the late fee?' },
      { seq: 2, mid: answer, at, by: 'bot', re: [question], text: 'It is £12.00.', completed: done.d, feedback: -1 },
      { seq: 5, mid: open, at, by: 'bot', re: [], text: '' },
    ])
    for (const message of messages) expect(storedMessage.safeParse(message).success).toBe(true)
    expect(
      await units.run((tx) =>
        Promise.all([answer, question, open].map((mid) => conversations.hasAnswer(tx, conv, mid))),
      ),
    ).toEqual([true, false, false])
    expect(await units.run((tx) => conversations.hasAnswer(tx, other, answer))).toBe(false)
  })

  it('are read in pages from the newest back, none twice and none left out', async () => {
    const { conversations, converse, units } = await openStore()
    const conv = await converse()
    await units.run(async (tx) => {
      for (let i = 0; i < 23; i++) {
        const events = [
          said(`text ${i}`),
          ...(i % 3 === 0 ? [{ t: 'owner.changed', d: { owner: 'bot' } } as const] : []),
        ]
        await conversations.append(tx, conv, events, at)
      }
    })
    const texts: string[] = []
    let before: number | undefined
    for (let more = true; more; ) {
      const page = await conversations.messages(conv, { limit: 5, ...(before !== undefined && { before }) })
      texts.unshift(...page.messages.map(({ text }) => text))
      before = page.messages[0]?.seq
      more = page.more
    }
    expect(texts).toEqual(Array.from({ length: 23 }, (_, i) => `text ${i}`))
    expect(await conversations.messages(conv, { limit: 5, before: 1 })).toEqual({ messages: [], more: false })
    expect(await conversations.messages(mintId('c'), { limit: 5 })).toEqual({ messages: [], more: false })
  })
})
