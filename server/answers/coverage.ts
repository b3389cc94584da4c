import { simplified } from '../text/simplified.ts'
import { isStopWord } from '../text/terms.ts'

/** An analysed term and what it weighs. */
export interface WeightedTerm {
  readonly term: string
  readonly weight: number
}

/** Per term 1 where a text holds it. */
export type Held = Uint8Array

interface Needle {
  /** The term's stem as words begin with it. */
  readonly stem: string
  /** Ideographs stand anywhere in a run; other terms only where a word begins. */
  readonly anywhere: boolean
}

/** How much of a question's term weight texts hold. A term counts where a word begins with its stem. */
export function createCoverage(terms: readonly WeightedTerm[]) {
  const needles = terms.map(({ term }): Needle => {
    // Porter writes a final y as i ("polici"); the word itself may still end in y or ies.
    const stem = term.length > 3 && term.endsWith('i') ? term.slice(0, -1) : term
    return { stem, anywhere: /\p{Script=Han}/u.test(stem) }
  })
  const isChinese = needles.some(({ anywhere }) => anywhere)
  const total = terms.reduce((sum, { weight }) => sum + weight, 0)

  return {
    heldBy(text: string): Held {
      // Terms are simplified; a text is only if there is something to find in it.
      const lower = isChinese ? simplified(text.toLowerCase()) : text.toLowerCase()
      return Uint8Array.from(needles, (needle) => (holds(lower, needle) ? 1 : 0))
    },
    /** The other way round: the share of a text's letters, of words that say something, in words that a term begins; 0 to 1. */
    explains(text: string): number {
      let [all, known] = [0, 0]
      for (const [word] of text.toLowerCase().matchAll(words)) {
        if (isStopWord(word)) continue
        all += word.length
        if (needles.some(({ stem }) => word.startsWith(stem))) known += word.length
      }
      return all === 0 ? 0 : known / all
    },
    /** Share of the weight that any of the texts holds, 0 to 1; 0 without terms. */
    share(...held: readonly Held[]): number {
      if (total === 0) return 0
      let sum = 0
      for (let i = 0; i < terms.length; i++) if (held.some((one) => one[i] === 1)) sum += terms[i]!.weight
      return sum / total
    },
  }
}
export type Coverage = ReturnType<typeof createCoverage>

const words = /[\p{L}\p{N}]+/gu

function holds(lower: string, { stem, anywhere }: Needle): boolean {
  for (let at = lower.indexOf(stem); at >= 0; at = lower.indexOf(stem, at + 1)) {
    if (anywhere || at === 0 || !isWordCharacter(lower, at - 1)) return true
  }
  return false
}

/** Letters and digits; plain ones are told apart without a regular expression, as nearly all are. */
function isWordCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57)
  return /[\p{L}\p{N}]/u.test(text[at]!)
}
