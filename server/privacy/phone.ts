import type { Characters } from './characters.ts'
import type { Group } from './digits.ts'

/** How far around a number its words are looked at, UTF-16 units. */
const [before, after] = [48, 16]

const device =
  '(?:tele)?phones?|telefone?|t[ée]l[ée]fono|t[ée]l[ée]phone|telefoon|tel|mobile?|mobil|mobiel|m[óo]vil|mob|cell(?:phone)?|cellulare|portable|fax|desk|handy|landline|rufnummer|whatsapp|sms'
const act =
  'call(?:ed|ing)?|text(?:ed|ing)?|dial(?:led|ling|ing)?|ring|rang|reach(?:ed)?|contact(?:ed)?|messages? to|extension|(?:my|his|her|new|old) number|anrufen unter|appelez'
const label = '(?:office|home|work|direct|ph|t|p|m|f)[.:]'
const filler =
  '(?:me|us|him|her|them|back|on|at|to|is|are|was|my|our|your|the|a|this|new|old|number|no|nr|num|home|work|office|please|direct|under|via|ist|est|es|è|jest)'
const chineseDevice = '(?:电话|手机|电话号码|号码|手機|電話|號碼|传真)(?:号码|號碼|是|为|為|[:：,，\\s])*'
/** A word for telephones, with nothing but small words between it and the number: "call me back on …", "mobile no.: …". */
const spokenBefore = new RegExp(
  `(?:(?<![\\p{L}])(?:${device}|${act}|${label})[\\s.:,;#=(-]*(?:${filler}[\\s.:,;#=(-]+){0,5}|${chineseDevice})$`,
  'iu',
)
const spokenAfter = /^[\s,;\\-]{0,3}\(?(?:office|fax|mobile|cell|phone|landline|tel)\b/iu
/** Words for other numbers; with one of them close by, only what cannot be anything else is a telephone number. */
const otherNumber =
  /(?<![\p{L}])(?:order|ref(?:erence)?|account|acct|a\/c|invoice|policy|case|claim|ticket|transaction|payment|id|code|serial|version|isin|card|booking|tracking|parcel|member(?:ship)?|订单|账号|帳號|卡号|编号)(?:\s+(?:number|no|nr|num|id|code|is|was|the|my|号))*[\s.:#=-]*$/iu
const money = /(?:[£$€¥]|\b(?:gbp|usd|eur|chf|rmb|cny))\s?$/iu
const moneyAfter = /^\s?(?:[£$€¥%]|(?:gbp|usd|eur|chf|rmb|cny|pounds?|euros?|dollars?|pence|percent|per cent)\b)/iu
const extension = /^\s?(?:x|ext\.?|extension)\s?\d{1,6}(?!\d)/iu

/** Telephone numbers among `groups`, neighbours of one run: all of them as one number, else the numbers that stand in a row. */
export function phonesIn(characters: Characters, groups: readonly Group[]): [number, number][] {
  const whole = phoneIn(characters, groups)
  if (whole) return [whole]
  const parts: Group[][] = []
  let digits = 0
  for (const group of groups) {
    const apart = group.before.trim() === '' ? /^0\d\d/.test(group.digits) : /[/／]/.test(group.before)
    if (parts.length > 0 && !(apart && digits >= 9)) parts.at(-1)!.push(group)
    else {
      parts.push([group])
      digits = 0
    }
    digits += group.digits.length
  }
  if (parts.length < 2) return []
  return parts.map((part) => phoneIn(characters, part)).filter((found) => found !== undefined)
}

/**
 * The telephone number that is made of all of `groups` (neighbours of one run), or undefined.
 * Written forms are told by their shape (+49 …, 0049 …, (030) …, 555-123-4567, 07700 900 123); other runs of digits only
 * where the words beside them speak of a telephone.
 */
function phoneIn(characters: Characters, groups: readonly Group[]): [number, number] | undefined {
  const [first, last] = [groups[0], groups.at(-1)]
  if (!first || !last) return undefined
  const digits = groups.reduce((sum, group) => sum + group.digits.length, 0)
  if (digits < 6 || digits > 17 || isDate(groups)) return undefined
  const start = opening(characters, groups)
  const [left, right] = [characters.slice(start - before, start), characters.slice(last.end, last.end + after)]
  if (money.test(left) || moneyAfter.test(right) || /(?:(?!\p{Script=Han})[\p{L}\p{N}]|\d,)$/u.test(left))
    return undefined
  const spoken = spokenBefore.test(left) || spokenAfter.test(right)
  const mark = characters.slice(start, first.start)
  const shape = {
    lengths: groups.map((group) => group.digits.length),
    digits,
    mark,
    written: groups.map(({ before, digits: own }, i) => (i === 0 ? own : before + own)).join(''),
  }
  const told = spoken ? digits <= 15 || first.digits.startsWith('00') : isPhoneShape(shape, left, right)
  if (!told) return undefined
  return [start, last.end + (extension.exec(right)?.[0].length ?? 0)]
}

interface Shape {
  /** Digits of each group. */
  readonly lengths: readonly number[]
  readonly digits: number
  /** What opens the number: `+`, `(`, `+(` or nothing. */
  readonly mark: string
  /** The whole run, its digits as ASCII. */
  readonly written: string
}

function isPhoneShape({ lengths, digits, mark, written }: Shape, left: string, right: string): boolean {
  if (/[+＋]/.test(mark)) return digits >= 8 && digits <= 15
  // More than one pair of brackets, "(0)" aside, is a column of negative amounts.
  if (/[（(](?!0[)）])/.test(written)) return false
  const form = lengths.join(' ')
  if (/^(1 |3 )?3 3 4$/.test(form) || (form === '3 4 4' && /^1[3-9]/.test(written))) return true
  if (otherNumber.test(left) || /^\p{L}/u.test(right)) return extension.test(right) && digits >= 9
  if (mark !== '') return isAreaCode(lengths, digits, written)
  if (/^00[1-9]/.test(written)) return digits >= 11 && digits <= 17
  if (/^0[1-9]/.test(written))
    return lengths.length === 1 ? digits === 10 || digits === 11 : digits >= 9 && digits <= 12
  if (/^447\d{9}$/.test(written.replace(/\D/g, ''))) return true
  return form === '11' && /^1[3-9]/.test(written) && /\p{Script=Han}/u.test(left)
}

/** "(030) 123 456", "(11) 4706-6184", but not "(200) 655 600", which is a negative amount in a table. */
function isAreaCode(lengths: readonly number[], digits: number, written: string): boolean {
  const [area = 0, ...rest] = lengths
  if (area < 2 || area > 5 || rest.length === 0 || digits < 8 || digits > 12) return false
  return written.startsWith('0') || digits - area >= 7 || /[-.\u2010-\u2015]/.test(written)
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
