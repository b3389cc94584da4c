import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Context, Options, Outcome } from '../../../server/cli/command.ts'
import { receiptCommands } from '../../../server/cli/receipts.ts'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import type { GapReport } from '../../../server/receipts/gaps.ts'
import type { Impact } from '../../../server/receipts/impact.ts'
import type { Replayed } from '../../../server/receipts/replay.ts'
import type { Why } from '../../../server/receipts/why.ts'
import type { ReadingReceipt } from '../../../server/storage/receipts.ts'
import { addDays } from '../../../server/text/calendar.ts'
import { newCommandId } from '../../support/client.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { shareHouse } from './support.ts'

const { house, converse, answered, ask, perform } = shareHouse()

const why = async (message: string) => (await perform('why', { message })) as Why
const replay = async (message: string) => (await perform('replay', { message })) as Replayed

/** Run a command as the command line does, on the shared house. */
async function command(name: string, words: string[], options: Options = {}): Promise<Outcome> {
  const found = receiptCommands.find((one) => one.name === name)!
  const context: Context = {
    ...{ config: readConfig({}), logger: createLogger('silent'), perform },
    ...{ progress: () => undefined, announce: () => undefined },
  }
  return (await found.run(context, words, options))!
}

/** Publish a document of one paragraph, in a collection of the tests' own. */
async function publish(name: string, text: string): Promise<void> {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, text)
  await perform('ingest', { paths: [file], collection: 'receipts', sync: false })
}

const question = 'how much is the late payment fee on a credit card?'

describe('why', () => {
  it('tells what was understood, the candidates, the threshold, the versions and the quote', async () => {
    const { mid, cites } = await ask(await converse(), question)
    const told = await why(mid)
    expect(told).toMatchObject({ message: mid, answer: { kind: 'answer', cites }, receipt: { how: 'read', question } })
    expect(told.because).toMatch(/^a passage answers with probability [01]\.\d{3}, quoted is from [01]\.\d{3} on$/)
    expect(told.candidates[0]).toMatchObject({ doc: cites[0]?.doc, ver: cites[0]?.ver, quotable: true })
    expect(told.candidates[0]?.text).toBe(cites[0]?.quote)
    expect(told.candidates.length).toBeGreaterThan(5)
    const { text } = await command('why', [mid])
    for (const part of [question, cites[0]!.title, cites[0]!.quote, 'intent v', 'index ', 'candidates:'])
      expect(text).toContain(part)
  })

  it('tells the spelling that was looked up, and masks what the message held', async () => {
    const { mid } = await ask(await converse(), 'what is the late paymnet fee for card 4111 1111 1111 1111?')
    const { receipt } = await why(mid)
    expect(receipt).toMatchObject({ lookedUp: { text: expect.stringContaining('late payment fee') } })
    expect(JSON.stringify(receipt)).not.toContain('4111')
  })

  it('explains an answer for which nothing was read', async () => {
    const conv = await converse()
    const told = answered(conv)
    await house().chat.human(conv, newCommandId())
    const { mid } = await told
    expect((await why(mid)).because).toContain('pressed the button')
    const waiting = await ask(conv, 'are you there?')
    expect((await why(waiting.mid)).because).toContain('had been asked for already')
    for (const message of [mid, waiting.mid]) expect(await replay(message)).toMatchObject({ equal: true })
  })

  it('of an unknown message says what to name instead', async () => {
    for (const operation of ['why', 'replay'])
      await expect(perform(operation, { message: mintId('m') })).rejects.toThrow('name the id of an answer')
  })
})

describe('customers', () => {
  it('never see a receipt', async () => {
    const conv = await converse()
    await ask(conv, question)
    const seen = JSON.stringify([await house().chat.snapshot(conv), await house().chat.replay(conv, 0, 100)])
    for (const inside of ['receipt', 'candidates', 'probability', 'thresholds', 'readWith'])
      expect(seen).not.toContain(inside)
  })
})

describe('a replay', () => {
  it.each([
    ['a quote', [question]],
    ['a second turn', ['hello', 'I am a student and I am 19. which account is best for me?']],
    ['an offer under a reference', ['How do I make a complaint?']],
    ['a hand-over', ['this is a complaint, i am furious about your fees']],
    ['ignorance, twice', ['xqzv blorf', 'wug snark vlim']],
    ['a follow-up', ['how much is the late payment fee on a credit card?', 'and for a student?']],
    ['another day', ['What was the late payment fee in March 2025?']],
    ['Chinese', ['信用卡逾期费用是多少？']],
    ['two questions', ['Where can I change the PIN of my card? Do I need to let you know before I travel?']],
    [
      'two questions, one without an answer',
      ['Where can I change the PIN of my card? Do you sell stamps for letters?'],
    ],
  ])('of %s is byte-equal', async (_, texts) => {
    const conv = await converse()
    for (const text of texts) {
      const { mid, ...answer } = await ask(conv, text)
      const again = await replay(mid)
      expect(again).toMatchObject({ equal: true, snapshot: 'stored', missing: [], differences: [] })
      expect(JSON.stringify(again.answer.parts)).toBe(JSON.stringify(answer.parts))
    }
  })

  it('does not take another index of the same number, other changes to it, or other models, for those of then', async () => {
    const { mid } = await ask(await converse(), question)
    const { store, units } = house()
    const { receipt: found, ...place } = (await store.receipts.find(mid))!
    const receipt = found as ReadingReceipt
    const { readWith } = receipt
    /** Files an answer that was read with something else. */
    async function readWithOther(more: Partial<typeof readWith>): Promise<string> {
      const other = { ...place, mid: mintId('m') }
      const event = { t: 'msg.completed' as const, d: { ...(await why(mid)).answer, mid: other.mid } }
      await units.run(async (tx) => {
        const [{ seq } = { seq: 0 }] = await store.conversations.append(tx, place.conv, [event], place.at)
        await store.receipts.add(tx, { ...other, seq }, { ...receipt, readWith: { ...readWith, ...more } })
      })
      return other.mid
    }
    const strange = 'f'.repeat(64)
    const cases = [
      [{ index: strange }, `the index of generation ${readWith.generation}`],
      [{ delta: { number: 9, index: strange } }, `the changes 9 over the index of generation ${readWith.generation}`],
      [{ heads: { ...readWith.heads, intent: 99 } }, 'version 99 of intent'],
    ] as const
    for (const [more, missing] of cases)
      expect(await replay(await readWithOther(more))).toMatchObject({
        ...{ equal: true, snapshot: 'current' },
        missing: [missing],
      })
  })

  it('reads the text of then, for as long as its index is kept, and later says that it is not', {
    timeout: 120_000,
  }, async () => {
    const { number } = house().pool.generation
    const kept = () => readdirSync(join(house().config.dataDir, 'generations')).sort()
    const lockers = 'what does a safe deposit locker at the Harbour branch cost a year?'
    await publish('lockers.txt', 'A safe deposit locker at our Harbour branch costs £77 a year.')
    const { mid, text, cites } = await ask(await converse(), lockers)
    expect(text).toContain('£77')
    expect((await command('why', [mid])).text).toMatch(new RegExp(`index ${number} \\(\\w+\\) with delta 1 \\(`))
    await publish('lockers.txt', 'A safe deposit locker at our Harbour branch costs £99 a year.')
    expect(kept()).toEqual([`${number}`, `${number}.1`, `${number}.2`])
    expect(await replay(mid)).toMatchObject({ equal: true, snapshot: 'stored', answer: { text } })
    await perform('index.rebuild', {})
    // Nobody was answered with the second delta. The setting keeps one older index.
    expect(kept()).toEqual([`${number}`, `${number}.1`, `${number + 1}`])
    expect(await replay(mid)).toMatchObject({ equal: true, snapshot: 'stored', answer: { text } })
    expect((await command('replay', [mid], { verify: true })).exitCode).toBe(0)
    const { doc, ver } = cites[0]!
    expect(await perform('impact', { doc, ver, limit: 10 })).toMatchObject({ state: 'superseded', by: ver + 1 })

    expect((await ask(await converse(), lockers)).text).toContain('£99')
    await perform('index.rebuild', {})
    expect(kept()).toEqual([`${number + 1}`, `${number + 2}`])
    const later = await replay(mid)
    expect(later).toMatchObject({ equal: false, snapshot: 'current', missing: [`the index of generation ${number}`] })
    expect(later.answer.text).toContain('£99')
    const { text: shown, exitCode } = await command('replay', [mid], { verify: true })
    expect(exitCode).toBe(1)
    for (const part of ['no longer kept; replayed against generation', '-   "quote":', '£77', '£99'])
      expect(shown).toContain(part)
  })

  it('does not find what the look at the days to come found missing', async () => {
    const day = addDays(house().day(), 10)
    const dated = (name: string, price: string, field: string) =>
      publish(name, `---\n${field}: ${day}\n---\n# Sledges\n\nA sledge from our Harbour branch costs ${price} a day.\n`)
    await dated('sledges.now.md', '£61', 'until')
    await dated('sledges.then.md', '£62', 'from')
    const sledges = 'what does a sledge from the Harbour branch cost a day?'
    expect((await ask(await converse(), sledges)).text).toMatch(/£61[\s\S]*£62/)
    const then = 'receipts/sledges.then.md'
    // The index has not heard of it yet.
    await house().units.run((tx) => house().store.documents.remove(tx, then))
    const { mid, text } = await ask(await converse(), sledges)
    expect(text).toContain('£61')
    expect(text).not.toContain('£62')
    const { receipt } = await why(mid)
    expect(receipt).toMatchObject({ lost: [], lostAhead: [{ day, passages: [expect.any(Number)] }] })
    for (const _ of ['before the index is brought up to the store', 'after it']) {
      expect(await replay(mid)).toMatchObject({ equal: true, snapshot: 'stored' })
      await house().index()
    }
  })
})

describe('impact', () => {
  it('lists who was told, and what; a version that does not exist is refused', async () => {
    const conv = await converse()
    const { mid, cites } = await ask(conv, question)
    const { doc, ver, quote, spans } = cites[0]!
    const impact = (await perform('impact', { doc, ver, limit: 1_000 })) as Impact
    expect(impact.state).toBe('current')
    expect(impact.told.find((answer) => answer.mid === mid)).toMatchObject({ conv, quotes: [{ quote, spans }] })
    expect(impact.told).toHaveLength(impact.answers)
    const { text } = await command('impact', [`${doc}@${ver}`], { limit: '1' })
    expect(text).toContain(`told in ${impact.answers} answers`)
    expect(text).toContain('and ')
    await expect(command('impact', [doc])).rejects.toThrow('DOC@VERSION')
    await expect(command('impact', [`${doc}@99`])).rejects.toThrow(`there is no document ${doc}@99`)
  })
})

describe('gaps', () => {
  it('holds what was not answered or rated poorly, those that ask for the same together', async () => {
    const before = (await perform('gaps', { limit: 1_000 })) as GapReport
    const asked = [
      'what is a good recipe for apple pie?',
      'do you have an apple pie recipe?',
      'What is a good recipe for apple pie?',
      '苹果派怎么做？',
    ]
    for (const text of asked) expect((await ask(await converse(), text)).kind).not.toBe('answer')
    const conv = await converse()
    const { mid } = await ask(conv, question)
    await house().chat.feedback(conv, newCommandId(), { mid, value: -1 })
    const report = (await perform('gaps', { limit: 1_000 })) as GapReport
    expect(report.questions).toBe(before.questions + 5)
    const cluster = (text: string) =>
      report.clusters.find(({ examples }) => examples.some((example) => example.question === text))
    const pies = cluster('What is a good recipe for apple pie?')
    expect(pies).toMatchObject({ count: 3, unanswered: 3, poorlyRated: 0 })
    expect(pies?.examples.map((example) => example.question)).toContain('do you have an apple pie recipe?')
    expect(cluster('苹果派怎么做？')).toMatchObject({ count: 1 })
    expect(cluster(question)).toMatchObject({ poorlyRated: 1 })
    expect(await perform('gaps', { limit: 1_000 })).toEqual(report)
    expect((await command('gaps', [], { limit: '1' })).text).toContain('3 unanswered, 0 rated poorly')
    expect((await command('gaps', [], { since: '2999-01-01' })).text).toBe('no gaps')
    await expect(command('gaps', [], { since: 'soon' })).rejects.toThrow('--since is a day')
  })
})
