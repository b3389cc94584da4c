import type { Interval } from '../evaluation/bootstrap.ts'
import type { ExampleOptions } from '../models/examples.ts'

/** What the columns of labelled files mean, and which labels there are. */
export interface TextColumns extends ExampleOptions {
  /** Label of rows that have none. */
  readonly oosLabel?: string
  /** Labels to choose from. */
  readonly only?: readonly string[]
}

/** Figures `x` with their intervals as `x_ci`. */
export type EvaluatedFigures = Readonly<Record<string, number | Interval>>
