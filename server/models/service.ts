import type { Outcome } from '../evaluation/label-figures.ts'
import type { dataUses, SequenceManifest, TableManifest, TextManifest } from './manifest.ts'

/** One labelled text. */
export interface Example {
  readonly text: string
  readonly label: string
  /** Where a text may have several labels or none: all of them; `label` is then only their list in words. */
  readonly labels?: readonly string[]
  /** Rows of different groups are different tasks, with a model each. */
  readonly group?: string
  /** `test` rows are never trained on: the metrics come from them, if there are any. Default `train`. */
  readonly split?: 'train' | 'test'
}

/** How files tell the labels of texts that may have several or none. */
export interface SeveralLabels {
  /** The column of the lists. */
  readonly column: string
  /** What a single label says for none. */
  readonly none: string
  /** A label as the service spells it, however a file does. */
  spelled(label: string): string
}

/** A file that a version was trained on. */
export interface DataFile {
  readonly file: string
  readonly sha256: string
  readonly rows: number
  /** What its rows were used for. */
  readonly use?: (typeof dataUses)[number]
  /** Where it is known. */
  readonly licence?: string
}

export interface TrainRequest {
  readonly examples: readonly Example[]
  /** The encoder's unit vector of each example, in the same order, all of one dimension. */
  readonly vectors: readonly Float32Array[]
  readonly seed: number
  /** The encoder's vectors of the labels' names in words, see `nameOf`; a model may learn from them as well. */
  readonly names?: ReadonlyMap<string, Float32Array>
  /** Label of the examples that belong to none; read by services that have one. */
  readonly oosLabel?: string
  /** Way to learn, and `--option`s of it, in services that have several. */
  readonly method?: string
  readonly options?: Readonly<Record<string, string>>
  /** Share of the work that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void
}

/** Figures by name, such as `accuracy`; unitless, 0 to 1 unless the name says otherwise. */
export type Metrics = Readonly<Record<string, number>>

/** What a version is made of. */
export interface Parts {
  /** File name → content; `model.onnx` among them. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** In the order of the model's outputs; that of a gate is among them. */
  readonly labels: readonly string[]
  /**
   * `outOfScope`: the score below which a text has no label. In models that may give several labels, `several`: the probability
   * from which on a text has a label; `gate`: the score below which it has none, see `gateScore`, where there is a gate.
   */
  readonly thresholds: Metrics
}

/** What training yields: the parts of a version and what its manifest says of them. */
export interface Artifact extends Parts {
  readonly metrics: Metrics
  /** Logits are divided by it before they become probabilities. */
  readonly temperature: number
  /** Left out by heads over the vectors of an encoder. */
  readonly task?: 'sequence-classification'
}

/** What a table's manifest says besides what all manifests say. */
type OwnFacts<M> = M extends TableManifest
  ? Pick<M, Extract<keyof M, 'task' | 'target' | 'columns' | 'method' | 'monotone' | 'labels' | 'reference'>>
  : never
export type TableFacts = OwnFacts<TableManifest>

/** What training on a table yields. */
export interface TableArtifact extends Pick<Parts, 'files' | 'thresholds'> {
  readonly metrics: Metrics
  readonly facts: TableFacts
}

/** What a model says of a text. */
export interface Judgement {
  /** One label; none for a text that is out of scope; any number from a model that may give several. */
  readonly labels: readonly string[]
  /** The most probable label, whatever the scope, and its calibrated probability, 0 to 1. */
  readonly top: string
  readonly confidence: number
  /** Of each label, in the model's order; those that were ruled out are 0. */
  readonly probabilities: ArrayLike<number>
  /** How much at home the text is, higher for more; 0 from models that do not know. */
  readonly scope: number
}

/** A model that is open. */
export interface Judge {
  readonly labels: readonly string[]
  /**
   * @param only labels to choose from; default all.
   * @throws {ModelError} if the vector has another dimension or holds a NaN.
   */
  judge(text: string, vector: Float32Array, only?: ReadonlySet<string>): Promise<Judgement>
  /** Free the native session; nothing may be under way. */
  close(): Promise<void>
}

/** A loaded version. */
export interface Reader<R, M = TextManifest> extends Judge {
  readonly manifest: M
  /** As {@link judge}, in the words of the service. */
  read(text: string, vector: Float32Array): Promise<R>
}

/** A model that is wrong more often than right helps nobody, however few the labels. */
export const leastMetrics: Metrics = { accuracy: 0.5 }

/** A trainable part: everything that the registry, the command line and the engines need to know of it. */
export interface ModelService<R, M extends TextManifest | SequenceManifest = TextManifest> {
  readonly name: string
  readonly task: 'classification'
  /** Raised when features, graph or training change: versions of another recipe are not loaded. */
  readonly recipe: number
  /** Ways to learn, by name, the first unless one is asked for; none: there is one way. */
  readonly methods: readonly string[]
  /** Whether it reads the encoder's vectors; if not, it is given empty ones. */
  readonly embeds: boolean
  /** Least metrics of a version that may be made live. */
  readonly thresholds: Metrics
  /** Label of rows that have none, unless a request names another; services without it have a label for every row. */
  readonly oosLabel?: string
  /** A text may have several labels or none. */
  readonly several?: SeveralLabels
  /**
   * Train and measure. Deterministic: same examples, vectors and seed give the same bytes on one machine.
   * @throws {InputError} when the examples cannot be learnt from (one label only, too few).
   * @throws {RangeError} when vectors and examples do not fit together or a number is not finite.
   */
  train(request: TrainRequest): Promise<Artifact>
  /** Open what was trained, without a folder. @param dimension of the encoder's vectors. @throws {ModelError} */
  open(parts: Parts, dimension: number): Promise<Judge>
  /** Check and load a version folder. @throws {ModelError} naming the file and the command that makes a new version. */
  load(dir: string): Promise<Reader<R, M>>
  /** The figures that the service is measured by. */
  figures(outcomes: readonly Outcome[]): Metrics
  /** Where each label counts by itself: the figures of one. */
  kindFigures?(outcomes: readonly Outcome[], label: string): Metrics
  /** Which of the outcomes the accuracy among these figures counts as right. */
  right(outcomes: readonly Outcome[]): readonly boolean[]
}
