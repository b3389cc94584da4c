import PorterStemmer from 'natural/lib/natural/stemmers/porter_stemmer.js'
import { streamSafe } from './canonical.ts'
import { simplified } from './simplified.ts'

/** Raised whenever {@link terms} gives other terms for some text: an index of another version has to be rebuilt. */
export const termsVersion = 2

/** Longer runs are cut: nobody searches for them, and 64 KiB of one letter must not become a term. */
const maxTermLength = 64
const maxStemLength = 32
const maxCachedStems = 20_000

// Function words of English, apostrophes removed. "not", "no" and "without" stay: they turn a rule round.
const stopWords = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by
  can could did do does doing done dont down during each either else etc few for from further get had has have having he
  her here hers him his how i if im in into is isnt it its itself ive just let like many may me might more most much must
  my myself of off on once one only or other our ours out over own please same shall she should so some such than that
  thats the their theirs them then there these they this those through to too under until up upon us very was we were
  what whats when where whether which while who whom whose why will with within would you your yours`
    .split(/\s+/)
    .filter(Boolean),
)

/** Whether a lower-case word says nothing by itself and is never searched for. */
export const isStopWord = (word: string): boolean => stopWords.has(word)

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u
/** Whether a term is made of Chinese or Japanese characters, two of them or a single one. */
export const isCjk = (term: string): boolean => cjk.test(term)

const cjkRuns =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu
// A chunk: letters and digits, joined by single marks as in "w-8ben", "1,250.00", "customer's", "24/7"; then perhaps a per cent
// sign. The marks and the letters share no character, so the match is linear in the length of the text.
const chunks = /[\p{L}\p{N}]+(?:['’.,\-‐‑/_][\p{L}\p{N}]+)*(?:[ \u00a0]?%)?/gu
const plainWord = /^[a-z]+$/
const hyphen = /[-‐‑]/
const number = /^(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$/

/**
 * The search terms of a text, in reading order, with repeats. Text and question go through this same function, whatever
 * their language: the language of a short question is a guess, and both sides have to agree.
 * - Unicode NFKC, lower case, diacritics removed; English stop words dropped; Porter stems.
 * - Numbers without thousands separators and trailing zeros ("£1,250.00" is `1250`), percentages also with their sign (`2.75%`).
 * - Codes and compounds whole and in parts: "W-8BEN" is `w8ben`, `w`, `8ben`; "pre-paid" is `prepaid`, `pre`, `paid`.
 * - Chinese and Japanese as overlapping pairs of characters, traditional ones as simplified; a single character stands alone.
 */
export function terms(text: string): string[] {
  const found: string[] = []
  for (const [chunk] of fold(text).matchAll(chunks)) {
    // Nine chunks of ten are plain words, and need nothing of what follows.
    if (plainWord.test(chunk)) addWord(chunk, found)
    else if (!cjk.test(chunk)) addChunk(chunk, found)
    else for (const [run] of chunk.matchAll(cjkRuns)) cjk.test(run) ? addPairs(run, found) : addChunk(run, found)
  }
  return found
}

/** Compatibility forms unified (full-width digits, ligatures), case and diacritics removed, Chinese simplified. */
function fold(text: string): string {
  const lower = streamSafe(text).normalize('NFKC').toLowerCase()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: asks whether the text is plain ASCII
  if (/^[\x00-\x7f]*$/.test(lower)) return lower
  const plain = lower
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC')
  return simplified(plain)
}

function addChunk(chunk: string, found: string[]): void {
  const percentage = chunk.endsWith('%')
  const word = (percentage ? chunk.slice(0, -1).trimEnd() : chunk)
    .replace(/['’](?:s|re|ve|ll|d|m)$/, '')
    .replace(/['’]/g, '')
  if (number.test(word)) {
    const plain = plainNumber(word)
    found.push(plain)
    if (percentage) found.push(`${plain}%`)
    return
  }
  const parts = word.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  if (parts.length > 1) addWhole(word, parts, found)
  for (const part of parts) addWord(part, found)
}

/** What several parts mean together, written as people also write it: "w8ben", "addon"; "24/7" and dates keep their marks. */
function addWhole(word: string, parts: readonly string[], found: string[]): void {
  if (!/\p{L}/u.test(word)) found.push(word.slice(0, maxTermLength))
  else if (/\p{N}/u.test(word) || (parts.length === 2 && hyphen.test(word))) addWord(parts.join(''), found)
}

function addWord(word: string, found: string[]): void {
  if (!stopWords.has(word)) found.push(stem(word.slice(0, maxTermLength)))
}

/** "1,250.00" → "1250", "2.50" → "2.5". */
function plainNumber(word: string): string {
  const plain = word.replaceAll(',', '')
  let end = plain.length
  // A loop, as a pattern anchored at the end would be tried at every zero.
  if (plain.includes('.')) while (plain[end - 1] === '0') end--
  return plain.slice(0, plain[end - 1] === '.' ? end - 1 : end).slice(0, maxTermLength)
}

function addPairs(run: string, found: string[]): void {
  const characters = [...run]
  if (characters.length === 1) found.push(run)
  for (let i = 0; i + 1 < characters.length; i++) found.push(characters[i]! + characters[i + 1]!)
}

const stems = new Map<string, string>()

/** Porter's stem (Porter 1980), cached as natural's takes 3 µs a word. */
function stem(word: string): string {
  if (word.length > maxStemLength || !/^[a-z]{3,}$/.test(word)) return word
  const known = stems.get(word)
  if (known !== undefined) return known
  if (stems.size >= maxCachedStems) stems.clear()
  const stemmed = PorterStemmer.stem(word)
  stems.set(word, stemmed)
  return stemmed
}
