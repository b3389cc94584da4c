import { describe, expect, it } from 'vitest'
import { denseWeight, fuse } from '../../../server/retrieval/fusion.ts'

describe('fusing two rankings', () => {
  const cosine = new Map([
    [1, 0.8],
    [2, 0.6],
    [3, 0.1],
  ])
  const bm25 = new Map([
    [2, 10],
    [3, 5],
    [4, 2],
  ])

  it('adds the cosine and the share of the best keyword score, by weight', () => {
    expect(fuse(cosine, bm25, 0.5, 0)).toEqual([
      { id: 2, score: 0.5 * 0.6 + 0.5 },
      { id: 1, score: 0.4 },
      { id: 3, score: 0.5 * 0.1 + 0.25 },
      { id: 4, score: 0.1 },
    ])
  })

  it('takes no keyword score for a full match that is far from what the question could reach', () => {
    expect(fuse(new Map(), bm25, 0.5, 40).map(({ score }) => score)).toEqual(
      [5 / 24, 5 / 48, 2 / 48].map((x) => expect.closeTo(x, 12)),
    )
    expect(fuse(cosine, bm25, 0.5, 16)).toEqual(fuse(cosine, bm25, 0.5, 0))
  })

  it('is one ranking alone at either end', () => {
    expect(fuse(cosine, new Map(), 1, 0).map(({ id }) => id)).toEqual([1, 2, 3])
    expect(fuse(new Map(), bm25, 0, 0)).toEqual([
      { id: 2, score: 1 },
      { id: 3, score: 0.5 },
      { id: 4, score: 0.2 },
    ])
  })

  it('breaks ties by id and takes empty rankings', () => {
    expect(
      fuse(
        new Map([
          [9, 0.5],
          [4, 0.5],
        ]),
        new Map(),
        0.7,
        0,
      ).map(({ id }) => id),
    ).toEqual([4, 9])
    expect(fuse(new Map(), new Map(), 0.5, 0)).toEqual([])
    expect(fuse(new Map([[1, 0.5]]), new Map([[1, 0]]), 0.5, 0)).toEqual([{ id: 1, score: 0.25 }])
  })

  it.each([-0.1, 1.1, Number.NaN])('refuses weight %s', (dense) => {
    expect(() => fuse(cosine, bm25, dense, 0)).toThrow(RangeError)
  })
})

it('listens to keywords more in a long question, and only to them in a Chinese one', () => {
  expect(denseWeight(3, false)).toBe(0.85)
  expect(denseWeight(12, false)).toBe(0.85)
  expect(denseWeight(20, false)).toBeCloseTo(0.625)
  expect(denseWeight(28, false)).toBeCloseTo(0.4)
  expect(denseWeight(90, false)).toBeCloseTo(0.4)
  expect(denseWeight(3, true)).toBe(0)
  expect(denseWeight(3, true, true)).toBe(0.85)
  expect(denseWeight(30, true, true)).toBeCloseTo(0.1)
})
