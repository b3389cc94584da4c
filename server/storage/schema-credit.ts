// Tables of stored credit decisions. What they were made of never changes; overrides stand beside them.

/** A decision on a row, with all that is needed to make it again. */
export interface CreditDecisionsTable {
  id: string
  /** What the bank calls the application; null unless it was told. */
  ref: string | null
  at: string
  by: string
  /** Of the service `credit`. */
  version: number
  /** SHA-256 of the model. */
  model: string
  /** Share that the limit approves. */
  approve: number
  /** SHA-256 of the schema, in `creditSchemas`. */
  meanings: string
  /** The model's columns as the file had them, as JSON. */
  row: string
  /** The decision as it was written, as JSON. */
  decided: string
}

/** What columns meant, by the SHA-256 of the JSON. */
export interface CreditSchemasTable {
  sha256: string
  content: string
}

/** Another decision than the model's; at most one of a decision waits for a second person. */
export interface CreditOverridesTable {
  decision: string
  number: number
  to: 'approve' | 'decline'
  at: string
  by: string
  reason: string
  confirmedAt: string | null
  confirmedBy: string | null
  confirmedReason: string | null
}
