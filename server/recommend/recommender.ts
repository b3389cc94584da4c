import { dot } from '../math/vectors.ts'
import type { EligibilityRule, Product } from '../storage/products.ts'
import type { ProductSheet } from '../storage/sheets.ts'
import type { IsoDate, Version } from '../storage/types.ts'
import { terms } from '../text/terms.ts'
import { type Eligibility, eligibilityOf, inForce } from './eligibility.ts'
import type { Profile } from './profile.ts'

export type Span = readonly [start: number, end: number]

/** A product that fits, with the sentences of its sheet that say why and on what condition. */
export interface Suggestion {
  readonly product: string
  readonly title: string
  /** Unitless, higher is better. */
  readonly score: number
  readonly version: Version
  /** Spans of the sheet's canonical text; each entry is one quotation. */
  readonly reasons: readonly (readonly Span[])[]
  /** True where every rule holds; unknown where a condition is open, which is then among the reasons. */
  readonly verdict: true | 'unknown'
}

export interface Wish {
  /** The message's vector, of unit length. */
  readonly vector: Float32Array
  readonly text: string
  readonly day: IsoDate
  readonly profile: Profile
  readonly dismissed: ReadonlySet<string>
  /** Most products to suggest. */
  readonly k: number
}

interface Entry {
  readonly product: Product
  readonly sheets: readonly ProductSheet[]
  readonly words: ReadonlySet<string>
}

/** Weight of words shared with tags, name and category beside the cosine. Chosen on our own questions, test/quality. */
const wordWeight = 0.35
/** Added where the message names the category ("which card"), so that a card is not answered with an account. */
const categoryBonus = 0.15
/** Added for each rule that a known fact fulfils: a student's account for a student. */
const factBonus = 0.12
/** Below this nothing fits. */
const minimumScore = 0.35
const maxConditions = 2

/** Words by which customers name a category of the catalogue. */
const categoryWords: Readonly<Record<string, RegExp>> = {
  accounts: /\b(account|accounts|banking)\b/i,
  cards: /\b(cards?|credit)\b/i,
  loans: /\b(loans?|borrow\w*|finance)\b/i,
  mortgages: /\b(mortgages?|house|home|property|flat)\b/i,
  // Who saves for old age looks for a pension.
  savings: /^(?!.*\b(?:retir\w*|pension)\b).*\b(sav\w+|interest|isa|put (?:away|aside)|nest egg)\b/is,
  investments: /\b(invest\w*|pension|fund|shares|retire\w*)\b/i,
  insurance: /\b(insur\w*|cover)\b/i,
}

/**
 * Content-based recommendation behind hard rules: cosine of the message with the product's sheet, words shared with its tags
 * and name, and facts that its rules ask for. Source: Lops, de Gemmis & Semeraro, Content-based recommender systems (2011).
 */
export function createRecommender({
  products,
  sheets,
}: {
  products: readonly Product[]
  sheets: ReadonlyMap<string, readonly ProductSheet[]>
}) {
  const entries = products.map((product): Entry => {
    const words = terms([product.name, product.category, product.summary, ...product.tags].join(' . '))
    return { product, sheets: sheets.get(product.id) ?? [], words: new Set(words) }
  })

  function score({ product, words }: Entry, sheet: ProductSheet, wish: Wish, { verdict }: Eligibility): number {
    const cosines = sheet.passages.map(({ vector }) => dot(wish.vector, vector))
    const said = new Set(terms(wish.text))
    const shared = [...said].filter((term) => words.has(term)).length
    const named = categoryWords[product.category]?.test(wish.text) ?? false
    const known = product.eligibility.filter(
      ({ field, op }) => op === 'eq' && wish.profile.facts[field] !== undefined,
    ).length
    const fact = verdict === false ? 0 : known * factBonus
    return Math.max(0, ...cosines) + (wordWeight * shared) / Math.max(3, said.size) + (named ? categoryBonus : 0) + fact
  }

  return {
    /** Products that no rule refuses on the known facts, best first, ties by id. Deterministic. */
    recommend(wish: Wish): Suggestion[] {
      const { day, profile, dismissed, k } = wish
      return entries
        .flatMap((entry): Suggestion[] => {
          const { product } = entry
          const eligibility = eligibilityOf(product, profile)
          const sheet = sheetOn(entry, day)
          if (!sheet || eligibility.verdict === false || dismissed.has(product.id) || !inForce(product, day)) return []
          const value = score(entry, sheet, wish, eligibility)
          if (value < minimumScore) return []
          const { version } = sheet
          const reasons = reasonsFor(product, version, wish, eligibility)
          return reasons.length === 0
            ? []
            : [
                {
                  product: product.id,
                  title: product.name,
                  score: value,
                  version,
                  reasons,
                  verdict: eligibility.verdict,
                },
              ]
        })
        .sort((a, b) => b.score - a.score || (a.product < b.product ? -1 : 1))
        .slice(0, k)
    },
  }
}
export type Recommender = ReturnType<typeof createRecommender>

/** The catalogue's own sheet; another edition of it where that one is not in force. */
function sheetOn({ product, sheets }: Entry, day: IsoDate): ProductSheet | undefined {
  const current = sheets.filter(({ version }) => inForce(version, day))
  return current.find(({ version }) => version.doc.endsWith(product.sheet)) ?? current[0]
}

/** What the product is, in its sheet's own first sentence nearest to the wish, then the conditions that are still open. */
function reasonsFor({ eligibility }: Product, version: Version, wish: Wish, { open }: Eligibility): Span[][] {
  const wanted = new Set(terms(wish.text))
  const conditions = new Set(eligibility.map(({ text }) => text))
  const sentences = sentencesOf(version.text).filter(([start, end]) => !conditions.has(version.text.slice(start, end)))
  const overlap = ([start, end]: Span): number =>
    terms(version.text.slice(start, end)).filter((term) => wanted.has(term)).length
  const best = sentences.reduce<Span | undefined>(
    (top, span) => (top && overlap(top) >= overlap(span) ? top : span),
    undefined,
  )
  return [...(best ? [[best]] : []), ...open.slice(0, maxConditions).flatMap((rule) => spanOf(rule, version))]
}

/** A rule's sentence as the sheet prints it; a rule that the sheet does not state is not quoted. */
function spanOf({ text }: EligibilityRule, version: Version): Span[][] {
  const at = version.text.indexOf(text)
  return at < 0 ? [] : [[[at, at + text.length]]]
}

/** Full sentences of the running text; headings, cells and list fragments are no reasons. */
export function sentencesOf(text: string): Span[] {
  return [...text.matchAll(/(?<=^|[.!?]\s)[^\n\t.!?][^\n\t]*?[.!?](?=\s|$)/gmu)].map(
    ({ index, 0: sentence }): Span => [index, index + sentence.length],
  )
}
