import type { Manifest } from './manifest.ts'

/** One labelled text. */
export interface Example {
  readonly text: string
  readonly label: string
  /** `test` rows are never trained on: the metrics come from them, if there are any. Default `train`. */
  readonly split?: 'train' | 'test'
}

/** A file that a version was trained on. */
export interface DataFile {
  readonly file: string
  readonly sha256: string
  readonly rows: number
}

export interface TrainRequest {
  readonly examples: readonly Example[]
  /** The encoder's unit vector of each example, in the same order, all of one dimension. */
  readonly vectors: readonly Float32Array[]
  readonly seed: number
  /** Share of the work that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void
}

/** Figures by name, such as `accuracy`; unitless, 0 to 1 unless the name says otherwise. */
export type Metrics = Readonly<Record<string, number>>

/** What training yields: the files of a version and what its manifest says of them. */
export interface Artifact {
  /** File name → content; `model.onnx` among them. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** In the order of the model's outputs. */
  readonly labels: readonly string[]
  readonly metrics: Metrics
  /** Logits are divided by it before the softmax. */
  readonly temperature: number
  readonly thresholds: Metrics
}

/** A loaded version. */
export interface Reader<R> {
  readonly manifest: Manifest
  /** @throws {ModelError} if the vector has another dimension or holds a NaN. */
  read(text: string, vector: Float32Array): Promise<R>
  /** Calibrated probability of every label, as {@link read} weighs them. */
  scores(text: string, vector: Float32Array): Promise<Readonly<Record<string, number>>>
  /** Free the native session; no read may be under way. */
  close(): Promise<void>
}

/** A trainable part: everything that the registry, the command line and the engines need to know of it. */
export interface ModelService<R> {
  readonly name: string
  readonly task: 'classification'
  /** Raised when features, graph or training change: versions of another recipe are not loaded. */
  readonly recipe: number
  /** Least metrics of a version that may be made live. */
  readonly thresholds: Metrics
  /**
   * Train and measure. Deterministic: same examples, vectors and seed give the same bytes on one machine.
   * @throws {InputError} when the examples cannot be learnt from (one label only, a label conflict, too few).
   * @throws {RangeError} when vectors and examples do not fit together or a number is not finite.
   */
  train(request: TrainRequest): Promise<Artifact>
  /** Measure a loaded version on other examples. */
  evaluate(reader: Reader<R>, examples: readonly Example[], vectors: readonly Float32Array[]): Promise<Metrics>
  /** Check and load a version folder. @throws {ModelError} naming the file and the command that makes a new version. */
  load(dir: string): Promise<Reader<R>>
}
