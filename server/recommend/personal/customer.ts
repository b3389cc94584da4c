import type { Profile } from '../profile.ts'

/** What is known of somebody who has consented, or of a new customer who is there now. */
export interface Customer {
  readonly id: string
  readonly region?: string
  readonly facts: Profile['facts']
  /** Products by id. */
  readonly holds: ReadonlySet<string>
  readonly dismissed: ReadonlySet<string>
}

interface Event {
  readonly customer: string
  readonly product: string
  readonly kind: string
}

/** Customers with what they hold (or have applied for) and have waved away. */
export function customersOf(
  stored: readonly Pick<Customer, 'id' | 'region' | 'facts'>[],
  events: readonly Event[],
): ReadonlyMap<string, Customer> {
  const sets = new Map(stored.map(({ id }) => [id, { holds: new Set<string>(), dismissed: new Set<string>() }]))
  for (const { customer, product, kind } of events) {
    const own = sets.get(customer)
    if (kind === 'hold' || kind === 'apply') own?.holds.add(product)
    if (kind === 'dismiss') own?.dismissed.add(product)
  }
  return new Map(stored.map((one) => [one.id, { ...one, ...sets.get(one.id)! }]))
}
