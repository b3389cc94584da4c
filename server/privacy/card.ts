import type { Characters } from './characters.ts'
import { findDivided, type Group } from './digits.ts'

/** Shortest (old Maestro) and longest card number. Source: ISO/IEC 7812. */
const [minLength, maxLength] = [12, 19]
/** Schemes by first digits, with their lengths: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro. */
const schemes: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(0|6|8|9)/, [14, 16]],
  [/^(2131|1800)/, [15]],
  [/^35/, [16, 17, 18, 19]],
  [/^6(0|2|4|5)/, [16, 17, 18, 19]],
  [/^(5[06-9]|6)/, [16, 18, 19]],
  // Issuers of Maestro cards, which may be short; by their whole number, as twelve digits are many other things, too.
  [/^(0604|5018|5020|5038|5893|6304|6759|676[1-3])/, [12, 13, 14, 15, 17]],
]

/**
 * Whether `digits` are a card number: of a known scheme, of its length, with the right check digit. Where the text speaks of
 * a card, any twelve to nineteen digits with the right check digit count, and numbers of a scheme even with a wrong one: a
 * mistyped number is still personal.
 */
function isCard(digits: string, spokenOf: boolean): boolean {
  const ofScheme = schemes.some(([first, lengths]) => first.test(digits) && lengths.includes(digits.length))
  return hasLuhnDigit(digits) ? ofScheme || spokenOf : ofScheme && spokenOf
}

/** Check digit of ISO/IEC 7812 (Luhn 1960). */
function hasLuhnDigit(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit
  }
  return sum % 10 === 0
}

/**
 * The card number that begins with group `first` of a run.
 * @returns the number of groups it takes, 0 for none; the usual sixteen digits are tried first.
 */
export function cardAt(run: readonly Group[], first: number, spokenOf: boolean): number {
  const takes: { digits: string; groups: number }[] = []
  let digits = ''
  for (let i = first; i < run.length && digits.length < maxLength; i++) {
    const group = run[i]!
    if (i > first && /[()/（）／]/.test(group.before)) break
    digits += group.digits
    if (digits.length >= minLength && digits.length <= maxLength) takes.push({ digits, groups: i - first + 1 })
  }
  takes.sort((a, b) => Number(b.digits.length === 16) - Number(a.digits.length === 16) || b.groups - a.groups)
  return takes.find((take) => isCard(take.digits, spokenOf))?.groups ?? 0
}

/** Lengths of groups as cards are embossed. Days and times have other ones. */
const embossed = ['4 4 4 4', '4 6 5', '4 6 4', '4 4 4 4 3']

/**
 * Groups of four digits beside the cards of a run from which it is a column of amounts: one window in thirty of such a column
 * passes for a card. A security code, an expiry and a PIN may stand below a card.
 */
const strayGroups = 3

/** Cards with a divider between all groups: "4111/1111/1111/1111", or one group a line. `[start, end)` each. */
export function findDividedCards(characters: Characters): [number, number][] {
  const found: [number, number][] = []
  for (const run of findDivided(characters)) found.push(...cardsOf(run))
  return found
}

function cardsOf(run: readonly Group[]): [number, number][] {
  const found: [number, number][] = []
  let strays = 0
  for (let i = 0; i < run.length; i++) {
    const groups = embossedAt(run, i)
    if (groups === 0) {
      if (run[i]!.digits.length === 4) strays++
      continue
    }
    found.push([run[i]!.start, run[i + groups - 1]!.end])
    i += groups - 1
  }
  return strays < strayGroups ? found : []
}

/** @returns the number of groups of the card that begins with group `first`, 0 for none. */
function embossedAt(run: readonly Group[], first: number): number {
  for (const groups of [4, 3, 5]) {
    const part = run.slice(first, first + groups).map(({ digits }) => digits)
    if (embossed.includes(part.map(({ length }) => length).join(' ')) && isCard(part.join(''), false))
      return part.length
  }
  return 0
}
