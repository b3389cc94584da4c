import type { EligibilityRule } from '../../storage/products.ts'
import { evaluate } from '../eligibility.ts'
import { sentencesOf } from '../recommender.ts'
import type { Customer } from './customer.ts'
import { type Candidate, type Refusal, type Source, sources } from './ranking.ts'

/** A sentence of the product's sheet, as it stands there: half-open, in UTF-16 code units of the version's canonical text. */
export interface SheetQuote {
  readonly doc: string
  readonly ver: number
  readonly span: readonly [start: number, end: number]
  readonly quote: string
}

/** Why a product is offered. */
export type Reason =
  | { readonly kind: 'together'; readonly text: string; readonly with: string; readonly weight: number }
  | { readonly kind: 'popular' | 'alike'; readonly text: string; readonly tags?: readonly string[] }
  | { readonly kind: 'rule'; readonly text: string; readonly rule: string; readonly source: SheetQuote }
  | { readonly kind: 'what'; readonly text: string; readonly source: SheetQuote }

const mostReasons = 4
const mostTags = 3

/**
 * Why this product: what it is, in its sheet's words, then what spoke for it the most, from the contributions that made the
 * score, then the rules that known facts fulfil, as the sheet states them. A source that spoke against it is no reason.
 * @param nameOf a product's name by its id. @param tagsOf its tags.
 */
export function reasonsFor(
  candidate: Candidate,
  customer: Customer,
  nameOf: (product: string) => string,
  tagsOf: (product: string) => readonly string[],
): Reason[] {
  const strongest = sources
    .filter((source) => candidate.contributions[source] > 0)
    .toSorted((a, b) => candidate.contributions[b] - candidate.contributions[a])
  const told = strongest.flatMap((source) => reasonOf(source, candidate, customer, nameOf, tagsOf))
  const what = firstSentence(candidate)
  const rules = candidate.product.eligibility.flatMap((rule) => ruleReason(rule, candidate, customer))
  return [...(what ? [what] : []), ...told, ...rules].slice(0, mostReasons)
}

function reasonOf(
  source: Source,
  { product, together }: Candidate,
  { holds }: Customer,
  nameOf: (product: string) => string,
  tagsOf: (product: string) => readonly string[],
): Reason[] {
  if (source === 'popular')
    return [{ kind: 'popular', text: `${product.name} is one of the products that many customers have.` }]
  if (source === 'together') {
    const [best] = together
    if (!best || best.weight <= 0) return []
    const text = `Customers with ${nameOf(best.product)} often have ${product.name} as well.`
    return [{ kind: 'together', text, with: best.product, weight: best.weight }]
  }
  const own = new Set([...holds].flatMap(tagsOf))
  const tags = product.tags.filter((tag) => own.has(tag)).slice(0, mostTags)
  return tags.length === 0 ? [] : [{ kind: 'alike', text: `It is like what you have: ${tags.join(', ')}.`, tags }]
}

/** A rule that a known fact fulfils, where the sheet states it. */
function ruleReason(rule: EligibilityRule, candidate: Candidate, { facts }: Customer): Reason[] {
  const source = quoteOf(rule.text, candidate)
  return source && evaluate(rule, { facts }) === true ? [{ kind: 'rule', text: rule.text, rule: rule.id, source }] : []
}

function quoteOf(text: string, { sheet }: Candidate): SheetQuote | undefined {
  const at = sheet.text.indexOf(text)
  return at < 0 ? undefined : { doc: sheet.doc, ver: sheet.ver, span: [at, at + text.length], quote: text }
}

/** The sheet's first full sentence that names the product. */
function firstSentence(candidate: Candidate): Reason | undefined {
  const { sheet, product } = candidate
  const sentences = sentencesOf(sheet.text).map((span) => sheet.text.slice(...span))
  const text = sentences.find((sentence) => sentence.includes(product.name))
  const source = text === undefined ? undefined : quoteOf(text, candidate)
  return text !== undefined && source ? { kind: 'what', text, source } : undefined
}

/** Why a product is not offered, in a sentence, with the rules' own words. */
export function refusalText(refusal: Refusal, name: string): string {
  switch (refusal.why) {
    case 'held':
      return `The customer has ${name} already.`
    case 'dismissed':
      return `The customer has waved ${name} away.`
    case 'region':
      return `${name} is not sold in the customer’s region.`
    case 'not_in_force':
      return `${name} is not sold on this day.`
    case 'no_sheet':
      return `There is no sheet of ${name} that customers may read on this day.`
    case 'rule':
      return refusal.rules.map(({ text }) => text).join(' ')
  }
}
