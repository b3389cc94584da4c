import type { Graph } from '../../onnx/graph.ts'
import type { Preparation, Prepared } from './preparation.ts'

export type TableTask = 'tabular-classification' | 'tabular-regression'

/** Rows to learn from. Targets are 0 and 1, or numbers of mean 0 and deviation 1. */
export interface LearningRows {
  readonly preparation: Preparation
  readonly prepared: Prepared
  readonly targets: Float64Array
  /** Default 1. */
  readonly weights?: Float64Array | undefined
}

/** Features in a graph: float32 [rows, features]; each is added to it when it is first asked for. */
export interface GraphFeatures {
  plain(): string
  scaled(): string
}

/** A trained model: logits of the second class, or values. */
export interface FittedModel {
  scores(rows: Prepared): Float64Array
  /** Add the model to a graph. @param name begins the names of its parts. @returns the name of its scores, float32 [rows, 1]. */
  write(graph: Graph, features: GraphFeatures, name: string): string
}

export interface FitRequest {
  readonly task: TableTask
  readonly seed: number
  readonly onShare: (share: number) => void
}

/** A method with its settings. */
export interface Candidate {
  /** Such as `boosting leaves=16`. */
  readonly name: string
  readonly method: string
  fit(rows: LearningRows, request: FitRequest): Promise<FittedModel>
}
