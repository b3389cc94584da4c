import { describe, expect, it } from 'vitest'
import { spanFigures } from '../../../server/evaluation/span-metrics.ts'

const text = 'card 4111 1111 now'
const card = (start: number, end: number) => ({ start, end, kind: 'card' })
const one = (labels: ReturnType<typeof card>[], found: ReturnType<typeof card>[]) =>
  spanFigures([{ text, labels, found }], 'card')

describe('figures of spans', () => {
  it('want every character of a label, white space aside', () => {
    expect(one([card(5, 14)], [card(5, 14)])).toEqual({ precision: 1, recall: 1, f1: 1 })
    expect(one([card(5, 14)], [card(5, 9), card(10, 14)])).toEqual({ precision: 1, recall: 1, f1: 1 })
    expect(one([card(5, 14)], [card(5, 13)])).toEqual({ precision: 1, recall: 0, f1: 0 })
  })

  it('count what touches no label of its kind as wrong', () => {
    const { precision, recall, f1 } = one([card(5, 14)], [card(5, 14), card(0, 4)])
    expect([precision, recall]).toEqual([0.5, 1])
    expect(f1).toBeCloseTo(2 / 3)
  })

  it('look at one kind', () => {
    const phone = { start: 5, end: 14, kind: 'phone' }
    expect(spanFigures([{ text, labels: [card(5, 14)], found: [phone] }], 'card').recall).toBe(0)
    expect(spanFigures([{ text, labels: [card(5, 14)], found: [phone] }], 'phone').precision).toBe(0)
  })

  it('are 0 where there is nothing', () => expect(one([], [])).toEqual({ precision: 0, recall: 0, f1: 0 }))
})
