import type { Outcome } from '../evaluation/label-figures.ts'
import type { Metrics } from './service.ts'

export interface Gate {
  /** What the output that says whether there is any label is called; no label of the texts. */
  readonly label: string
  /** Share of texts without a label that may be given one, 0 to 1: as many labels are found as that allows. */
  readonly falseAlarms: number
}

/** What tells one service from another. */
export interface ClassifierSpec {
  /** Further dense features of a text, and what they are called. */
  readonly extra?: (text: string) => readonly number[]
  readonly extraNames?: readonly string[]
  /** Candidates of how much a row counts against the penalty on the weights, which is 1 / (strength · rows): scikit-learn's C. */
  readonly strengths: readonly [number, ...number[]]
  readonly classWeights?: 'root'
  /** Whether the model remembers its training texts, to know strangers and rare wordings by. */
  readonly remembers: boolean
  /** Label of rows without a label, if there are such. */
  readonly oosLabel?: string
  /** Of models that may give several labels: whether to give any is learnt by itself, from all texts that have one. */
  readonly gate?: Gate
  readonly figures: (outcomes: readonly Outcome[]) => Metrics
}
