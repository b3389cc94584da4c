import type { Characters } from './characters.ts'
import type { Group } from './digits.ts'

/** How far around a number its words are looked at, UTF-16 units. */
const [before, after] = [48, 16]

const filler =
  '(?:me|us|him|her|them|back|on|at|to|is|are|was|my|our|your|the|a|this|new|old|number|no|nr|num|home|work|office|please|direct|under|via)'
/** A word for telephones, with nothing but small words between it and the number: "call me back on …", "mobile no.: …". */
const spokenBefore = new RegExp(
  `(?:(?<![\\p{L}])(?:(?:tele)?phones?|telefone?|t[ée]l[ée]phone|tel|mobile|mob|cell(?:phone)?|fax|desk|handy|call(?:ed|ing)?|text(?:ed|ing)?|sms|whatsapp|dial(?:led|ing)?|ring|rang|reach|contact|landline|messages? to|extension)[\\s.:,;#=(-]*(?:${filler}[\\s.:,;#=(-]+){0,5}|(?:电话|手机|号码|手機|電話|號碼|传真)(?:号码|號碼|是|为|為|[:：,，\\s])*)$`,
  'iu',
)
const spokenAfter = /^[\s,;\\-]{0,3}\(?(?:office|fax|mobile|cell|phone|landline|tel)\b/iu
/** Words for other numbers; with one of them close by, only what cannot be anything else is a telephone number. */
const otherNumber =
  /(?<![\p{L}])(?:order|ref(?:erence)?|account|acct|a\/c|invoice|policy|case|claim|ticket|transaction|payment|id|code|serial|version|isin|card|booking|tracking|parcel|member(?:ship)?|订单|账号|帳號|卡号|编号)(?:\s+(?:number|no|nr|num|id|code|is|was|the|my|号))*[\s.:#=-]*$/iu
const money = /(?:[£$€¥]|\b(?:gbp|usd|eur|chf|rmb|cny))\s?$/iu
const moneyAfter = /^\s?(?:[£$€¥%]|(?:gbp|usd|eur|chf|rmb|cny|pounds?|euros?|dollars?|pence|percent|per cent)\b)/iu
const extension = /^\s?(?:x|ext\.?|extension)\s?\d{1,6}(?!\d)/iu

/**
 * The telephone number that is made of all of `groups` (neighbours of one run), or undefined.
 * Written forms are told by their shape (+49 …, 0049 …, (030) …, 555-123-4567, 07700 900 123); other runs of digits only
 * where the words beside them speak of a telephone.
 */
export function phoneIn(characters: Characters, groups: readonly Group[]): [number, number] | undefined {
  const [first, last] = [groups[0], groups.at(-1)]
  if (!first || !last) return undefined
  const digits = groups.reduce((sum, group) => sum + group.digits.length, 0)
  if (digits < 6 || digits > 17 || isDate(groups)) return undefined
  const start = opening(characters, groups)
  const [left, right] = [characters.slice(start - before, start), characters.slice(last.end, last.end + after)]
  if (money.test(left) || moneyAfter.test(right) || /(?:[\p{L}\p{N}]|\d,)$/u.test(left)) return undefined
  const spoken = spokenBefore.test(left) || spokenAfter.test(right)
  const mark = characters.slice(start, first.start)
  const shape = { lengths: groups.map((group) => group.digits.length), digits, mark, first: first.digits }
  const told = spoken
    ? digits <= 15 || first.digits.startsWith('00')
    : isPhoneShape(shape, otherNumber.test(left), right)
  if (!told) return undefined
  return [start, last.end + (extension.exec(right)?.[0].length ?? 0)]
}

interface Shape {
  /** Digits of each group. */
  readonly lengths: readonly number[]
  readonly digits: number
  /** What opens the number: `+`, `(`, `+(` or nothing. */
  readonly mark: string
  /** Digits of the first group. */
  readonly first: string
}

function isPhoneShape({ lengths, digits, mark, first }: Shape, elsewhere: boolean, right: string): boolean {
  if (mark.includes('+') || mark.includes('＋')) return digits >= 8 && digits <= 15
  const form = lengths.join(' ')
  if (/^(1 |3 )?3 3 4$/.test(form)) return true
  if (elsewhere || /^\p{L}/u.test(right)) return extension.test(right) && digits >= 9
  if (mark !== '') return digits >= 8 && digits <= 12 && lengths.length >= 2 && lengths[0]! >= 2 && lengths[0]! <= 5
  if (/^00[1-9]/.test(first)) return digits >= 10 && digits <= 17
  if (!first.startsWith('0')) return false
  return lengths.length === 1 ? digits === 10 || digits === 11 : digits >= 9 && digits <= 12
}

/** Where the number begins: with its plus and the bracket of its area code. */
function opening(characters: Characters, groups: readonly Group[]): number {
  let start = groups[0]!.start
  const closes = groups.slice(1, 3).some(({ before }) => /[)）]/.test(before))
  for (let looks = 0; looks < 2 && start > 0; looks++) {
    const sign = characters.slice(start - 1, start)
    if (sign === '+' || sign === '＋' || (closes && (sign === '(' || sign === '（'))) start--
  }
  return start
}

/** A day such as 31.12.2025 or 2025-12-31 at the beginning, and whatever time follows. */
function isDate(groups: readonly Group[]): boolean {
  const [a, b, c] = groups.map((group) => group.digits)
  if (a === undefined || b === undefined || c === undefined || groups[1]!.before !== groups[2]!.before) return false
  const year = (digits: string) => /^(19|20)\d\d$/.test(digits)
  const small = (digits: string) => digits.length <= 2 && Number(digits) >= 1 && Number(digits) <= 31
  return (year(a) && small(b) && small(c)) || (small(a) && small(b) && year(c))
}
