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

  const worse = (a: number, b: number): boolean =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && ids[a]! > ids[b]!)
  const swap = (a: number, b: number): void => {
    const [id, score] = [ids[a]!, scores[a]!]
    ids[a] = ids[b]!
    scores[a] = scores[b]!
    ids[b] = id
    scores[b] = score
  }
  const siftUp = (from: number): void => {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!worse(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }
  const siftDown = (): void => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      if (left >= size) return
      const child = left + 1 < size && worse(left + 1, left) ? left + 1 : left
      if (!worse(child, at)) return
      swap(at, child)
      at = child
    }
  }

  return {
    get floor() {
      return floor
    },
    offer(id, score) {
      if (size < k) {
        ids[size] = id
        scores[size] = score
        siftUp(size++)
      } else if (score > scores[0]! || (score === scores[0] && id < ids[0]!)) {
        ids[0] = id
        scores[0] = score
        siftDown()
      }
      if (size === k) floor = scores[0]!
    },
    sorted() {
      const order = Array.from({ length: size }, (_, i) => i).sort(
        (a, b) => scores[b]! - scores[a]! || ids[a]! - ids[b]!,
      )
      return order.map((at) => ({ id: ids[at]!, score: scores[at]! }))
    },
  }
}
