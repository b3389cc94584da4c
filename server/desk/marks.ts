import { isCjk, terms } from '../text/terms.ts'

const words = /[\p{L}\p{N}]+(?:['’.,\-‐‑/_%][\p{L}\p{N}]+)*%?/gu

/** Where words of the question stand in a text, in any of their forms: half-open spans in UTF-16 code units, in order. */
export function marksIn(text: string, question: string): [number, number][] {
  const wanted = new Set(terms(question))
  const known = new Map<string, boolean>() // words come again and again
  const isWanted = (piece: string): boolean => {
    const found = known.get(piece) ?? terms(piece).some((term) => wanted.has(term))
    known.set(piece, found)
    return found
  }
  const found: [number, number][] = []
  const mark = (start: number, end: number): void => {
    const last = found.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else found.push([start, end])
  }
  for (const { 0: word, index } of text.matchAll(words)) {
    if (!isCjk(word)) {
      if (isWanted(word)) mark(index, index + word.length)
    } else for (let i = 0; i + 1 < word.length; i++) if (isWanted(word.slice(i, i + 2))) mark(index + i, index + i + 2)
  }
  return found
}
