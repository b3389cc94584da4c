import type { EligibilityRule } from '../../storage/products.ts'
import type { IsoDate } from '../../storage/types.ts'
import type { Customer } from './customer.ts'
import type { Candidate, Personal } from './ranking.ts'
import { type Reason, reasonsFor } from './reasons.ts'

export interface ListRequest {
  readonly day: IsoDate
  /** Most products; from this place on, from 0. */
  readonly k: number
  readonly offset: number
  readonly exclude: ReadonlySet<string>
  /** Only these; undefined: all. */
  readonly category: string | undefined
}

export interface Item {
  readonly product: string
  readonly title: string
  readonly score: number
  readonly contributions: Candidate['contributions']
  readonly reasons: readonly Reason[]
  readonly eligible: true
}

/** What has to be known before a product can be offered. */
export interface Question {
  readonly field: string
  readonly text: string
  readonly products: readonly string[]
}

/** One category does not fill a list of several: of each, at most so many stand together before others had their turn. */
const together = 2
const mostQuestions = 3

/** A page of offers, and what to ask for more of them. */
export function shortlist(
  { rank }: Personal,
  customer: Customer,
  { day, k, offset, exclude, category }: ListRequest,
  catalogue: ReadonlyMap<string, { readonly name: string; readonly tags: readonly string[] }>,
): { readonly items: readonly Item[]; readonly questions: readonly Question[] } {
  const isWanted = ({ product }: Candidate): boolean =>
    !exclude.has(product.id) && (category === undefined || product.category === category)
  const { offered, open } = rank(customer, day)
  const page = spread(offered.filter(isWanted)).slice(offset, offset + k)
  const nameOf = (id: string): string => catalogue.get(id)?.name ?? id
  const tagsOf = (id: string): readonly string[] => catalogue.get(id)?.tags ?? []
  const items = page.map((candidate): Item => {
    const { product, score, contributions } = candidate
    const reasons = reasonsFor(candidate, customer, nameOf, tagsOf)
    return { product: product.id, title: product.name, score, contributions, reasons, eligible: true }
  })
  return { items, questions: questionsOf(open.filter(isWanted)) }
}

/** The order of the scores, but for a third product of a category, which waits until another category had its turn. */
export function spread(candidates: readonly Candidate[]): Candidate[] {
  const left = [...candidates]
  const list: Candidate[] = []
  while (left.length > 0) {
    const recent = list.slice(-together).map(({ product }) => product.category)
    const isFull = (category: string): boolean => recent.length === together && recent.every((one) => one === category)
    const next = left.findIndex(({ product }) => !isFull(product.category))
    list.push(...left.splice(Math.max(0, next), 1))
  }
  return list
}

/** Facts that the best of these wait for, those of the most products first. */
function questionsOf(open: readonly Candidate[]): Question[] {
  const byField = new Map<string, { rule: EligibilityRule; products: string[] }>()
  for (const { open: rules, product } of open)
    for (const rule of rules) {
      const known = byField.get(rule.field) ?? { rule, products: [] }
      byField.set(rule.field, known)
      if (!known.products.includes(product.id)) known.products.push(product.id)
    }
  return [...byField]
    .map(([field, { rule, products }]) => ({ field, text: rule.text, products }))
    .sort((a, b) => b.products.length - a.products.length || (a.field < b.field ? -1 : 1))
    .slice(0, mostQuestions)
}
