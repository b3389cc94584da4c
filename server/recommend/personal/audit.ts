import type { EligibilityRule } from '../../storage/products.ts'
import type { IsoDate } from '../../storage/types.ts'
import type { Customer } from './customer.ts'
import type { Personal, PersonalParts } from './ranking.ts'
import { type Item, shortlist } from './shortlist.ts'

export interface Audit {
  readonly customers: number
  readonly pairs: number
  readonly offered: number
  readonly reasons: number
  /** What is wrong, the first hundred; empty where all holds. */
  readonly violations: readonly string[]
}

const mostViolations = 100
/** Sums of three numbers of this size differ in their last bits at most. */
const tolerance = 1e-9

/**
 * Hold every offer to every customer against the rules, which are evaluated here a second time and in another way, and every
 * reason against what it says: quotes against the sheet's text, "often together" against how many have both.
 */
export function auditAll(parts: PersonalParts, personal: Personal, day: IsoDate): Audit {
  const { products, customers } = parts
  const catalogue = new Map(products.map((product) => [product.id, product]))
  const violations: string[] = []
  let [offered, reasons] = [0, 0]
  const all = { day, k: products.length, offset: 0, exclude: new Set<string>(), category: undefined }
  for (const customer of customers.values()) {
    const { items } = shortlist(personal, customer, all, catalogue)
    for (const item of items) {
      offered++
      reasons += item.reasons.length
      for (const fault of faultsOf(item, customer, parts, day))
        if (violations.length < mostViolations) violations.push(`${customer.id} ${item.product}: ${fault}`)
    }
  }
  return { customers: customers.size, pairs: customers.size * products.length, offered, reasons, violations }
}

function faultsOf(
  item: Item,
  customer: Customer,
  { products, sheets, customers }: PersonalParts,
  day: IsoDate,
): string[] {
  const product = products.find(({ id }) => id === item.product)
  if (!product) return ['is no product of the catalogue']
  const faults: string[] = []
  const say = (isWrong: boolean, fault: string): void => {
    if (isWrong) faults.push(fault)
  }
  say(customer.holds.has(product.id), 'is held already')
  say(customer.dismissed.has(product.id), 'was waved away')
  say(customer.region !== undefined && !product.regions.includes(customer.region), 'is not sold in the region')
  say((product.from ?? '') > day || (product.until ?? '9') <= day, 'is not sold on this day')
  for (const fault of brokenRules(product.eligibility, customer)) faults.push(fault)
  const sum = Object.values(item.contributions).reduce((total, part) => total + part, 0)
  say(Math.abs(sum - item.score) > tolerance, 'has a score that is not the sum of its contributions')
  say(item.reasons.length === 0, 'is offered without a reason')
  for (const reason of item.reasons) {
    if ('source' in reason) {
      const text = (sheets.get(product.id) ?? []).find(
        ({ doc, ver }) => doc === reason.source.doc && ver === reason.source.ver,
      )?.text
      say(text?.slice(...reason.source.span) !== reason.source.quote, 'quotes what its sheet does not say')
      say(reason.text !== reason.source.quote, 'gives a reason that is not its quote')
    }
    if (reason.kind === 'together') {
      const both = [...customers.values()].some(({ holds }) => holds.has(reason.with) && holds.has(product.id))
      say(!customer.holds.has(reason.with) || !both, 'names a product that is not held together with it')
      say(item.contributions.together <= 0, 'gives a reason that spoke against it')
    }
    if (reason.kind === 'popular') say(item.contributions.popular <= 0, 'gives a reason that spoke against it')
    if (reason.kind === 'alike') say(item.contributions.alike <= 0, 'gives a reason that spoke against it')
  }
  return faults
}

/** Written apart from eligibility.ts, so that a fault there is found here: each group of rules needs one that holds for sure. */
function brokenRules(rules: readonly EligibilityRule[], { facts }: Customer): string[] {
  const names = [...new Set(rules.map(({ anyOf, id }) => anyOf ?? id))]
  const held = (rule: EligibilityRule): boolean => {
    const fact = facts[rule.field]
    const compare: Readonly<Record<EligibilityRule['op'], boolean>> = {
      eq: fact === rule.value,
      lt: Number(fact) < Number(rule.value),
      lte: Number(fact) <= Number(rule.value),
      gt: Number(fact) > Number(rule.value),
      gte: Number(fact) >= Number(rule.value),
      includes: Array.isArray(fact) && fact.includes(String(rule.value)),
    }
    return fact !== undefined && compare[rule.op]
  }
  return names
    .filter((name) => !rules.some((rule) => (rule.anyOf ?? rule.id) === name && held(rule)))
    .map((name) => `breaks the rule ${name}`)
}
