import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BursarError, EngineLostError, type ErrorCode } from '../errors.ts'
import type { DataReport } from '../models/tabular/report.ts'
import type { TrainedTable } from '../models/tabular/train-table.ts'
import type { RecallUnderFilter } from '../retrieval/recall.ts'
import type {
  CreditFairnessDone,
  CreditFairnessTask,
  CreditLoanDone,
  CreditLoanTask,
  CreditScoreDone,
  CreditScoreTask,
  CreditStabilityDone,
  CreditStabilityTask,
  CreditVerifyDone,
  CreditVerifyTask,
} from './credit-tasks.ts'
import type { DeltaPlace } from './messages.ts'
import type { ReviewDone, ReviewTask } from './review-task.ts'
import type { TableSettings } from './table-services.ts'
import type { EvaluatedFigures, TextColumns } from './task-parts.ts'
import type { CompareDone, CompareTask, OptimiseDone, OptimiseTask } from './version-tasks.ts'

export type { EvaluatedFigures, TextColumns } from './task-parts.ts'

/** Build the next generation's index from the store. */
export interface SnapshotTask {
  readonly kind: 'snapshot'
  readonly dataDir: string
  /** Folder to write; must not exist. */
  readonly dir: string
  readonly generation: number
  readonly encoderId: string
  readonly dimension: number
  /** The second encoder, if the index is to hold its vectors too. */
  readonly second?: { readonly encoderId: string; readonly dimension: number }
  /** Unit vectors of real questions to measure the graph's recall with. */
  readonly questions: readonly Float32Array[]
  /** Nobody waits for it: whatever else runs on this machine comes first. */
  readonly background?: boolean
}

/** Write what the store holds more or less than a snapshot, as a delta over it. */
export interface DeltaTask {
  readonly kind: 'delta'
  readonly dataDir: string
  /** Folder of the snapshot below. */
  readonly snapshot: string
  /** Folder to write; must not exist. */
  readonly dir: string
  readonly encoderId: string
  /** Most passages that may be added, and most that may be removed. */
  readonly most: number
}

/** Check the files of an index, and measure its recall again. */
export interface VerifyTask {
  readonly kind: 'verify'
  readonly dir: string
  /** Folder of the delta over it, if there is one. */
  readonly delta?: string
  readonly encoderId: string
}

/** Train a head and register it; an equal version that exists already is used instead. Neither is made live. */
export interface TrainTask {
  readonly kind: 'train'
  readonly service: string
  readonly encoder: string
  /** Folder of the registry. */
  readonly registry: string
  /** Labelled files; rows of `test` are never trained on. */
  readonly train: readonly string[]
  readonly test: readonly string[]
  /** Labelled files that are neither, to calibrate with; only the `answerable` head reads them. */
  readonly validation: readonly string[]
  readonly seed: number
  /** Of the labelled files, where it is known. */
  readonly licence?: string
  /** Columns of the files; only heads on labelled texts read them. */
  readonly columns?: TextColumns
  /** What to learn, for models of tables. */
  readonly table?: TableSettings | undefined
  readonly way?: Way
  /** The index that questions are looked up in; only the `answerable` head needs it. */
  readonly snapshot?: string
  /** The changes since it was written, if there were any. */
  readonly delta?: DeltaPlace
}

/** Label the texts of a file, line by line, in order. */
export interface PredictTask {
  readonly kind: 'predict'
  readonly service: string
  readonly encoder: string
  readonly version: string
  readonly input: string
  readonly output: string
  readonly columns?: TextColumns
  /** Whether rows of a table may hold what no training row did: negative numbers, categories. Default refuse. */
  readonly unusual?: 'refuse' | 'accept'
  /** Whether to tell what each word of a text does for its label. */
  readonly explain?: boolean
}

/** Score a service on a labelled file; nothing is registered. */
export interface EvaluateTask {
  readonly kind: 'evaluate'
  readonly service: string
  readonly encoder: string
  /** Files to train on first, or the folder of a version. */
  readonly model:
    | { readonly train: readonly string[]; readonly seed: number; readonly way?: Way }
    | { readonly version: string }
  readonly test: string
  readonly columns?: TextColumns
  /** What to learn, for models of tables; a version knows it. */
  readonly table?: TableSettings | undefined
}

/** How to learn, in services that know several ways: what is left out is as usual. */
export interface Way {
  readonly method?: string
  readonly options?: Readonly<Record<string, string>>
}

export type Task =
  | SnapshotTask
  | DeltaTask
  | VerifyTask
  | TrainTask
  | PredictTask
  | EvaluateTask
  | CompareTask
  | ReviewTask
  | OptimiseTask
  | CreditScoreTask
  | CreditVerifyTask
  | CreditFairnessTask
  | CreditStabilityTask
  | CreditLoanTask

export interface SnapshotDone {
  readonly count: number
  readonly recallAt10: number
}
/** How many passages the store holds more and less than the snapshot. */
export interface DeltaDone {
  readonly added: number
  readonly removed: number
  /** False when there were more than wanted: then there is no folder. */
  readonly written: boolean
}
export interface TrainDone {
  readonly service: string
  readonly version: number
  readonly dir: string
  readonly metrics: Readonly<Record<string, number>>
  readonly artifactSha256: string
  readonly seconds: number
  /** False when a version of the same inputs was there already. */
  readonly trained: boolean
  /** Of models of tables. */
  readonly table?: TableDetails
}

/** How a model of a table came about. */
export interface TableDetails extends Pick<TrainedTable, 'calibration' | 'selection'> {
  readonly method: string
  readonly data: DataReport
  /** Signs of a schema, such as `late:+`, that the model was held to, and those that its method cannot be held to. */
  readonly signsKept?: readonly string[]
  readonly signsNotKept?: readonly string[]
  /** Columns that no decision may depend on: none will be made with this model. */
  readonly protectedColumns?: readonly string[]
}

export interface PredictDone {
  readonly n: number
  readonly perItemMs: number
}

export interface EvaluateDone {
  readonly figures: EvaluatedFigures
  /** Of each group, where there are groups: then `figures` are of all. */
  readonly groups?: Readonly<Record<string, EvaluatedFigures>>
  /** Of each label by itself, from services in which they count so. */
  readonly kinds?: Readonly<Record<string, EvaluatedFigures>>
  /** Milliseconds to embed a text and judge it, or to predict a row. */
  readonly perItemMs: number
  /** Of models of tables that were trained for it. */
  readonly table?: TableDetails
  /** Rows of a test table whose inputs were learnt from as well; null where that was not counted. */
  readonly shared?: number | null
  /** Values of the test that no training row had, by column. */
  readonly unusual?: Readonly<Record<string, number>>
}
/** Recall as it was found now; empty for an exact scan. */
export interface VerifyDone {
  readonly recallAt10: number
  readonly recall: readonly RecallUnderFilter[]
}

/** What a task ends in, by its kind. */
interface Dones {
  readonly snapshot: SnapshotDone
  readonly delta: DeltaDone
  readonly verify: VerifyDone
  readonly train: TrainDone
  readonly predict: PredictDone
  readonly evaluate: EvaluateDone
  readonly compare: CompareDone
  readonly review: ReviewDone
  readonly optimise: OptimiseDone
  readonly 'credit.score': CreditScoreDone
  readonly 'credit.verify': CreditVerifyDone
  readonly 'credit.fairness': CreditFairnessDone
  readonly 'credit.stability': CreditStabilityDone
  readonly 'credit.loan': CreditLoanDone
}
type Done = Dones[keyof Dones]
export type DoneOf<T extends Task> = Dones[T['kind']]

export type FromTask =
  | { readonly type: 'progress'; readonly share: number; readonly what: string }
  | { readonly type: 'done'; readonly result: Done }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }

export type OnProgress = (share: number, what: string) => void

/** What a task's own process reported; carries the code of the error there. */
export class TaskError extends BursarError {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

const script = fileURLToPath(new URL(`./task-child${extname(import.meta.url)}`, import.meta.url))

/** Tasks of this process that are under way. */
const running = new Set<ChildProcess>()

/** End every task under way: whoever waits for one gets {@link EngineLostError}. What a task writes appears whole or not at all. */
export function endTasks(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Before work that cannot be undone, or that is long: whoever asked for it may have gone. @throws {EngineLostError} if so. */
export function assertWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineLostError('stopped before it was done')
}

/**
 * Do long work in a process of its own, so that neither the sockets' thread nor an engine waits for it.
 * @param signal ends it. @throws {TaskError} with the child's one-line reason, {@link EngineLostError} if the child died.
 */
export function runTask<T extends Task>(
  task: T,
  onProgress: OnProgress = () => undefined,
  signal?: AbortSignal,
): Promise<DoneOf<T>> {
  const child = fork(script, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  running.add(child)
  const end = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', end)
  if (signal?.aborted) end()
  child.once('exit', () => {
    running.delete(child)
    signal?.removeEventListener('abort', end)
  })
  return new Promise<DoneOf<T>>((resolve, reject) => {
    child.on('message', (message: FromTask) => {
      if (message.type === 'progress') onProgress(message.share, message.what)
      // A task ends in the result of its own kind.
      else if (message.type === 'done') resolve(message.result as DoneOf<T>)
      else reject(new TaskError(message.code, message.message))
    })
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new EngineLostError(`the ${task.kind} task ended early (${signal ?? code})`)),
    )
    child.send(task, () => undefined) // one that has just died is told of by its exit
  }).finally(() => {
    if (child.connected) child.disconnect()
  })
}
