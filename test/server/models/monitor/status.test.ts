import { describe, expect, it } from 'vitest'
import { failureFigures, readingFigures } from '../../../../server/models/monitor/reading-figures.ts'
import { driftOf, summarise } from '../../../../server/models/monitor/status.ts'
import type { CountOfDay } from '../../../../server/storage/model-figures.ts'
import type { ReadingReceipt } from '../../../../server/storage/receipts.ts'
import { addDays } from '../../../../server/text/calendar.ts'

const first = '2026-11-01'
const count = (figure: CountOfDay['figure'], bucket: string, n: number, day = first, sum = 0): CountOfDay => ({
  ...{ service: 'intent', version: 1, day, figure, bucket, count: n, sum },
})

const receipt: ReadingReceipt = {
  ...{ how: 'read', question: 'x', day: first, role: 'customer', lang: 'en', computeMs: 7 },
  lookedUp: { text: 'x', synonyms: '' },
  intent: { name: 'fees', confidence: 0.999, outOfScope: false },
  sentiment: { label: 'neutral', score: 1 },
  ...{ entities: [], thresholds: { answer: 0.6, topic: 0.3, intent: 0.5 }, candidates: [], lost: [] },
  action: { kind: 'abstain', rule: 'nothing' },
  before: { failedTurns: 0, moodBefore: false, facts: {}, dismissed: [] },
  readWith: {
    ...{ generation: 7, index: 'a', encoder: 'e', toleratedError: 0.1 },
    heads: { intent: 4, sentiment: 5, answerable: 6 },
  },
}
const told = (more: Partial<ReadingReceipt>, isGap = false) =>
  readingFigures({ ...receipt, ...more }, isGap).map(({ service, version, figure, bucket }) =>
    [service, version, figure, bucket].join(' '),
  )

describe('a reading', () => {
  it('counts for each of its versions', () => {
    expect(told({}, true)).toEqual([
      ...['intent 4 label fees', 'intent 4 confidence 19', 'intent 4 latency 10'],
      ...['sentiment 5 label neutral', 'sentiment 5 confidence 19', 'sentiment 5 latency 10'],
      ...[
        'answerable 6 label abstain',
        'answerable 6 confidence 0',
        'answerable 6 latency 10',
        'answerable 6 abstained ',
      ],
    ])
  })

  it('out of scope counts as such, Chinese has no intent, and a receipt of before no time', () => {
    const stranger = told({ intent: { name: 'fees', confidence: 0.05, outOfScope: true } })
    expect(stranger.slice(0, 4)).toEqual([
      ...['intent 4 label oos', 'intent 4 confidence 1', 'intent 4 latency 10', 'intent 4 abstained '],
    ])
    const { computeMs: _, ...old } = receipt
    const chinese = readingFigures({ ...old, lang: 'zh' }, false)
    expect(chinese.map(({ service, figure }) => `${service} ${figure}`)).toEqual([
      ...['sentiment label', 'sentiment confidence', 'answerable label', 'answerable confidence'],
    ])
  })

  it('that failed counts as an error of each', () => {
    expect(failureFigures(receipt.readWith.heads).map(({ version, figure }) => [version, figure])).toEqual([
      [4, 'error'],
      [5, 'error'],
      [6, 'error'],
    ])
  })
})

describe('a summary', () => {
  it('has requests, errors, times, confidence, abstentions and labels', () => {
    const later = addDays(first, 1)
    const summary = summarise([
      ...[count('label', 'fees', 3), count('label', 'oos', 1, later), count('label', 'cards', 6)],
      ...[count('confidence', '19', 9, first, 8.8), count('confidence', '0', 1, later, 0.2)],
      ...[count('latency', '10', 90, first, 700), count('latency', '50', 10, first, 300)],
      ...[count('abstained', '', 2), count('error', '', 5)],
    ])
    expect(summary).toMatchObject({ requests: 15, errors: 5, meanMs: 10, abstainRate: 0.2 })
    expect(summary.meanConfidence).toBeCloseTo(0.9, 12)
    expect(summary.p95Ms).toBeCloseTo(35, 12) // half of those between 20 and 50
    expect([summary.confidence[0], summary.confidence[19], summary.confidence.length]).toEqual([1, 9, 20])
    expect(Object.entries(summary.labels)).toEqual([
      ['cards', 6],
      ['fees', 3],
      ['oos', 1],
    ])
  })

  it('of nothing has no rates, and slower than all bounds counts as the last', () => {
    expect(summarise([])).toMatchObject({ requests: 0, meanMs: null, p95Ms: null, meanConfidence: null, labels: {} })
    expect(summarise([count('latency', 'Infinity', 1)]).p95Ms).toBe(30_000)
  })
})

describe('drift of a version', () => {
  /** Days from the first on, each with so many of label a and of label b. */
  const days = (mixes: readonly (readonly [a: number, b: number])[]) =>
    mixes.flatMap(([a, b], i) => [count('label', 'a', a, addDays(first, i)), count('label', 'b', b, addDays(first, i))])
  const week = Array<[number, number]>(7).fill([100, 50])

  it('compares later days with the first week', () => {
    expect(driftOf(days(week), first, 7, addDays(first, 6))).toEqual([])
    const [same, ...more] = driftOf(days([...week, [200, 100]]), first, 7, addDays(first, 7))
    expect(same).toMatchObject({ figure: 'label', alarm: false, until: addDays(first, 7) })
    expect(same?.psi).toBeCloseTo(0, 12)
    expect(more).toEqual([])
  })

  it('raises an alarm with the second window, and clears it when the mix is as before', () => {
    const moved: [number, number] = [20, 130]
    const alarms = (mixes: [number, number][], size = 1) =>
      driftOf(days([...week, ...mixes]), first, size, addDays(first, 6 + mixes.length))[0]?.alarm
    expect(alarms([moved])).toBe(false)
    expect(alarms([moved, moved])).toBe(true)
    expect(alarms([moved, moved, [100, 50]])).toBe(true)
    expect(alarms([moved, moved, [100, 50], [100, 50]])).toBe(false)
    expect(alarms([moved, moved, [100, 50], [100, 50]], 7)).toBe(true) // a longer window still holds the days before
  })

  it('does not look at a day that is not over', () => {
    const all = days([...week, [100, 50], [0, 500]])
    expect(driftOf(all, first, 1, addDays(first, 7))[0]).toMatchObject({ until: addDays(first, 7), alarm: false })
  })
})
