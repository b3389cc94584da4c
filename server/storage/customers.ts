import type { Database } from './database.ts'
import { slices } from './rows.ts'
import type { CustomerEventKind } from './schema-customers.ts'
import type { Tx } from './types.ts'

/** Facts of a customer, by the catalogue's field names. */
export type Facts = Readonly<Record<string, number | boolean | string | readonly string[]>>

/** A customer who lets the bank use what it knows of them. */
export interface StoredCustomer {
  readonly id: string
  readonly region?: string
  readonly facts: Facts
}

export interface CustomerEvent {
  readonly customer: string
  readonly product: string
  readonly kind: CustomerEventKind
  /** ISO time in UTC. */
  readonly at: string
}

/** Rows per statement. */
const batch = 200

/** Customers who have consented, and what they did with products. */
export function createCustomers({ reader }: Database) {
  return {
    all: async (): Promise<StoredCustomer[]> => {
      const rows = await reader.selectFrom('customers').select(['id', 'region', 'facts']).orderBy('id').execute()
      // `put` wrote the facts.
      return rows.map(({ id, region, facts }) => ({
        id,
        facts: JSON.parse(facts) as Facts,
        ...(region !== null && { region }),
      }))
    },

    events: (): Promise<CustomerEvent[]> =>
      reader
        .selectFrom('customerEvents')
        .selectAll()
        .orderBy('customer')
        .orderBy('at')
        .orderBy('product')
        .orderBy('kind')
        .execute(),

    /** Add customers; who is there already has these facts from now on. */
    put: async (tx: Tx, customers: readonly StoredCustomer[], at: string): Promise<void> => {
      const rows = customers.map(({ id, region, facts }) => ({
        ...{ id, at },
        region: region ?? null,
        facts: JSON.stringify(facts),
      }))
      for (const slice of slices(rows, batch))
        await tx
          .insertInto('customers')
          .values(slice)
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet(({ ref }) => ({
              region: ref('excluded.region'),
              facts: ref('excluded.facts'),
              at: ref('excluded.at'),
            })),
          )
          .execute()
    },

    /** Add events of customers who are there; what is known already is left as it is. */
    addEvents: async (tx: Tx, events: readonly CustomerEvent[]): Promise<void> => {
      for (const slice of slices(events, batch))
        await tx
          .insertInto('customerEvents')
          .values(slice)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
    },

    /** Forget all of a customer. @returns false if nothing was known. */
    erase: async (tx: Tx, id: string): Promise<boolean> => {
      await tx.deleteFrom('customerEvents').where('customer', '=', id).execute()
      return (await tx.deleteFrom('customers').where('id', '=', id).executeTakeFirstOrThrow()).numDeletedRows > 0n
    },
  }
}
