import { type Characters, digitOf, isLetter, narrow } from './characters.ts'

/** Longest parts of an address (RFC 5321, 4.5.3.1). */
const [maxLocal, maxDomain] = [64, 255]
const localSigns = new Set([...".!#$%&'*+/=?^_`{|}~-"].map((sign) => sign.charCodeAt(0)))
const [at, dot, hyphen] = [0x40, 0x2e, 0x2d]

/** E-mail addresses, `[start, end)` each: a local part, @, and a domain that ends in a name of two letters or more. */
export function findEmails(characters: Characters): [number, number][] {
  const found: [number, number][] = []
  for (let i = 0; i < characters.length; i++) {
    if (narrow(characters.code(i)) !== at) continue
    const [start, end] = [localStart(characters, i), domainEnd(characters, i + 1)]
    if (start < i && end > i + 1) found.push([start, end])
  }
  return found
}

const isWord = (code: number): boolean => isLetter(code) || digitOf(code) >= 0

function localStart(characters: Characters, at: number): number {
  let start = at
  while (start > 0 && at - start < maxLocal) {
    const code = characters.code(start - 1)
    if (!isWord(code) && !localSigns.has(narrow(code))) break
    start--
  }
  // Signs in front of the first letter or digit are punctuation of the sentence: "(mailto:/me@…", "'me@…".
  while (start < at && !isWord(characters.code(start))) start++
  return start
}

/** Where the domain ends; its own start if there is none. */
function domainEnd(characters: Characters, start: number): number {
  let end = start
  let label = start
  let last = start
  for (; end - start < maxDomain; end++) {
    const code = characters.code(end)
    if (narrow(code) === dot) {
      if (end === label) break
      label = end + 1
    } else if (isWord(code) || code === hyphen) {
      if (label > start && isTop(characters, label, end)) last = end + 1
    } else break
  }
  return last
}

/** Whether the label from `label` to `end` may be the last of a domain: two characters at least, the first a letter. */
function isTop(characters: Characters, label: number, end: number): boolean {
  return end > label && isLetter(characters.code(label)) && isLetter(characters.code(end))
}
