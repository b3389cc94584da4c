/** Crockford's base 32: no I, L, O, U, so that an id can be read aloud. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const timeDigits = 10
const randomDigits = 16

/** 79 random bits: the 80th is left free, so that counting up never runs over. */
function randomBits(): bigint {
  const [high = 0n, low = 0n] = crypto.getRandomValues(new BigUint64Array(2))
  return ((high & 0x7fffn) << 64n) | low
}

/**
 * A source of ULIDs (github.com/ulid/spec): 48 bits of Unix milliseconds, then 80 random bits, 26 characters.
 * Ids of one source rise strictly, also within a millisecond and when the clock is set back, so sorting them gives the
 * order in which they were made.
 * @param now Unix time in milliseconds.
 */
export function createUlids(now: () => number = Date.now): () => string {
  let time = 0
  let random = 0n
  return () => {
    const current = now()
    random = current > time ? randomBits() : random + 1n
    time = Math.max(time, current)
    return base32(time, timeDigits) + base32(random, randomDigits)
  }
}

const base32 = (value: number | bigint, length: number): string =>
  value
    .toString(32)
    .padStart(length, '0')
    .replace(/[a-v]/g, (digit) => digits.charAt(Number.parseInt(digit, 32)))

/** When a ULID was made, Unix milliseconds; NaN for anything else. */
export function timeOfUlid(id: string): number {
  let time = 0
  for (const char of id.slice(0, timeDigits)) {
    const digit = digits.indexOf(char)
    if (digit < 0) return Number.NaN
    time = time * 32 + digit
  }
  return time
}
