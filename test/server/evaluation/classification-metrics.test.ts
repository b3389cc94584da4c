import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accuracy,
  auroc,
  expectedCalibrationError,
  macroF1,
  recallByLabel,
} from '../../../server/evaluation/classification-metrics.ts'

// The figures are scikit-learn's; the labels were drawn at random. "d" is predicted and never right.
const gold = 'accabcbccacabbcaacbccbbca'
const predicted = 'acdababcdaddbdbaacbcccbca'
const examples = Array.from(gold, (label, i) => ({ gold: label, predicted: predicted[i]! }))

describe('classification figures', () => {
  it('are those of scikit-learn', () => {
    expect(accuracy(examples)).toBeCloseTo(0.68, 12)
    expect(macroF1(examples)).toBeCloseTo(0.5732600732600732, 12)
    expect([...recallByLabel(examples)]).toEqual([
      ['a', expect.closeTo(0.85714286, 8)],
      ['b', expect.closeTo(0.71428571, 8)],
      ['c', expect.closeTo(0.54545455, 8)],
    ])
  })

  it('are 1 when everything is right, and no number of nothing', () => {
    const right = Array.from(gold, (label) => ({ gold: label, predicted: label }))
    expect([accuracy(right), macroF1(right)]).toEqual([1, 1])
    expect([accuracy([]), macroF1([])]).toEqual([Number.NaN, Number.NaN])
  })

  it('take labels that are names of object members', () => {
    expect(macroF1([{ gold: 'constructor', predicted: '__proto__' }])).toBe(0)
  })
})

describe('the area under the ROC curve', () => {
  const scores = [0.3, 0.9, 0, 0.3, 0.6, 0.7, 0.7, 0.3, 0.5, 0.6, 0.1, 0.7, 0.6, 1, 0.3, 0.1, 0.5, 0.6, 0.5, 0.3]
  const positive = [1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0].map(Boolean)

  it('is that of scikit-learn, ties included', () => {
    expect(auroc(scores, positive)).toBeCloseTo(0.7747252747252747, 12)
  })

  it('is the share of pairs in the right order', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 30 })
    fc.assert(
      fc.property(rows, (list) => {
        const pairs = list.flatMap(([a, yes]) =>
          yes ? list.filter(([, other]) => !other).map(([b]) => (a > b ? 1 : a === b ? 0.5 : 0)) : [],
        )
        const expected = pairs.reduce<number>((sum, pair) => sum + pair, 0) / pairs.length
        const found = auroc(
          list.map(([score]) => score),
          list.map(([, yes]) => yes),
        )
        if (pairs.length === 0) expect(found).toBeNaN()
        else expect(found).toBeCloseTo(expected, 10)
      }),
    )
  })

  it('refuses NaN and lists of different length', () => {
    expect(() => auroc([Number.NaN], [true])).toThrow(RangeError)
    expect(() => auroc([0.5], [])).toThrow(RangeError)
  })
})

describe('the expected calibration error', () => {
  it('is 0 where confidence and accuracy agree, and the gap where they do not', () => {
    expect(expectedCalibrationError([0.5, 0.5, 1, 0], [true, false, true, false])).toBe(0)
    expect(expectedCalibrationError([0.9, 0.9], [true, false])).toBeCloseTo(0.4, 12)
  })

  it('weighs bins by what is in them', () => {
    const confidences = [0.95, 0.95, 0.95, 0.25]
    expect(expectedCalibrationError(confidences, [true, true, true, true])).toBeCloseTo((3 * 0.05 + 0.75) / 4, 12)
    // In a single bin the gaps make up for each other.
    expect(expectedCalibrationError([0.2, 0.8], [false, true], 1)).toBeCloseTo(0, 12)
    expect(expectedCalibrationError([0.2, 0.8], [false, true], 15)).toBeCloseTo(0.2, 12)
  })
})
