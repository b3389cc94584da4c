import { describe, expect, it } from 'vitest'
import { createPublished, maxOthers } from '../../../server/ingestion/quarantine/published.ts'
import { signatureOf } from '../../../server/ingestion/quarantine/signature.ts'
import { createSignatures } from '../../../server/storage/signatures.ts'
import type { NewVersion } from '../../../server/storage/types.ts'
import { openStore } from '../storage/support.ts'

const version = (text: string, more: Partial<NewVersion> = {}): NewVersion => ({
  ...{ doc: 'fees/a.md', collection: 'fees', title: 'Fees', text, audience: 'customer', contentHash: text },
  ...more,
})

describe('what published documents say', () => {
  const fee = (rate: string) => `The foreign card payment fee is ${rate} of each payment.`
  const other = (text: string, more: Partial<NewVersion> = {}) => version(text, { doc: 'fees/b.md', ...more })
  const words = Array.from({ length: 200 }, (_, i) => `word${i}`).join(' ')

  /** What is held of the last version: with those before it stored, and with them read just before it. */
  async function held(before: readonly NewVersion[], last: NewVersion) {
    const { db, units, documents } = await openStore()
    const signatures = createSignatures(db)
    const nothing = createPublished(signatures)
    for (const one of before) nothing.add(one, signatureOf(one))
    const arrived = await nothing.holdsOf(last, signatureOf(last))
    for (const one of before)
      await units.run(async (tx) =>
        signatures.add(tx, [{ version: (await documents.addVersion(tx, one)).id, signature: signatureOf(one) }]),
      )
    const stored = await createPublished(signatures).holdsOf(last, signatureOf(last))
    expect(stored).toEqual(arrived)
    expect(await createPublished(signatures, () => true).holdsOf(last, signatureOf(last))).toEqual([])
    return stored
  }

  it('is not contradicted on a number, and both places are shown', async () => {
    expect(await held([version(fee('2.5 %'))], other(fee('3 %')))).toEqual([
      { reason: 'contradiction', found: `"${fee('3 %')}" here, "${fee('2.5 %')}" in fees/a.md` },
    ])
  })

  it.each([
    ['the same number, written otherwise', version(fee('2.5 %')), other(fee('2.50%'))],
    ['another product', version(fee('2.5 %'), { product: 'a' }), other(fee('3 %'), { product: 'b' })],
    ['another time', version(fee('2.5 %'), { until: '2027-01-01' }), other(fee('3 %'), { from: '2027-01-01' })],
    ['another reader', version(fee('2.5 %')), other(fee('3 %'), { audience: 'agent' })],
    ['a new version of the same document', version(fee('2.5 %')), version(fee('3 %'))],
    [
      'numbers that say what it is about',
      version('The charge in the first year of a 2-year loan is 2 %.'),
      other('The charge in the first year of a 5-year loan is 5 %.'),
    ],
    ['another reader of the same text', version(words), other(words, { audience: 'agent' })],
    ['another time of the same text', version(words, { until: '2027-01-01' }), other(words, { from: '2027-01-01' })],
    ['a part of the same text', version(words), other(words.slice(0, words.length / 2))],
    [
      'a text that only begins alike',
      version(words),
      other(`${words.slice(0, 600)} ${words.slice(900)} ${fee('1 %')}`),
    ],
  ])('may be joined by %s', async (_, first, second) => {
    expect(await held([first], second)).toEqual([])
  })

  it('is not said twice', async () => {
    const alike = other(`${words} and a little more`)
    expect(await held([version(words)], alike)).toMatchObject([{ reason: 'near-duplicate' }])
  })

  it('is not said twice at length, where only some of the text is compared', async () => {
    const long = Array.from({ length: 30_000 }, (_, i) => `word${i}`)
    const cut = (share: number) => other(long.slice(0, share * long.length).join(' '))
    expect(await held([version(long.join(' '))], cut(0.95))).toMatchObject([
      { found: expect.stringMatching(/^9[3-7] % the same text as fees\/a.md$/) },
    ])
    expect(await held([version(long.join(' '))], cut(0.8))).toEqual([])
  })

  it('is forgotten with the version that said it, and with the document', async () => {
    const { db, units, documents } = await openStore()
    const signatures = createSignatures(db)
    const [first, second] = [version(`${words}\n${fee('2.5 %')}`), version('Nothing of it.')]
    const store = (one: NewVersion) =>
      units.run(async (tx) =>
        signatures.add(tx, [{ version: (await documents.addVersion(tx, one)).id, signature: signatureOf(one) }]),
      )
    const last = other(`${words}\n${fee('3 %')}`)
    const reasons = async () =>
      (await createPublished(signatures).holdsOf(last, signatureOf(last))).map(({ reason }) => reason)
    await store(first)
    expect(await reasons()).toEqual(['contradiction', 'near-duplicate'])
    await store(second)
    expect(await reasons()).toEqual([])
    await store(first)
    await units.run((tx) => documents.remove(tx, first.doc))
    expect(await reasons()).toEqual([])
    for (const table of ['statements', 'marks', 'sketches'] as const)
      expect(await db.reader.selectFrom(table).select('version').execute()).toEqual([])
  })
})

describe('many rows that say nearly the same', () => {
  const common = Array.from({ length: 60 }, (_, i) => `shared${i}`).join(' ')
  const row = (i: number, text: string, more: Partial<NewVersion> = {}) =>
    version(text, { doc: `fees/a.csv#${i}`, ...more })
  const branch = (i: number) => row(i, `${common} ${Array.from({ length: 40 }, (_, j) => `own${i}x${j}`).join(' ')}`)
  const dayAfter = (i: number) => new Date(86_400_000 * i).toISOString().slice(0, 10)
  const dated = (i: number) =>
    row(i, `The foreign card payment fee is £${i}.`, { from: dayAfter(i), until: dayAfter(i + 1) })

  /** Reasons of each row, those without any being published. */
  async function through(rows: readonly NewVersion[]): Promise<string[][]> {
    const { db } = await openStore()
    const known = createPublished(createSignatures(db))
    const all: string[][] = []
    for (const one of rows) {
      const holds = await known.holdsOf(one, signatureOf(one))
      if (holds.length === 0) known.add(one, signatureOf(one))
      all.push(holds.map(({ reason, found }) => `${reason}: ${found}`))
    }
    return all
  }

  it('are compared in time that grows with their number, and a copy of one is found', async () => {
    const branches = Array.from({ length: 6_000 }, (_, i) => branch(i))
    const begun = process.cpuUsage()
    const held = await through([...branches, { ...branch(4_321), doc: 'fees/b.md' }])
    const { user } = process.cpuUsage(begun)
    expect(held.at(-1)).toEqual(['near-duplicate: 100 % the same text as fees/a.csv#4321'])
    // Each with all before it took half a minute.
    expect(user / 1e6).toBeLessThan(10)
  })

  it('wait for a person once there are too many to compare, as a contradiction might be among them', async () => {
    const held = await through(Array.from({ length: maxOthers + 2 }, (_, i) => dated(i)))
    expect(held.slice(0, maxOthers).flat()).toEqual([])
    expect(held.at(-1)).toEqual([expect.stringMatching(`more than ${maxOthers} in these words`)])
  })
})
