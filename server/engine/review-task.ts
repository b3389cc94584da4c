import type { Confusion, Overlap, Suspect } from '../evaluation/label-issues.ts'
import type { MissedLabel } from '../evaluation/late-figures.ts'
import type { TextColumns } from './task-parts.ts'

/** Read the labelled rows of intents by models that were fitted without them; nothing is registered. */
export interface ReviewTask {
  readonly kind: 'review'
  readonly encoder: string
  readonly train: readonly string[]
  readonly seed: number
  readonly columns?: TextColumns
}

/** What held-out readings show of labels; at most a few of each finding. */
export interface ReviewDone {
  readonly rows: number
  /** Rows with a label that were read. */
  readonly read: number
  readonly labels: number
  readonly duplicates: number
  readonly labelConflicts: number
  readonly accuracy: number
  readonly worst: readonly MissedLabel[]
  readonly confused: readonly Confusion[]
  readonly overlapping: readonly Overlap[]
  /** How many there are of the following. */
  readonly suspected: number
  /** `row` counts from 1 within the file. */
  readonly suspects: readonly (Suspect & { readonly file: string; readonly text: string })[]
}
