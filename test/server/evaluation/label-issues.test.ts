import { describe, expect, it } from 'vitest'
import { confusions, type HeldOutReading, overlaps, suspects } from '../../../server/evaluation/label-issues.ts'

const labels = ['cards', 'fees', 'loans']
const reading = (row: number, gold: string, ...probabilities: number[]): HeldOutReading => ({
  ...{ row, gold, probabilities, said: labels[probabilities.indexOf(Math.max(...probabilities))]! },
})

describe('confusions', () => {
  it('are counted by pair and direction, as a share of the label', () => {
    const readings = [
      ...[0, 1, 2].map((row) => reading(row, 'cards', 0.1, 0.8, 0.1)),
      reading(3, 'cards', 0.8, 0.1, 0.1),
      reading(4, 'fees', 0.9, 0.1, 0),
      { ...reading(5, 'fees', 0, 1, 0), said: 'oos' },
    ]
    expect(confusions(readings, 10)).toEqual([
      { gold: 'cards', said: 'fees', n: 3, share: 0.75 },
      { gold: 'fees', said: 'cards', n: 1, share: 0.5 },
      { gold: 'fees', said: 'oos', n: 1, share: 0.5 },
    ])
    expect(confusions(readings, 1)).toHaveLength(1)
  })
})

describe('overlaps', () => {
  it('are mean probabilities of the other label, both ways, whatever was said', () => {
    const readings = [
      reading(0, 'cards', 0.6, 0.4, 0),
      reading(1, 'cards', 0.8, 0.2, 0),
      reading(2, 'fees', 0.1, 0.8, 0.1),
      reading(3, 'loans', 0, 0.02, 0.98),
    ]
    const [first, second, third] = overlaps(readings, labels, 10)
    expect(first?.labels).toEqual(['cards', 'fees'])
    expect(first?.overlap).toBeCloseTo((0.3 + 0.1) / 2, 12)
    expect(second?.labels).toEqual(['fees', 'loans'])
    expect(second?.overlap).toBeCloseTo((0.1 + 0.02) / 2, 12)
    expect(third).toEqual({ labels: ['cards', 'loans'], overlap: 0 })
    expect(overlaps(readings, [...labels, 'never-met'], 10)).toHaveLength(3)
  })
})

describe('suspects', () => {
  it('are rows on which another label is as probable as on its own rows, the surest first', () => {
    const readings = [
      ...[0, 1, 2].map((row) => reading(row, 'cards', 0.9, 0.1, 0)),
      reading(3, 'cards', 0.3, 0.7, 0),
      ...[4, 5, 6].map((row) => reading(row, 'fees', 0.1, 0.9, 0)),
      reading(7, 'fees', 0.95, 0.05, 0),
      reading(8, 'fees', 0, 0.01, 0.99),
      reading(9, 'loans', 0, 0, 1),
      reading(10, 'loans', 0, 0.2, 0.8),
    ]
    // On their own rows cards have 0.75 on average, fees 0.552, loans 0.9.
    expect(suspects(readings, labels, 10)).toEqual({
      count: 3,
      rows: [
        { row: 8, label: 'fees', instead: 'loans', ofLabel: 0.01, ofInstead: 0.99 },
        { row: 7, label: 'fees', instead: 'cards', ofLabel: 0.05, ofInstead: 0.95 },
        { row: 3, label: 'cards', instead: 'fees', ofLabel: 0.3, ofInstead: 0.7 },
      ],
    })
    expect(suspects(readings, labels, 1)).toMatchObject({ count: 3, rows: [{ row: 8 }] })
  })

  it('are none where the own label is the likeliest', () => {
    const readings = [reading(0, 'cards', 0.6, 0.4, 0), reading(1, 'fees', 0.4, 0.6, 0), reading(2, 'loans', 0, 0, 1)]
    expect(suspects(readings, labels, 10)).toEqual({ count: 0, rows: [] })
  })
})
