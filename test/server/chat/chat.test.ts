import { describe, expect, it } from 'vitest'
import { ClosedError, ConflictError, NotFoundError } from '../../../server/errors.ts'
import type { House } from '../../../server/operations/house.ts'
import type { DurableEvent } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import type { Version } from '../../../server/storage/types.ts'
import { newCommandId } from '../../support/client.ts'
import { open, refOf } from './open-house.ts'

describe('a command', () => {
  it('is done once: the same id gives the same ack, another text is a conflict', async () => {
    const { chat, converse, log, event } = await open()
    const conv = await converse()
    const id = newCommandId()
    const answered = event(conv, (seen) => seen.t === 'msg.completed')
    const [first, second] = await Promise.all([
      chat.send(conv, { id, text: 'hello' }),
      chat.send(conv, { id, text: 'hello' }),
    ])
    expect(second).toEqual({ ...first, dup: true })
    await expect(chat.send(conv, { id, text: 'good bye' })).rejects.toThrow(ConflictError)
    await answered
    expect(await chat.send(conv, { id, text: 'hello' })).toEqual({ ...first, dup: true })
    const events = await log(conv)
    expect(events.filter(({ t }) => t === 'msg.completed')).toHaveLength(1)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
  })

  it('for a conversation that has ended, or that nobody opened, is refused; a resend still gets its ack', async () => {
    const { chat, converse, ask } = await open()
    const conv = await converse()
    await ask(conv, 'hello')
    const id = newCommandId()
    const ack = await chat.close(conv, id)
    await expect(chat.send(conv, { id: newCommandId(), text: 'hello?' })).rejects.toThrow(ClosedError)
    await expect(chat.human(conv, newCommandId())).rejects.toThrow(ClosedError)
    expect(await chat.close(conv, id)).toEqual({ ...ack, dup: true })
    expect(await chat.snapshot(conv)).toMatchObject({ owner: 'closed', state: 'closed' })
    await expect(chat.send(mintId('c'), { id: newCommandId(), text: 'x' })).rejects.toThrow(NotFoundError)
  })

  it('of feedback needs an answer of this very conversation; the last value counts', async () => {
    const { chat, converse, ask } = await open()
    const [conv, other] = [await converse(), await converse()]
    const { mid } = await ask(conv, 'how do I close an account?')
    const rate = (to: string, about: string, value: 1 | -1) => chat.feedback(to, newCommandId(), { mid: about, value })
    await expect(rate(conv, mintId('m'), 1)).rejects.toThrow(NotFoundError)
    await expect(rate(other, mid, 1)).rejects.toThrow(NotFoundError)
    await rate(conv, mid, 1)
    await rate(conv, mid, -1)
    const { messages } = await chat.snapshot(conv)
    expect(messages.find((message) => message.mid === mid)?.feedback).toBe(-1)
  })

  it('of reading moves the mark forward only', async () => {
    const { chat, converse, ask } = await open()
    const conv = await converse()
    await ask(conv, 'hello')
    await chat.read(conv, newCommandId(), 2)
    await chat.read(conv, newCommandId(), 1)
    expect((await chat.snapshot(conv)).read).toEqual({ customer: 2, agent: 0 })
  })
})

describe('a hand-over', () => {
  it('gives a reference; from then on the same one is told, also after a restart', async () => {
    const first = await open()
    const conv = await first.converse()
    const told = first.event(conv, (seen) => seen.t === 'msg.completed')
    await first.chat.human(conv, newCommandId())
    const { d: handoff } = await told
    const ref = refOf(handoff)
    expect([handoff.kind, handoff.human]).toEqual(['handoff', true])
    expect(ref).toMatch(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/)
    expect(await first.chat.snapshot(conv)).toMatchObject({ owner: 'queue' })
    const waiting = await first.ask(conv, 'are you there yet?')
    expect([waiting.kind, refOf(waiting), waiting.cites]).toEqual(['handoff', ref, []])
    await first.close()
    const second = await open(first.data)
    expect(refOf(await second.ask(conv, 'are you there?'))).toBe(ref)
    const again = second.event(conv, (seen) => seen.t === 'msg.completed')
    await second.chat.human(conv, newCommandId())
    expect(refOf((await again).d)).toBe(ref)
  })

  it('leaves nobody without what the documents say, nor without advice that cannot wait', async () => {
    const { chat, converse, ask, log } = await open()
    const conv = await converse()
    const ref = refOf(await ask(conv, 'what is my balance?'))
    const answered = await ask(conv, 'How much does a replacement card cost?')
    expect(answered).toMatchObject({ kind: 'answer', human: true })
    expect(answered.cites.length).toBeGreaterThan(0)
    expect(answered.text).toContain(`A person has been asked already. Your reference is ${ref}`)
    const advised = await ask(conv, 'my card was stolen')
    expect([advised.kind, refOf(advised)]).toEqual(['handoff', ref])
    expect(advised.text).toContain('freeze your card')
    expect((await log(conv)).filter(({ t }) => t === 'owner.changed')).toHaveLength(1)
    await chat.settled()
  })

  it('has one reference, though two tabs and a complaint ask for a person at once', async () => {
    const { chat, converse, event, log } = await open()
    const conv = await converse()
    const answered = event(
      conv,
      (seen): seen is DurableEvent => seen.t === 'case.opened' && seen.d.type === 'complaint',
    )
    await chat.send(conv, { id: newCommandId(), text: 'this is a complaint, i am furious about your fees' })
    await Promise.all([chat.human(conv, newCommandId()), chat.human(conv, newCommandId())])
    await answered
    const answers = (await log(conv)).flatMap((seen) => (seen.t === 'msg.completed' ? [seen.d] : []))
    expect(answers).toHaveLength(3)
    expect(new Set(answers.map(refOf)).size).toBe(1)
    for (const answer of answers) expect(answer.text).toContain(refOf(answer))
    expect((await log(conv)).filter(({ t }) => t === 'owner.changed')).toHaveLength(1) // who waits already is not queued again
  })

  it('keeps the reference that was offered before', async () => {
    const { chat, converse, event, ask } = await open()
    const conv = await converse()
    const offer = await ask(conv, 'How do I make a complaint?')
    expect([offer.kind, refOf(offer)]).toEqual(['answer', expect.any(String)])
    const told = event(conv, (seen) => seen.t === 'msg.completed')
    await chat.human(conv, newCommandId())
    expect(refOf((await told).d)).toBe(refOf(offer))
  })

  it('follows the wish for a person in so many words', async () => {
    const { ask, converse, chat } = await open()
    const conv = await converse()
    expect(await ask(conv, 'I want to talk to a real person please')).toMatchObject({
      kind: 'handoff',
      reason: 'human',
    })
    expect(await chat.snapshot(conv)).toMatchObject({ owner: 'queue', state: 'open' })
  })

  it('comes at the latest with the second turn that fails', async () => {
    const { ask, converse } = await open()
    const conv = await converse()
    const first = await ask(conv, 'xqzv blorf')
    const second = await ask(conv, 'wug snark vlim')
    expect(['clarify', 'abstain']).toContain(first.kind)
    expect(second).toMatchObject({ kind: 'handoff', human: true })
  })
})

describe('a restart', () => {
  it('answers what was accepted and not answered, in order, and knows what was said before', async () => {
    const first = await open()
    const conv = await first.converse()
    await first.ask(conv, 'hello, I am a student and I am 19')
    // Accepted, and then the process is gone before a turn begins.
    await first.chat.settled()
    const acks = [
      await first.chat.send(conv, { id: newCommandId(), text: 'how do I close an account?' }),
      await first.chat.send(conv, { id: newCommandId(), text: 'and what does it cost?' }),
    ]
    await first.close()
    const second = await open(first.data)
    const answered = second.event(conv, (seen) => seen.t === 'msg.created')
    expect(await second.chat.goOn()).toBe(1)
    const created = await answered
    expect(created.d).toMatchObject({ by: 'bot', re: acks.map(({ mid }) => mid) })
    expect(await second.house.store.conversations.pending()).toEqual([])
    expect(await second.chat.goOn()).toBe(0)
  })
})

describe('a follow-up', () => {
  it('is looked up with what it leaves out, also after a restart, and its receipt says so', async () => {
    const first = await open()
    const conv = await first.converse()
    await first.ask(conv, 'How do I close my current account?')
    await first.close()
    const second = await open(first.data)
    const { mid } = await second.ask(conv, 'How long does it take?')
    expect(await second.house.store.receipts.find(mid)).toMatchObject({
      receipt: {
        question: 'How long does it take?',
        lookedUp: { text: 'How long does it take? (close current account)' },
        before: { question: 'How do I close my current account?' },
      },
    })
  })
})

describe('two questions in one message', () => {
  it('get an answer each, and one receipt', async () => {
    const { ask, converse, house } = await open()
    const text = 'Where can I change the PIN of my card? Do I need to let you know before I travel?'
    const { mid, kind, cites } = await ask(await converse(), text)
    expect(kind).toBe('answer')
    expect(cites.map(({ doc }) => doc.split('#')[1])).toEqual(['pin-change-cash-machine', 'abroad-tell-us'])
    const found = await house.store.receipts.find(mid)
    expect(found?.receipt).toMatchObject({ action: { rule: 'several' }, questions: text.split(/(?<=card\?) /) })
  })

  it('go to a person where one of them is about the own account', async () => {
    const { ask, converse } = await open()
    const text = 'What does a replacement card cost? Where is my card?'
    expect(await ask(await converse(), text)).toMatchObject({ kind: 'handoff', reason: 'account' })
  })
})

describe('a product', () => {
  const wish = 'which account is best for me?'

  it('that was dismissed is not offered again, also after a restart', async () => {
    const first = await open()
    const conv = await first.converse()
    const { kind, recs } = await first.ask(conv, wish)
    expect([kind, recs.length > 0]).toEqual(['recommend', true])
    const dismissed = recs[0]!.product
    await first.chat.recEvent(conv, newCommandId(), { product: dismissed, kind: 'dismiss' })
    const offered = async ({ ask }: Pick<typeof first, 'ask'>) =>
      (await ask(conv, wish)).recs.map(({ product }) => product)
    expect(await offered(first)).not.toContain(dismissed)
    await first.close()
    const second = await open(first.data)
    expect(await offered(second)).not.toContain(dismissed)
    expect((await second.log(conv)).filter(({ t }) => t === 'rec.shown').length).toBeGreaterThan(1)
  })

  it.each<[string, (house: House, sheet: Version) => Promise<unknown>]>([
    ['removed', ({ units, store }, { doc }) => units.run((tx) => store.documents.remove(tx, doc))],
    ['changed', (house, sheet) => replace(house, { ...sheet, text: 'Sold no more.' })],
    ['made agents’ own', (house, sheet) => replace(house, { ...sheet, audience: 'agent' })],
    ['ended', (house, sheet) => replace(house, { ...sheet, until: '2026-01-01' })],
  ])('is not offered from a sheet that was %s while the recommender held it', async (_, change) => {
    const { house, converse, ask } = await open()
    const before = await ask(await converse(), wish)
    const { doc } = before.cites[0]!
    await change(house, (await house.store.documents.current(doc))!)
    const after = await ask(await converse(), wish)
    expect(after.kind).toBe('recommend')
    expect(after.recs.map(({ product }) => product)).toEqual(before.recs.slice(1).map(({ product }) => product))
    expect(after.cites.map((cite) => cite.doc)).not.toContain(doc)
    expect(after.cites.map(({ k }) => k)).toEqual(after.cites.map((_, i) => i + 1))
  })
})

/** A new version of the document, without telling anybody. */
const replace = ({ units, store }: House, { id: _id, ver: _ver, at: _at, ...version }: Version) =>
  units.run((tx) => store.documents.addVersion(tx, version))
