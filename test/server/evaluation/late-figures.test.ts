import { describe, expect, it } from 'vitest'
import { type LateOutcome, lateFigures, lateWindows, mostMissed } from '../../../server/evaluation/late-figures.ts'

const row = (gold: string, said: string, confidence = 0.8, day = '2026-11-22'): LateOutcome => ({
  ...{ day, said, top: said === 'oos' ? 'fees' : said, confidence, gold },
})
const times = (n: number, one: LateOutcome): LateOutcome[] => Array<LateOutcome>(n).fill(one)

describe('figures of late labels', () => {
  it('are the share that was named rightly and how far confidence is from it, with intervals', () => {
    const figures = lateFigures([...times(60, row('fees', 'fees')), ...times(40, row('fees', 'cards'))], 'oos')
    expect(figures).toMatchObject({ n: 100, accuracy: 0.6 })
    expect(figures.ece).toBeCloseTo(0.2, 12)
    const [low, high] = figures.accuracy_ci
    expect([low > 0.45 && low < 0.6, high > 0.6 && high < 0.75]).toEqual([true, true])
  })

  it('count a stranger as right when it was told as one, and ask its confidence of nothing', () => {
    expect(lateFigures(times(4, row('oos', 'oos')), 'oos')).toMatchObject({ accuracy: 1, ece: null, ece_ci: null })
    const mixed = [row('oos', 'cards'), row('fees', 'oos', 1)] // the second named rightly, whatever the scope
    expect(lateFigures(mixed, 'oos')).toMatchObject({ n: 2, accuracy: 0, ece: 0 })
  })

  it('slide by day', () => {
    const days = ['2026-11-01', '2026-11-02', '2026-11-05'].flatMap((day, i) => times(i + 1, row('a', 'a', 0.9, day)))
    const windows = lateWindows(days, { days: 2, most: 10, oosLabel: 'oos' })
    expect(windows.map(({ from, until, n }) => [from, until, n])).toEqual([
      ['2026-10-31', '2026-11-01', 1],
      ['2026-11-01', '2026-11-02', 3],
      ['2026-11-04', '2026-11-05', 3],
    ])
    expect(lateWindows(days, { days: 2, most: 1, oosLabel: 'oos' }).map(({ until }) => until)).toEqual(['2026-11-05'])
  })

  it('name the labels that were missed most, and what was said instead', () => {
    const rows = [
      ...[...times(6, row('fees', 'fees')), ...times(3, row('fees', 'cards')), row('fees', 'oos')],
      ...[...times(2, row('cards', 'fees')), row('loans', 'loans')],
    ]
    expect(mostMissed(rows, 10)).toEqual([
      {
        label: 'fees',
        n: 10,
        recall: 0.6,
        insteadOf: [
          { said: 'cards', n: 3 },
          { said: 'oos', n: 1 },
        ],
      },
      { label: 'cards', n: 2, recall: 0, insteadOf: [{ said: 'fees', n: 2 }] },
    ])
    expect(mostMissed(rows, 1)).toHaveLength(1)
  })
})
