import { expect, it } from 'vitest'
import { portionsOf } from '../../../server/operations/portions.ts'

it.each([
  ['nothing', [], []],
  ['one text', [12], [[0, 1]]],
  ['four short texts in one job', Array(4).fill(100), [[0, 4]]],
  [
    'more in several',
    Array(10).fill(10),
    [
      [0, 4],
      [4, 8],
      [8, 10],
    ],
  ],
  [
    'fewer where they are longer',
    [300, 200, 1, 499, 2],
    [
      [0, 2],
      [2, 4],
      [4, 5],
    ],
  ],
  [
    'a long text alone',
    [1, 4_000, 4_000, 1],
    [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ],
  ],
])('a batch is cut into small jobs: %s', (_, chars, portions) => {
  expect(portionsOf(chars)).toEqual(portions)
})
