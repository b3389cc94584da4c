import type { History } from './interactions.ts'

/**
 * Scores every item for somebody by what they have: who was not among the training users is folded in, and nobody is treated
 * otherwise. Higher is better; scores of different methods cannot be compared.
 */
export type Scorer = (history: History) => Float64Array
