import { type Characters, digitOf, isLetter, narrow } from './characters.ts'
import { isDivider, isJoint } from './digits.ts'

/** Length of an IBAN by country. Source: SWIFT IBAN Registry. */
const lengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 ' +
    'FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 ' +
    'LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 ' +
    'SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)
/** Characters that may stand between two of an IBAN's own. */
const maxGap = 3

/** IBANs, `[start, end)` each: of a known country, of its length, with the right check digits (ISO 13616, modulo 97). */
export function findIbans(characters: Characters): [number, number][] {
  const found: [number, number][] = []
  let inWord = false
  for (let i = 0; i < characters.length; i++) {
    const code = characters.code(i)
    const end = !inWord && isLetter(code) ? ibanEnd(characters, i) : undefined
    if (end !== undefined) {
      found.push([i, end])
      i = end - 1
    }
    inWord = isLetter(code) || digitOf(code) >= 0
  }
  return found
}

/** 0 to 9 for a digit, 10 to 35 for a letter of any case or width, −1 for anything else. */
function alphanumeric(code: number): number {
  const digit = digitOf(code)
  if (digit >= 0) return digit
  const letter = narrow(code) | 0x20
  return letter >= 0x61 && letter <= 0x7a ? letter - 0x61 + 10 : -1
}

const isBetween = (code: number): boolean => isJoint(code) || isDivider(code)

function ibanEnd(characters: Characters, start: number): number | undefined {
  const country = String.fromCharCode(...[0, 1].map((i) => alphanumeric(characters.code(start + i)) + 55))
  const length = lengths.get(country)
  if (length === undefined) return undefined
  const values: number[] = []
  let at = start
  while (values.length < length) {
    for (let gap = 0; gap < maxGap && values.length >= 2 && isBetween(characters.code(at)); gap++) at++
    const value = alphanumeric(characters.code(at++))
    if (value < 0 || ((values.length === 2 || values.length === 3) && value > 9)) return undefined
    values.push(value)
  }
  return alphanumeric(characters.code(at)) < 0 && remainder(values) === 1 ? at : undefined
}

/** Modulo 97 of the rearranged number, letter by letter so that it never grows. */
function remainder(values: readonly number[]): number {
  const rearranged = [...values.slice(4), ...values.slice(0, 4)]
  return rearranged.reduce((rest, value) => (value > 9 ? rest * 100 + value : rest * 10 + value) % 97, 0)
}
