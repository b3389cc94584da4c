import { describe, expect, it } from 'vitest'
import { labelFigures, listFigures, moodFigures, type Outcome } from '../../../server/evaluation/label-figures.ts'

const said = (gold: string, top: string, more: Partial<Outcome> = {}): Outcome => ({
  ...{ gold: gold === 'oos' ? [] : [gold], said: [top], top, confidence: 0.5, scope: 1, ofGold: 0.5 },
  ...more,
})

describe('figures of labels', () => {
  it('are accuracy, macro F1 and calibration where every text has a label', () => {
    const figures = labelFigures([said('a', 'a'), said('a', 'b'), said('b', 'b'), said('b', 'b', { confidence: 1 })])
    expect(figures).toEqual({ accuracy: 0.75, macroF1: (2 / 3 + 4 / 5) / 2, ece: (3 / 4) * (2 / 3 - 0.5) })
  })

  it('tell strangers apart where there are some', () => {
    const stranger = { said: [], scope: -1 }
    const all = [said('a', 'a'), said('a', 'a', stranger), said('oos', 'a', stranger), said('oos', 'b', { scope: 0.5 })]
    expect(labelFigures(all)).toMatchObject({
      ...{ accuracy: 0.5, closedAccuracy: 1, inScopeAccuracy: 0.5, oosRecall: 0.5 },
      oosAuroc: (1 + 1 + 0.5 + 0) / 4,
    })
  })
})

describe('figures of moods', () => {
  it('take urgent for negative only where nobody labelled urgency', () => {
    expect(moodFigures([said('negative', 'urgent'), said('positive', 'positive')])).toMatchObject({
      ...{ accuracy: 1, negativeRecall: 1 },
    })
    expect(moodFigures([said('negative', 'urgent'), said('urgent', 'urgent')])).toMatchObject({
      ...{ accuracy: 0.5, negativeRecall: 0 },
    })
  })

  it('have no recall of negative ones without any', () => {
    expect(moodFigures([said('positive', 'positive')])).not.toHaveProperty('negativeRecall')
  })
})

describe('figures of lists', () => {
  it('count pairs of text and label', () => {
    const list = (gold: readonly string[], labels: readonly string[]) => said('x', 'x', { gold, said: labels })
    expect(listFigures([list(['a', 'b'], ['a']), list([], ['c']), list(['c'], ['c'])])).toEqual({
      ...{ microF1: 4 / 6, accuracy: 1 / 3 },
    })
    expect(listFigures([list([], [])])).toEqual({ microF1: 1, accuracy: 1 })
  })
})
