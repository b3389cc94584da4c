import type { Reading } from './readings.ts'

const codes = 'GBP|EUR|USD|CHF|CNY|RMB|JPY|PLN|SEK|NOK|DKK|CAD|AUD'
const signs: Readonly<Record<string, string>> = { '£': 'GBP', '€': 'EUR', $: 'USD', '＄': 'USD', '￡': 'GBP' }
const names: readonly (readonly [RegExp, string])[] = [
  [/^(pounds?|quid|sterling|英镑)$/iu, 'GBP'],
  [/^(euros?|欧元)$/iu, 'EUR'],
  [/^(dollars?|bucks|美元)$/iu, 'USD'],
  [/^(francs?|franken)$/iu, 'CHF'],
  [/^(yen|日元)$/iu, 'JPY'],
  [/^(yuan|rmb|元|块|人民币)$/iu, 'CNY'],
]
const digits = String.raw`\d{1,15}(?:[.,'’\u00A0\u202F]\d{1,3}){0,6}\d{0,9}`
const scale = String.raw`(?:\s?(k|m|bn|thousand|million|billion|mio|万)(?![\p{Script=Latin}]))?`
const currencyWord = String.raw`(?:${codes}|pounds?|quid|sterling|euros?|dollars?|bucks|francs?|franken|yen|yuan)(?![\p{L}])|英镑|欧元|美元|日元|人民币|元|块`
const inFront = new RegExp(
  String.raw`(?<![\p{L}\p{N}])((?:US|A|C)?[£€$¥￥￡＄]|(?:${codes})(?![\p{L}]))\s{0,2}(${digits})${scale}`,
  'giu',
)
const behind = new RegExp(
  String.raw`(?<![\p{N}.,£€$¥])(${digits})${scale}\s{0,2}(?:british\s|us\s|pounds?\s)?([£€$¥￥](?!\s?\d)|${currencyWord})`,
  'giu',
)
const pence = /(?<![\p{N}.,£€$])(\d{1,4})\s?(?:p|pence|pennies)(?![\p{L}\p{N}]|\.\p{L})/giu
const percent =
  /(?<![\p{N}.,])(\d{1,9}(?:[.,]\d{1,6})?)\s{0,2}(?:%|％|per\s?cent(?![\p{L}])|percent(?:age)?(?![\p{L}])|pct(?![\p{L}])|prozent(?![\p{L}]))/giu

/** Every pattern needs one, and most messages hold none. */
const digit = /\d/

/** Sums of money, valued as decimal text with two places and a currency code: `1250.00 GBP`. */
export function amountsIn(text: string): Reading[] {
  if (!digit.test(text)) return []
  const han = /\p{Script=Han}/u.test(text)
  const found: Reading[] = []
  const add = (match: RegExpMatchArray, amount: number | undefined, currency: string | undefined) => {
    if (amount === undefined || currency === undefined || amount > 1e12) return
    const start = match.index ?? 0
    found.push({ start, end: start + match[0].trimEnd().length, value: `${amount.toFixed(2)} ${currency}` })
  }
  for (const match of text.matchAll(inFront))
    add(match, scaled(match[2], match[3], match[1]), currencyOf(match[1], han))
  for (const match of text.matchAll(behind)) add(match, scaled(match[1], match[2], match[3]), currencyOf(match[3], han))
  for (const match of text.matchAll(pence)) add(match, Number(match[1]) / 100, 'GBP')
  return found
}

/** Percentages, valued as plain decimal text: `2.75`. */
export function percentagesIn(text: string): Reading[] {
  if (!digit.test(text)) return []
  return [...text.matchAll(percent)].map((match) => {
    const start = match.index ?? 0
    return { start, end: start + match[0].length, value: String(Number((match[1] ?? '').replace(',', '.'))) }
  })
}

function currencyOf(written: string | undefined, han: boolean): string | undefined {
  const word = (written ?? '').toUpperCase()
  if (/[¥￥]$/.test(word)) return han ? 'CNY' : 'JPY'
  if (word === 'RMB') return 'CNY'
  if (/^[A-Z]{3}$/.test(word) && codes.includes(word)) return word
  if (word === 'A$') return 'AUD'
  if (word === 'C$') return 'CAD'
  return signs[word.slice(-1)] ?? names.find(([name]) => name.test(word))?.[1]
}

const factors: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  mio: 1e6,
  bn: 1e9,
  billion: 1e9,
  万: 1e4,
}

function scaled(
  number: string | undefined,
  factor: string | undefined,
  currency: string | undefined,
): number | undefined {
  const value = decimalOf(number ?? '', currency === '€' || /^eur/i.test(currency ?? ''))
  return value === undefined ? undefined : value * (factors[(factor ?? '').toLowerCase()] ?? 1)
}

/**
 * The number that was written with any separators: of two kinds the last is the decimal point; of one kind it is one, unless
 * three digits follow a comma (or, in a continental euro amount, a full stop) or it stands there more than once.
 */
function decimalOf(written: string, continental = false): number | undefined {
  const text = written.replace(/['’\u00A0\u202F]/g, '')
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','))
  if (last === -1) return Number(text)
  const [sign, places] = [text[last], text.length - last - 1]
  const other = text.includes(sign === '.' ? ',' : '.')
  const repeated = text.indexOf(sign!) !== last
  const thousands = !other && (repeated || (places === 3 && (sign === ',' || continental)))
  const plain = thousands
    ? text.replace(/[.,]/g, '')
    : `${text.slice(0, last).replace(/[.,]/g, '')}.${text.slice(last + 1)}`
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}
