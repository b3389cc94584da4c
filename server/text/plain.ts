import { streamSafe } from './canonical.ts'

/**
 * A text as it is looked up: compatibility forms unified (full-width letters, ligatures, no-break spaces), characters that
 * nobody sees left out (soft hyphens, zero-width marks), white space as single spaces.
 */
export const plain = (text: string): string =>
  streamSafe(text)
    .normalize('NFKC')
    .replace(/\p{Cf}+/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
