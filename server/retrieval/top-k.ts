import type { Neighbour } from './vector-index.ts'

/** Keeps the best `k` of everything offered; equal scores go to the smaller id. */
export interface TopK {
  /** Scores below this cannot enter any more; −Infinity until `k` were offered. */
  readonly floor: number
  offer(id: number, score: number): void
  /** What was kept, best first, ties by id. */
  sorted(): Neighbour[]
}

/**
 * A binary heap on typed arrays with the worst of the best on top: n offers cost O(n + m log k), where m offers enter.
 * @param k most to keep, at least 1.
 */
export function createTopK(k: number): TopK {
  const ids = new Uint32Array(k)
  const scores = new Float64Array(k)
  let size = 0
  let floor = Number.NEGATIVE_INFINITY

  const isWorse = (id: number, score: number, thanId: number, thanScore: number): boolean =>
    score < thanScore || (score === thanScore && id > thanId)
  const put = (at: number, id: number, score: number): void => {
    ids[at] = id
    scores[at] = score
  }
  function siftUp(from: number, id: number, score: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isWorse(id, score, ids[parent]!, scores[parent]!)) break
      put(at, ids[parent]!, scores[parent]!)
      at = parent
    }
    put(at, id, score)
  }
  function siftDown(id: number, score: number): void {
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1
      if (right < size && isWorse(ids[right]!, scores[right]!, ids[child]!, scores[child]!)) child = right
      if (!isWorse(ids[child]!, scores[child]!, id, score)) break
      put(at, ids[child]!, scores[child]!)
      at = child
    }
    put(at, id, score)
  }

  return {
    get floor() {
      return floor
    },
    offer(id, score) {
      if (size < k) siftUp(size++, id, score)
      else if (isWorse(ids[0]!, scores[0]!, id, score)) siftDown(id, score)
      if (size === k) floor = scores[0]!
    },
    sorted() {
      const kept = Array.from({ length: size }, (_, at) => ({ id: ids[at]!, score: scores[at]! }))
      return kept.sort((a, b) => b.score - a.score || a.id - b.id)
    },
  }
}
