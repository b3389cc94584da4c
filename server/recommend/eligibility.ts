import type { EligibilityRule, Product } from '../storage/products.ts'
import type { IsoDate } from '../storage/types.ts'
import type { Profile } from './profile.ts'

/** Kleene's three values: what a rule says when the fact it asks for is not known is not "no", and not "yes" either. */
export type Truth = boolean | 'unknown'

/** Evaluate one rule. A fact of another type than the rule expects counts as not known. */
export function evaluate({ field, op, value }: EligibilityRule, profile: Profile): Truth {
  const fact = profile.facts[field]
  if (fact === undefined) return 'unknown'
  if (op === 'includes') return Array.isArray(fact) ? fact.includes(String(value)) : 'unknown'
  if (op === 'eq') return typeof fact === typeof value ? fact === value : 'unknown'
  if (typeof fact !== 'number' || typeof value !== 'number') return 'unknown'
  switch (op) {
    case 'lt':
      return fact < value
    case 'lte':
      return fact <= value
    case 'gt':
      return fact > value
    case 'gte':
      return fact >= value
  }
}

export interface Eligibility {
  readonly verdict: Truth
  /** Rules that refuse, and rules whose facts are not known. */
  readonly failed: readonly EligibilityRule[]
  readonly open: readonly EligibilityRule[]
}

/** All rules of a product: of those that share an `anyOf` one is enough, every other has to hold. */
export function eligibilityOf(product: Product, profile: Profile): Eligibility {
  const groups = new Map<string, EligibilityRule[]>()
  for (const rule of product.eligibility) {
    const key = rule.anyOf ?? rule.id
    groups.set(key, [...(groups.get(key) ?? []), rule])
  }
  const [failed, open]: [EligibilityRule[], EligibilityRule[]] = [[], []]
  for (const rules of groups.values()) {
    const values = rules.map((rule) => evaluate(rule, profile))
    if (values.includes(true)) continue
    if (values.includes('unknown')) open.push(...rules.filter((_, i) => values[i] === 'unknown'))
    else failed.push(...rules)
  }
  return { verdict: failed.length > 0 ? false : open.length > 0 ? 'unknown' : true, failed, open }
}

/** Whether something that may have a first day, and a first day without it, is there on a day. */
export const inForce = (
  { from, until }: { readonly from?: IsoDate; readonly until?: IsoDate },
  day: IsoDate,
): boolean => (from === undefined || from <= day) && (until === undefined || day < until)
