/** Words of the documents by how often they occur. */
export type Vocabulary = ReadonlyMap<string, number>

/** Corrects the words of a question that neither the documents nor the language know. */
export type Speller = (text: string) => string

const word = /[a-z]{4,}/giu
const shortest = 4
/** From this length on two slips are allowed for, before it one. */
const longWord = 8
/** A question of more unknown words is not misspelt but in another language, or noise. */
const maxUnknown = 8

/**
 * A speller over the documents' own words: an unknown word becomes the nearest of them within one slip (two in long words:
 * a letter missing, extra, wrong, or two swapped), the more frequent first, then by the alphabet. The first letter is taken
 * to be right.
 * Source: Damerau (1964), A technique for computer detection and correction of spelling errors.
 * @param isKnown whether the language has the word, though the documents lack it; asked only for such words.
 */
export function createSpeller(vocabulary: Vocabulary, isKnown: (word: string) => boolean): Speller {
  const byInitial = new Map<string, string[]>()
  for (const known of vocabulary.keys()) {
    const initial = known.charAt(0)
    const same = byInitial.get(initial)
    if (same) same.push(known)
    else byInitial.set(initial, [known])
  }

  function nearest(unknown: string): string | undefined {
    const allowed = unknown.length >= longWord ? 2 : 1
    let best: Near | undefined
    for (const candidate of byInitial.get(unknown.charAt(0)) ?? []) {
      if (Math.abs(candidate.length - unknown.length) > allowed) continue
      const found = { word: candidate, slips: slipsBetween(unknown, candidate), count: vocabulary.get(candidate) ?? 0 }
      if (found.slips <= allowed && (!best || isNearer(found, best))) best = found
    }
    return best?.word
  }

  return (text) => {
    let unknown = 0
    return text.replace(word, (written) => {
      const lower = written.toLowerCase()
      if (vocabulary.has(lower) || isKnown(lower) || ++unknown > maxUnknown) return written
      return nearest(lower) ?? written
    })
  }
}

interface Near {
  readonly word: string
  readonly slips: number
  readonly count: number
}

/** A total order, so that it makes no difference in which order the vocabulary came about. */
function isNearer(a: Near, b: Near): boolean {
  if (a.slips !== b.slips) return a.slips < b.slips
  return a.count === b.count ? a.word < b.word : a.count > b.count
}

/** Words of a text that a vocabulary counts: plain Latin letters, lower case. */
export const wordsIn = (text: string): string[] =>
  (text.match(word) ?? []).flatMap((found) => (found.length >= shortest ? [found.toLowerCase()] : []))

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function slipsBetween(a: string, b: string): number {
  const width = b.length + 1
  const rows = [new Uint8Array(width), new Uint8Array(width), new Uint8Array(width)] as const
  let [before, last, row] = [rows[0], Uint8Array.from({ length: width }, (_, j) => j), rows[2]]
  for (let i = 1; i <= a.length; i++) {
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let slips = Math.min(last[j - 1]! + (same ? 0 : 1), last[j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) slips = Math.min(slips, before[j - 2]! + 1)
      row[j] = slips
    }
    ;[before, last, row] = [last, row, before]
  }
  return last[b.length]!
}
