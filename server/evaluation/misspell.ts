import { createRandom } from '../math/random.ts'

const word = /[a-z]{4,}/gi
/** One word in so many gets a slip, and at least one in a text that has a long enough word. */
const wordsPerSlip = 6
const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm']

/**
 * A text as somebody types it in a hurry: in one word of six (at least one), from four Latin letters on, one letter is left out,
 * doubled, swapped with the next, or replaced by its neighbour on an English keyboard. Every letter may be hit, the first too.
 * @param seed the same seed and text give the same slips.
 */
export function misspell(text: string, seed: number): string {
  const found = [...text.matchAll(word)]
  const random = createRandom(seed + hash(text))
  const below = (n: number): number => Math.floor(random() * n)
  const chosen = new Set<number>()
  const wanted = Math.min(found.length, Math.ceil(found.length / wordsPerSlip))
  while (chosen.size < wanted) chosen.add(below(found.length))
  let at = -1
  return text.replace(word, (written) => (chosen.has(++at) ? slip(written, below) : written))
}

function slip(written: string, below: (n: number) => number): string {
  const i = below(written.length)
  const [before, letter, after] = [written.slice(0, i), written.charAt(i), written.slice(i + 1)]
  switch (below(4)) {
    case 0:
      return before + after
    case 1:
      return before + letter + letter + after
    case 2: {
      const next = after.charAt(0)
      // Two equal letters, or the last one, cannot be swapped for another word.
      if (next !== '' && next !== letter) return before + next + letter + after.slice(1)
      return before + after
    }
    default:
      return before + neighbourOf(letter, below) + after
  }
}

function neighbourOf(letter: string, below: (n: number) => number): string {
  const lower = letter.toLowerCase()
  const row = rows.find((keys) => keys.includes(lower)) ?? ''
  const at = row.indexOf(lower)
  const near = [row[at - 1], row[at + 1]].filter((key) => key !== undefined)
  const found = near[below(near.length)] ?? lower
  return letter === lower ? found : found.toUpperCase()
}

/** FNV-1a over UTF-16 units, so that each text has slips of its own. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193) >>> 0
  return sum
}
