import type { Compression } from '../models/compression.ts'
import type { EvaluatedFigures, TextColumns } from './task-parts.ts'

// Tasks on versions that are registered, and what they give back.

/** Score two versions of a service on one labelled file. */
export interface CompareTask {
  readonly kind: 'compare'
  readonly service: string
  readonly encoder: string
  /** Folders of the two. */
  readonly versions: readonly [string, string]
  readonly test: string
  readonly columns?: TextColumns
}

/** Make the weights of a version smaller and register the result. */
export interface OptimiseTask {
  readonly kind: 'optimise'
  readonly service: string
  readonly encoder: string
  readonly registry: string
  /** Folder of the version. */
  readonly version: string
  readonly compression: Compression
  /** Labelled files that it was not trained on. */
  readonly test: readonly string[]
  readonly columns?: TextColumns
  /** Accuracy that may be lost, 0 to 1. */
  readonly tolerance: number
}

export interface OptimiseDone {
  readonly service: string
  readonly parent: number
  readonly version: number
  readonly bill: Bill
}
interface BeforeAfter {
  readonly before: number
  readonly after: number
}
/** What smaller weights save and cost, on the same `n` rows in one run. */
export interface Bill {
  readonly n: number
  /** Of the model's file, and compressed. */
  readonly bytes: BeforeAfter
  readonly gzipBytes: BeforeAfter
  /** Median milliseconds to judge a text that is embedded already. */
  readonly p50Ms: BeforeAfter
  readonly accuracy: BeforeAfter
  /** By label; texts without one stand under the empty name. */
  readonly recall: Readonly<Record<string, BeforeAfter>>
}
/** Two versions, a and b, on the same rows. */
export interface CompareDone {
  readonly n: number
  readonly a: EvaluatedFigures
  readonly b: EvaluatedFigures
  /** Rows that only one of them has right. */
  readonly onlyA: number
  readonly onlyB: number
  /** McNemar's exact test of these two counts, 0 to 1. */
  readonly p: number
  /** Rows to which they say different things. */
  readonly different: number
  /** The first of these; rows count from 1. */
  readonly rows: readonly DifferentRow[]
}
export interface DifferentRow {
  readonly row: number
  readonly text: string
  readonly gold: readonly string[]
  readonly a: readonly string[]
  readonly b: readonly string[]
}
