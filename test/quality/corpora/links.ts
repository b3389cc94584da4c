import type { EligibilityRule, Product } from '../../../server/storage/products.ts'
import type { Corpora, Placed, SourceDocument } from './load.ts'
import { type Finding, faultless, type Report } from './report.ts'

/** Facts of a profile that rules may ask for, and what they are. */
export const profileFields: Readonly<Record<string, 'number' | 'boolean' | 'list'>> = {
  ...{ age: 'number', annualIncome: 'number', monthlyPayIn: 'number', savings: 'number', weeklyHours: 'number' },
  ...{ yearsSinceDegree: 'number', vehicleAgeYears: 'number' },
  ...{ resident: 'boolean', student: 'boolean', homeowner: 'boolean', firstTimeBuyer: 'boolean' },
  ...{ holds: 'list' },
}
/** Where the bank does business. */
export const regions = ['mainland', 'isles']
const operatorsOf = { number: ['eq', 'lt', 'lte', 'gt', 'gte'], boolean: ['eq'], list: ['includes'] } as const

/** What one part of the corpora says of another is true: products and their sheets, rules and the sentences that state them. */
export function checkLinks(corpora: Corpora): Report {
  const { catalogue, documents, fees } = corpora
  const products = new Set(catalogue.map(({ value }) => value.id))
  const sheets = new Map(documents.map((document) => [document.id, document]))
  const ofProducts = catalogue.flatMap((row) => [...sheetFaults(row, sheets), ...regionFaults(row)])
  const rules = catalogue.flatMap((row) => row.value.eligibility.map((rule) => ({ row, rule })))
  const ofRules = rules.flatMap(({ row, rule }) => ruleFaults(row, rule, sheets.get(row.value.sheet), products))
  const named = [...documents, ...fees.items].filter(({ product }) => product !== undefined)
  const ofNames = named.flatMap((place): Finding[] => {
    const line = 'line' in place ? place.line : (place.blocks[0]?.line ?? 1)
    return products.has(place.product!)
      ? []
      : [{ file: place.file, line, reason: `there is no product ${place.product}` }]
  })
  return {
    figures: [
      faultless('products and their sheets', catalogue.length, ofProducts.length),
      faultless('eligibility rules', rules.length, ofRules.length),
      faultless('documents and fees that name a product', named.length, ofNames.length),
    ],
    findings: [...ofProducts, ...ofRules, ...ofNames],
  }
}

/** The sheet exists, is this product's, is in force when the product is on sale, and states its price and rate. */
function sheetFaults({ file, line, value }: Placed<Product>, sheets: ReadonlyMap<string, SourceDocument>): Finding[] {
  const sheet = sheets.get(value.sheet)
  if (!sheet) return [{ file, line, reason: `the sheet ${value.sheet} of ${value.id} does not exist` }]
  const { price, rate } = value
  const [sign, digits] = [price?.currency === 'EUR' ? '€' : '£', price === null ? [] : amountForms(price.amount)]
  const faults = [
    ...(sheet.product === value.id
      ? []
      : [`the sheet ${sheet.id} is of ${sheet.product ?? 'no product'}, not of ${value.id}`]),
    ...((sheet.from ?? '') <= (value.from ?? '')
      ? []
      : [`the sheet ${sheet.id} is in force from ${sheet.from}, ${value.id} is sold from ${value.from}`]),
    ...(price === null || digits.some((amount) => states(sheet, sign + amount))
      ? []
      : [`${sheet.id} does not state the price ${sign}${price.amount}`]),
    ...(rate === null || [' %', '%'].some((end) => states(sheet, rate.value + end))
      ? []
      : [`${sheet.id} does not state the rate ${rate.value} %`]),
  ]
  return faults.map((reason) => ({ file, line, reason }))
}

/** "1495.00" as texts write it: £1,495.00 or £1,495. */
function amountForms(amount: string): string[] {
  const [pounds = '', pence = ''] = amount.split('.')
  const grouped = Number(pounds).toLocaleString('en-GB')
  return [`${grouped}.${pence}`, ...(/^0*$/.test(pence) ? [grouped] : [])]
}

/** Whether the text has these words or this number, not as a part of a longer number. */
function states({ text }: SourceDocument, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    if (!/[\d.,]/.test(text[at - 1] ?? '') && !/^(?:\d|[.,]\d)/.test(text.slice(at + words.length))) return true
  }
  return false
}

const regionFaults = ({ file, line, value }: Placed<Product>): Finding[] =>
  value.regions
    .filter((region) => !regions.includes(region))
    .map((region) => ({ file, line, reason: `${value.id} is sold in ${region}, which is no region` }))

/** The rule's sentence stands verbatim in the sheet; its field is one of a profile and fits operator and value. */
function ruleFaults(
  { file, line }: Placed<Product>,
  { id, field, op, value, text }: EligibilityRule,
  sheet: SourceDocument | undefined,
  products: ReadonlySet<string>,
): Finding[] {
  const kind = profileFields[field]
  const operators: readonly string[] = kind === undefined ? [] : operatorsOf[kind]
  const typed = kind === 'list' ? typeof value === 'string' : typeof value === kind
  const faults = [
    ...(sheet && !states(sheet, text) ? [`does not stand in ${sheet.id}: "${text}"`] : []),
    ...(kind === undefined ? [`asks for ${field}, which no profile has`] : []),
    ...(kind !== undefined && !operators.includes(op)
      ? [`compares ${field} by ${op}, which is no way to compare a ${kind}`]
      : []),
    ...(kind !== undefined && !typed ? [`compares ${field} with ${String(value)}, which is no ${kind}`] : []),
    ...(field === 'holds' && !products.has(String(value))
      ? [`asks for the product ${String(value)}, which does not exist`]
      : []),
  ]
  return faults.map((reason) => ({ file, line, reason: `rule ${id} ${reason}` }))
}
