/** A text under examination. Every look at it is counted, so that a test can prove the work linear without a clock. */
export interface Characters {
  readonly text: string
  readonly length: number
  /** UTF-16 code unit at `at`; NaN outside the text. */
  code(at: number): number
  /** Part of the text, for patterns that look at a bounded surrounding. */
  slice(start: number, end: number): string
  /** Code units looked at so far. */
  reads(): number
}

export function createCharacters(text: string): Characters {
  let reads = 0
  return {
    text,
    length: text.length,
    code(at) {
      reads++
      return text.charCodeAt(at)
    },
    slice(start, end) {
      reads += Math.max(0, end - start)
      return text.slice(Math.max(0, start), end)
    },
    reads: () => reads,
  }
}

/** First digits of the decimal digit series that people paste: ASCII, Arabic, Persian, Devanagari, full-width. */
const zeros = [0x30, 0x0660, 0x06f0, 0x0966, 0xff10]

/** Value 0 to 9 of a digit; −1 for anything else. */
export function digitOf(code: number): number {
  for (const zero of zeros) if (code >= zero && code <= zero + 9) return code - zero
  return -1
}

/** Full-width letters and signs (U+FF01 to U+FF5E) as their ASCII twins; anything else as it is. */
export function narrow(code: number): number {
  return code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : code
}

/** Whether a code unit is part of a letter in any script (surrogates count, as they are never separators). */
export function isLetter(code: number): boolean {
  if (code < 0x80) return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
  return code >= 0xd800 && code <= 0xdfff ? true : /\p{L}/u.test(String.fromCharCode(code))
}
