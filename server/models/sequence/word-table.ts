import { epsilon, meanDecay, squareDecay } from '../algorithms/adam.ts'

/**
 * The vectors of words under Adam, moving only those that a batch has read: a step over the whole table would cost more than
 * the model. Source: Kingma & Ba (2015), section 2; sparse as in PyTorch's SparseAdam, moments of unread rows stay as they were.
 * @param table [words + 1, width], row 0 for padding; changed in place.
 */
export function createWordTable(table: Float32Array, width: number) {
  const [mean, square] = [new Float32Array(table.length), new Float32Array(table.length)]
  const gradient = new Float32Array(table.length)
  let steps = 0
  return {
    /** The vectors of words, one under the other. @param ids in any order, `into` as many rows. */
    read(ids: Int32Array, into: Float32Array): void {
      for (let i = 0; i < ids.length; i++) {
        const from = ids[i]! * width
        for (let j = 0, to = i * width; j < width; j++, to++) into[to] = table[from + j]!
      }
    },
    /** @param slopes of what was read for the ids, in their order. */
    step(ids: Int32Array, slopes: Float32Array, rate: number): void {
      steps++
      const rows = new Set(ids)
      for (let i = 0; i < ids.length; i++) {
        const to = ids[i]! * width
        for (let j = 0, from = i * width; j < width; j++, from++) gradient[to + j]! += slopes[from]!
      }
      const scale = Math.sqrt(1 - squareDecay ** steps) / (1 - meanDecay ** steps)
      for (const row of rows) {
        for (let i = row * width; i < (row + 1) * width; i++) {
          const slope = gradient[i]!
          gradient[i] = 0
          mean[i] = meanDecay * mean[i]! + (1 - meanDecay) * slope
          square[i] = squareDecay * square[i]! + (1 - squareDecay) * slope * slope
          table[i]! -= (rate * scale * mean[i]!) / (Math.sqrt(square[i]!) + epsilon)
        }
      }
    },
  }
}
