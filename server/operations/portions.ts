/** Bounds of a job that nobody waits for: a chat that comes meanwhile waits behind two of them at most. */
const maxTexts = 4
const maxChars = 500

/**
 * Cut a batch into small jobs, in its order: each has at most 4 texts and 500 characters, or is a single longer text.
 * @param chars length of each text. @returns bounds of each job, from (inclusive) to (exclusive).
 */
export function portionsOf(chars: readonly number[]): (readonly [from: number, to: number])[] {
  const portions: (readonly [number, number])[] = []
  let [from, sum] = [0, 0]
  for (const [i, count] of chars.entries()) {
    if (i > from && (i - from === maxTexts || sum + count > maxChars)) {
      portions.push([from, i])
      from = i
      sum = 0
    }
    sum += count
  }
  return chars.length > from ? [...portions, [from, chars.length]] : portions
}
