import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mintId } from '../../../server/protocol/ids.ts'
import { createCited } from '../../../server/storage/cited.ts'
import { createFeedback } from '../../../server/storage/feedback.ts'
import { migrate } from '../../../server/storage/migrate.ts'
import { migrations } from '../../../server/storage/migrations/index.ts'
import { createReceipts, type ReadingReceipt } from '../../../server/storage/receipts.ts'
import { openWriter } from '../../../server/storage/sqlite.ts'
import type { NewEvent } from '../../../server/storage/types.ts'
import { at, completed, openStore, temporaryFolder } from './support.ts'

const reading = (question: string, more: Partial<ReadingReceipt> = {}): ReadingReceipt => ({
  ...{ how: 'read', question, day: '2026-11-22', role: 'customer', lang: 'en' },
  lookedUp: { text: question, synonyms: '' },
  intent: { name: 'fees', confidence: 0.5, outOfScope: false },
  sentiment: { label: 'neutral', score: 0.9 },
  ...{ entities: [], thresholds: { answer: 0.6, topic: 0.3, intent: 0.5 }, candidates: [], lost: [] },
  action: { kind: 'abstain', rule: 'nothing' },
  before: { failedTurns: 0, moodBefore: false, facts: {}, dismissed: [] },
  readWith: {
    ...{ generation: 7, index: 'a'.repeat(64), encoder: 'e', toleratedError: 0.1 },
    heads: { intent: 1, sentiment: 2, answerable: 3 },
  },
  ...more,
})

/** An answer that quotes these versions. */
function citing(mid: string, versions: readonly (readonly [doc: string, ver: number])[]): NewEvent<'msg.completed'> {
  const event = completed(mid, 'x')
  const cites = versions.map(([doc, ver], i) => {
    return { k: i + 1, doc, ver, title: doc, quote: `${doc} ${ver} ${i}`, spans: [[0, 4] as [number, number]] }
  })
  return { ...event, d: { ...event.d, kind: 'answer', cites } }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function open() {
  const { db, units, conversations, converse } = await openStore()
  const [receipts, feedback] = [createReceipts(db), createFeedback(db)]
  const conv = await converse()
  let seq = 0
  const add = async (question: string, more: Partial<ReadingReceipt> = {}, gap?: string): Promise<string> => {
    const mid = mintId('m')
    await units.run((tx) => receipts.add(tx, { conv, mid, seq: ++seq, at }, reading(question, more), gap))
    return mid
  }
  const rate = (mid: string, value: 1 | -1) => units.run((tx) => feedback.save(tx, { conv, mid, value, at }))
  return { db, units, conversations, converse, receipts, conv, add, rate }
}

describe('receipts', () => {
  it('come back as they were filed, by the answer’s id', async () => {
    const { receipts, conv, add, units } = await open()
    const mid = await add('what is the fee?')
    expect(await receipts.find(mid)).toEqual({ conv, mid, seq: 1, at, receipt: reading('what is the fee?') })
    expect(await receipts.find(mintId('m'))).toBeUndefined()
    const pressed = { conv, mid: mintId('m'), seq: 2, at }
    await units.run((tx) => receipts.add(tx, pressed, { how: 'button' }))
    expect(await receipts.find(pressed.mid)).toEqual({ ...pressed, receipt: { how: 'button' } })
  })

  it('tell which indexes were answered with', async () => {
    const { receipts, add } = await open()
    await add('a')
    expect(await receipts.namesIndex(7, undefined)).toBe(true)
    expect(await receipts.namesIndex(7, 2)).toBe(false)
    expect(await receipts.namesIndex(8, undefined)).toBe(false)
    await add('b', { readWith: { ...reading('b').readWith, delta: { number: 2, index: 'd'.repeat(64) } } })
    expect(await receipts.namesIndex(7, 2)).toBe(true)
    expect(await receipts.namesIndex(7, 1)).toBe(false)
  })

  it('give the last questions that were not answered or rated poorly, oldest first', async () => {
    const { receipts, add, rate } = await open()
    const early = await add('early', { day: '2026-11-20' }, 'abstain')
    await add('fine')
    const praised = await add('praised')
    await rate(praised, 1)
    const poor = await add('poor', { action: { kind: 'answer', rule: 'answerable' } })
    await rate(poor, -1)
    const both = await add('both', {}, 'abstain')
    await rate(both, -1)
    const told = async (since: string, limit: number) =>
      (await receipts.gaps(since, limit)).map(({ mid, unanswered, poorlyRated }) => [mid, unanswered, poorlyRated])
    const all = [
      [early, true, false],
      [poor, false, true],
      [both, true, true],
    ]
    expect(await told('0000-01-01', 10)).toEqual(all)
    expect(await told('2026-11-21', 10)).toEqual(all.slice(1))
    expect(await told('0000-01-01', 2)).toEqual(all.slice(1))
    await rate(poor, 1) // the last word counts
    expect(await told('2026-11-21', 10)).toEqual(all.slice(2))
  })
})

describe('what answers cite', () => {
  it('is noted with them, once per version, and is gone with a unit that failed', async () => {
    const { db, units, conversations, conv, converse } = await open()
    const cited = createCited(db)
    const [first, second, other] = [mintId('m'), mintId('m'), await converse()]
    await units.run(async (tx) => {
      await conversations.append(
        tx,
        conv,
        [
          citing(first, [
            ['a', 1],
            ['a', 1],
            ['b', 2],
          ]),
          completed(mintId('m'), ''),
        ],
        at,
      )
      await conversations.append(tx, other, [citing(second, [['a', 1]])], at)
    })
    const undone = units.run(async (tx) => {
      await conversations.append(tx, other, [citing(mintId('m'), [['a', 1]])], at)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await cited.count('a', 1)).toEqual({ answers: 2, conversations: 2 })
    expect(await cited.count('a', 2)).toEqual({ answers: 0, conversations: 0 })
    const answers = await collect(cited.answers('a', 1))
    expect(answers.find(({ mid }) => mid === first)).toEqual({
      ...{ conv, mid: first, at, kind: 'answer' },
      quotes: [
        { quote: 'a 1 0', spans: [[0, 4]] },
        { quote: 'a 1 1', spans: [[0, 4]] },
      ],
    })
  })

  it('is found page by page', async () => {
    const { db, units, conversations, conv } = await open()
    const mids = Array.from({ length: 1_001 }, () => mintId('m'))
    await units.run((tx) =>
      conversations.append(
        tx,
        conv,
        mids.map((mid) => citing(mid, [['a', 1]])),
        at,
      ),
    )
    const answers = await collect(createCited(db).answers('a', 1))
    expect(answers.map(({ mid }) => mid)).toEqual(mids)
  })

  it('is known of answers given before the table was there', async () => {
    const dir = await temporaryFolder()
    const path = join(dir, 'bursar.db')
    const writer = openWriter(path)
    await migrate(writer, path, migrations.slice(0, 6))
    const { d } = citing('m_1', [
      ['a', 1],
      ['b', 1],
    ])
    writer.exec(`insert into conversations values ('c_1', '', 'e', 2, 'bot', 'open', '${at}', 0, 0)`)
    for (const [seq, type, content] of [
      [1, 'msg.created', '{}'],
      [2, 'msg.completed', JSON.stringify(d)],
    ])
      writer.exec(`insert into events values ('c_1', ${seq}, '${type}', 'm_1', '${at}', '${content}')`)
    writer.close()
    const { db } = await openStore(dir)
    expect(await collect(createCited(db).answers('b', 1))).toMatchObject([{ conv: 'c_1', mid: d.mid }])
  })
})
