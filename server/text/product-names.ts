import { streamSafe } from './canonical.ts'
import type { Reading } from './readings.ts'

/** How a product may be called. */
export interface ProductName {
  readonly id: string
  readonly name: string
  readonly aliases?: readonly string[]
}

/** Finds product names in a text; of two that overlap the longer wins. */
export type NameFinder = (text: string) => Reading[]

interface Token {
  readonly word: string
  readonly start: number
  readonly end: number
}

/** Words in small letters without their accents; every Han character is a word. */
function tokensOf(text: string): Token[] {
  return [...text.matchAll(/\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}\p{M}])+/gu)].map((match) => {
    const start = match.index ?? 0
    const word = streamSafe(match[0]).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
    return { word, start, end: start + match[0].length }
  })
}

/**
 * Index names and aliases by their first word. A name is found word by word, whatever stands between the words and in whatever
 * letters; the last word may be in the plural.
 */
export function createNameFinder(products: readonly ProductName[]): NameFinder {
  const byFirst = new Map<string, { id: string; words: readonly string[] }[]>()
  for (const { id, name, aliases = [] } of products) {
    for (const called of [name, ...aliases]) {
      const words = tokensOf(called).map(({ word }) => word)
      if (words[0] !== undefined) byFirst.set(words[0], [...(byFirst.get(words[0]) ?? []), { id, words }])
    }
  }
  for (const names of byFirst.values()) names.sort((a, b) => b.words.length - a.words.length)
  const candidates = ({ word }: Token) => byFirst.get(word) ?? byFirst.get(word.replace(/s$/, '')) ?? []
  return (text) => {
    const tokens = tokensOf(text)
    const found: Reading[] = []
    for (let i = 0; i < tokens.length; i++) {
      const hit = candidates(tokens[i]!).find(({ words }) => standsAt(tokens, i, words))
      if (!hit) continue
      found.push({ start: tokens[i]!.start, end: tokens[i + hit.words.length - 1]!.end, value: hit.id })
      i += hit.words.length - 1
    }
    return found
  }
}

function standsAt(tokens: readonly Token[], at: number, words: readonly string[]): boolean {
  return words.every((word, i) => {
    const here = tokens[at + i]?.word
    return here === word || (i === words.length - 1 && here === `${word}s`)
  })
}
