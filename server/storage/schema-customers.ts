export const customerEventKinds = ['view', 'click', 'apply', 'dismiss', 'hold'] as const
export type CustomerEventKind = (typeof customerEventKinds)[number]

/** Customers who have consented; nobody else has a row. */
export interface CustomersTable {
  id: string
  region: string | null
  /** Facts of a profile as JSON, by the catalogue's field names. */
  facts: string
  at: string
}

export interface CustomerEventsTable {
  customer: string
  product: string
  kind: CustomerEventKind
  at: string
}
