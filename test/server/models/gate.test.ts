import { describe, expect, it } from 'vitest'
import { metricGate } from '../../../server/models/gate.ts'

describe('the gate of a promotion', () => {
  it.each([
    ['microF1 of several labels', 'microF1', { microF1: 0.75, recall: 0.9, n: 320, pairs: 100 }, 0.6, 0.7],
    // One of ten is of the smaller class: accuracy says nothing there, and stays the same.
    ['the area of tables', 'auc', { auc: 0.8, accuracy: 0.9, majority: 0.9, n: 1000 }, 0.7, 0.77],
    ['accuracy', 'accuracy', { accuracy: 0.8, n: 100 }, 0.7, 0.75],
  ])('looks at %s', (_, name, champion, lower, within) => {
    const judged = (value: number) => metricGate(champion, { ...champion, [name]: value })
    expect(judged(lower)).toMatchObject({ name, challenger: lower, isLower: true })
    expect(judged(within)).toMatchObject({ name, challenger: within, isLower: false })
  })

  it('takes accuracy where the main metric has no interval, and nothing where none has', () => {
    const lists = { microF1: 0.75, accuracy: 0.8, n: 100 }
    expect(metricGate(lists, { ...lists, microF1: 0.1, accuracy: 0.7 })).toMatchObject({
      name: 'accuracy',
      isLower: true,
    })
    expect(metricGate({ r2: 0.5, n: 100 }, { r2: 0.1, n: 100 })).toBeUndefined()
    expect(metricGate({ auc: 0.8, majority: 1, n: 100 }, { auc: 0.7, majority: 1, n: 100 })).toBeUndefined()
    expect(metricGate({ accuracy: 0.8 }, { accuracy: 0.7 })).toBeUndefined()
  })
})
