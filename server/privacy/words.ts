import { isIPv6 } from 'node:net'
import type { Characters } from './characters.ts'

/** A text in which full-width letters and signs are plain ones; places stay the same. */
export const narrowed = (characters: Characters): string =>
  characters
    .slice(0, characters.length)
    .replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))

type Place = [start: number, end: number]

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
/** Programs have versions that look like addresses. */
const ipv4 = new RegExp(`(?<![\\w.]|\\bv(?:ersion)?\\.? ?)(?:${octet}\\.){3}${octet}(?!\\w|\\.\\d)`, 'g')
const ipv6 = /(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi

/** Addresses of machines: IPv4 in four numbers, IPv6 in full or shortened (RFC 4291). @param text from {@link narrowed} */
export function findIps(text: string): Place[] {
  // "::" alone is an address as well, and a pair of colons everywhere else.
  return [...placesOf(text, ipv4), ...placesOf(text, ipv6, (found) => found.length > 4 && isIPv6(found))]
}

/** How a country writes its numbers, and what makes one valid; those without check digits have a form that nothing else has. */
const nationalIds: readonly (readonly [pattern: RegExp, isValid?: (id: string) => boolean])[] = [
  // China: region, date of birth, order, check character (GB 11643).
  [/(?<![a-z\d])[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx](?![a-z\d])/gi, isChinese],
  // United Kingdom: National Insurance number; HMRC never gives some first letters out.
  [/(?<![A-Z\d])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?![A-Z\d])/g],
  [/(?<![a-z\d])(?!bg|gb|nk|kn|tn|nt|zz)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]\d{6}[a-d](?![a-z\d])/gi],
  // Spain: DNI and NIE, a letter by the remainder of 23.
  [/(?<![a-z\d])(?:\d{8}|[xyz]\d{7})-?[a-z](?![a-z\d])/gi, isSpanish],
  // France: sex, year, month, place, order, key by the remainder of 97.
  [/(?<!\d)[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d\d ?\d{3} ?\d{3} ?\d\d(?!\d)/g, isFrench],
  // Italy: codice fiscale.
  [/(?<![a-z\d])[a-z]{6}\d\d[a-ehlmprst]\d\d[a-z]\d{3}[a-z](?![a-z\d])/gi],
]

/** National identity and insurance numbers of China, the United Kingdom, Spain, France and Italy. @param text from {@link narrowed} */
export const findNationalIds = (text: string): Place[] =>
  nationalIds.flatMap(([pattern, isValid]) => placesOf(text, pattern, isValid))

/** ISO 7064, MOD 11-2. */
function isChinese(id: string): boolean {
  const rest = [...id.slice(0, 17)].reduce((sum, digit) => ((sum + Number(digit)) * 2) % 11, 0)
  return '10X98765432'[rest] === id[17]?.toUpperCase()
}

function isSpanish(id: string): boolean {
  const digits = id.toUpperCase().replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first)))
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits.slice(0, 8)) % 23] === digits.at(-1)
}

function isFrench(id: string): boolean {
  const digits = id.replaceAll(' ', '')
  return 97 - (Number(digits.slice(0, 13)) % 97) === Number(digits.slice(13))
}

const introduction =
  /(?<!\p{L})(?:my (?:full |first |last |sur)?name(?:['’]s| is:?)|(?:i am|i['’]m) called|(?:full )?name:|(?:account|card) ?holder:?(?: is)?) {1,3}(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?/giu
/** Words in capitals: "my name is wrong on the card" names nobody. */
const capitalised =
  /\p{Lu}[\p{L}\p{M}'’-]{0,30}(?: (?:(?:de|da|del|der|van|von|bin|al|la|le) ){0,2}\p{Lu}[\p{L}\p{M}'’.-]{0,30}){0,3}/uy
const chinese = /(?<=我叫|我的名字是|我的名字叫)(?![了不过他她你的做去来])\p{Script=Han}{2,4}(?=[\s,.!，。！、；;]|$)/gu

/** What people give as their name in set phrases. @param text from {@link narrowed} */
export function findNames(text: string): Place[] {
  const places = placesOf(text, chinese)
  for (const { index, 0: phrase } of text.matchAll(introduction)) {
    capitalised.lastIndex = index + phrase.length
    const name = capitalised.exec(text)
    if (name) places.push([name.index, name.index + name[0].replace(/[.'’-]+$/u, '').length])
  }
  return places
}

const accounts = [
  /(?<=(?:\baccount|\bacct|\ba\/c)\.?(?: (?:number|no\.?|num))?(?: is)?:? ?#? ?)\d(?:[ -]?\d){5,16}(?![.,]?\d)/gi,
  /(?<=\bsort ?code(?: is)?:? ?)\d\d[- ]?\d\d[- ]?\d\d(?!\d)/gi,
]

/** Numbers that are called an account's or a sort code. @param text from {@link narrowed} */
export const findAccounts = (text: string): Place[] => accounts.flatMap((pattern) => placesOf(text, pattern))

const secrets = [
  /(?<=\b(?:cvv2?|cvc2?|pin|otp|passcode|security code|one[- ]time code)(?: (?:number|code))?(?: is|:)? ?)\d{3,8}(?!\d)/gi,
  /(?<=\bpassword(?: is|:)? ['"“]?)(?=[^\s'"”]{0,40}\d)[^\s'"”]{4,64}/gi,
]

/** Security codes, PINs, and passwords that hold a digit, where they are called so. @param text from {@link narrowed} */
export const findSecrets = (text: string): Place[] => secrets.flatMap((pattern) => placesOf(text, pattern))

function placesOf(text: string, pattern: RegExp, isValid: (found: string) => boolean = () => true): Place[] {
  return Array.from(text.matchAll(pattern))
    .filter(({ 0: found }) => isValid(found))
    .map(({ index, 0: found }): Place => [index, index + found.length])
}
