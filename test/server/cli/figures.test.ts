import { expect, it } from 'vitest'
import { shownFigure, shownFigures } from '../../../server/cli/figures.ts'

const figures = { n: 60, auc: 0.75, auc_ci: [0.7, 0.81234] as const, brier: 0.2 }

it('shows figures with their intervals, and counts as they are', () => {
  expect(shownFigures(figures, '  ')).toEqual([
    '  n                60',
    '  auc              0.7500  0.7000 to 0.8123',
    '  brier            0.2000',
  ])
  expect(shownFigure(figures, 'auc', [' (', ')'])).toBe('0.7500 (0.7000 to 0.8123)')
  expect(shownFigure(figures, 'f1')).toBe('')
})
