/** Crockford's base 32: no I, L, O, U, so that an id can be read aloud. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const timeDigits = 10
const randomDigits = 16

/**
 * A source of ULIDs (github.com/ulid/spec): 48 bits of Unix milliseconds, then 80 random bits, 26 characters.
 * Ids of one source rise strictly, also within a millisecond and when the clock is set back, so sorting them gives the
 * order in which they were made.
 * @param now Unix time in milliseconds.
 * @param randomBytes fills an array with random bytes.
 */
export function createUlids(
  now: () => number = Date.now,
  randomBytes: (into: Uint8Array<ArrayBuffer>) => void = (into) => crypto.getRandomValues(into),
): () => string {
  let time = 0
  let random: number[] = []

  function draw(): void {
    const bytes = new Uint8Array(randomDigits)
    randomBytes(bytes)
    random = [...bytes].map((byte) => byte & 31)
  }

  /** Count the random part up by one. @returns false when it ran over. */
  function countUp(): boolean {
    for (let i = randomDigits - 1; i >= 0; i--) {
      const digit = (random[i] ?? 0) + 1
      random[i] = digit & 31
      if (digit < 32) return true
    }
    return false
  }

  return () => {
    const current = now()
    if (current > time) {
      time = current
      draw()
    } else if (!countUp()) {
      time++
      draw()
    }
    return encodeTime(time) + random.map((digit) => digits[digit]).join('')
  }
}

function encodeTime(time: number): string {
  let text = ''
  let rest = time
  for (let i = 0; i < timeDigits; i++) {
    text = digits.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

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
