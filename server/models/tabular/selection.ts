import { InputError, type InputPlace } from '../../errors.ts'
import { auroc } from '../../evaluation/classification-metrics.ts'
import { measured, valueMeasure } from '../../evaluation/score-metrics.ts'
import { mean } from '../../math/statistics.ts'
import { fitTable, tableScores } from './fit-table.ts'
import type { Candidate, TableTask } from './method.ts'
import { blendOf } from './methods.ts'
import type { MissingPolicy } from './preparation.ts'
import { fitPreparation, prepare } from './preparation.ts'
import { foldsOf, pickNumbers, rowsWhere } from './rows.ts'
import { pickRows, type Table } from './table.ts'

export type Rule = 'best' | '1se'

/** How a candidate did on rows that it was not fitted to. */
export interface CandidateScore {
  readonly name: string
  readonly method: string
  /** `auc` of classes, `r2` of numbers. */
  readonly figure: 'auc' | 'r2'
  /** Over the folds that were held out. */
  readonly mean: number
  readonly sd: number
  /** Mean on the rows that each fold was fitted to, and how much more that is. */
  readonly train: number
  readonly gap: number
  /** Of fitting, all folds. */
  readonly seconds: number
  readonly folds: readonly number[]
}

export interface Tried {
  readonly candidate: Candidate
  readonly score: CandidateScore
  /** Of each row by the fit that did not see it; NaN in folds that were not held out. */
  readonly scores: Float64Array
  /** Of the rows that each fold was fitted to. */
  readonly known: readonly Float64Array[]
}

export interface TableRows {
  /** File and column of the targets. */
  readonly place: InputPlace
  readonly task: TableTask
  readonly table: Table
  readonly targets: Float64Array
  readonly policy: MissingPolicy
  readonly balanced: boolean
}

export const foldCount = 5

/** Which fold each row is in; the same for all that is compared. */
export const foldsBy = ({ targets, task }: TableRows, seed: number): Uint8Array =>
  foldsOf(targets, task, foldCount, seed)

/**
 * Fit candidates to four fifths and score the fifth that was left out, in turn; what is learnt of the columns, too, is of the
 * four fifths only. @param rounds how many of the folds are held out, 1 to 5.
 * @throws {InputError} if numbers to learn are all one in a fold. @throws {ModelError} if a candidate diverges.
 */
export async function crossValidate(
  rows: TableRows,
  candidates: readonly Candidate[],
  seed: number,
  rounds: number,
  onShare: (share: number) => void,
): Promise<Tried[]> {
  const fold = foldsBy(rows, seed)
  const tried = candidates.map((candidate) => ({
    ...{ candidate, scores: new Float64Array(rows.targets.length).fill(Number.NaN), seconds: 0 },
    ...{ heldOut: [] as number[], train: [] as number[], known: [] as Float64Array[] },
  }))
  for (let round = 0; round < rounds; round++) {
    const [inside, outside] = [rowsWhere(fold, (f) => f !== round), rowsWhere(fold, (f) => f === round)]
    const part = partOf(rows, inside)
    const preparation = fitPreparation(part.table, rows.policy)
    const [known, heldOut] = [prepare(preparation, part.table), prepare(preparation, pickRows(rows.table, outside))]
    for (const [i, one] of tried.entries()) {
      const begun = performance.now()
      const share = (done: number): void => onShare((round + (i + done) / tried.length) / rounds)
      const model = await fitTable({ ...part, preparation, prepared: known }, one.candidate, seed, share)
      one.seconds += (performance.now() - begun) / 1_000
      const scores = tableScores(model, heldOut)
      outside.forEach((row, at) => {
        one.scores[row] = scores[at]!
      })
      one.heldOut.push(figureOf(rows, scores, pickNumbers(rows.targets, outside)))
      const again = tableScores(model, known)
      one.known.push(again)
      one.train.push(figureOf(rows, again, part.targets))
    }
  }
  return tried.map(({ candidate, scores, heldOut, train, known, seconds }) => ({
    ...{ candidate, scores, known, score: scoreOf(candidate, rows.task, heldOut, train, seconds) },
  }))
}

function partOf(rows: TableRows, which: Uint32Array): TableRows {
  return { ...rows, table: pickRows(rows.table, which), targets: pickNumbers(rows.targets, which) }
}

function figureOf({ task, place }: TableRows, scores: Float64Array, targets: Float64Array): number {
  if (task === 'tabular-regression') {
    assertVaried(place, targets, `in ${targets.length} rows that are looked at together`)
    return measured(valueMeasure(scores, targets), scores.length).r2
  }
  return auroc(
    [...scores],
    Array.from(targets, (target) => target === 1),
  )
}

/** Numbers that are all one leave nothing to explain: r2 is no number. @throws {InputError} */
export function assertVaried(place: InputPlace, targets: Float64Array, where: string): void {
  if (!targets.every((target) => target === targets[0])) return
  throw new InputError(place, `is ${targets[0]} ${where}: there is nothing to learn`)
}

function scoreOf(
  { name, method }: Candidate,
  task: TableTask,
  heldOut: readonly number[],
  known: readonly number[],
  seconds: number,
): CandidateScore {
  const [average, train] = [mean(heldOut), mean(known)]
  return {
    ...{ name, method, figure: task === 'tabular-regression' ? 'r2' : 'auc', mean: average, sd: deviationOf(heldOut) },
    ...{ train, gap: train - average, seconds, folds: heldOut },
  }
}

/** Of a sample; 0 of one value. */
function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

/** The average of the best two of different methods as one more candidate; its scores cost no further fit. */
export function withBlend(rows: TableRows, tried: readonly Tried[], seed: number): Tried[] {
  const [first, ...others] = [...tried].sort((a, b) => b.score.mean - a.score.mean)
  const second = others.find(({ candidate }) => candidate.method !== first?.candidate.method)
  if (!first || !second) return [...tried]
  const scores = halfway(first.scores, second.scores)
  const known = first.known.map((one, round) => halfway(one, second.known[round]!))
  const fold = foldsBy(rows, seed)
  const figureWhere = (values: Float64Array, where: Uint32Array): number =>
    figureOf(rows, values, pickNumbers(rows.targets, where))
  const heldOut = known.map((_, round) => {
    const where = rowsWhere(fold, (f) => f === round)
    return figureWhere(pickNumbers(scores, where), where)
  })
  const train = known.map((values, round) =>
    figureWhere(
      values,
      rowsWhere(fold, (f) => f !== round),
    ),
  )
  const candidate = blendOf([first.candidate, second.candidate])
  const seconds = first.score.seconds + second.score.seconds
  return [...tried, { candidate, scores, known, score: scoreOf(candidate, rows.task, heldOut, train, seconds) }]
}

const halfway = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, row) => (value + b[row]!) / 2)

/** What is easier to explain comes first. */
const simplicity = ['logistic', 'linear', 'tree', 'mlp', 'boosting', 'forest', 'blend']

/**
 * The candidate to keep. `best`: the highest mean. `1se`: the simplest whose mean is not further below than one standard error
 * of their difference, fold by fold, or the best of its method. Folds differ more than candidates do: the error of a
 * difference is that of what decides. Source: Breiman et al. (1984), 3.4.3, on paired differences.
 */
export function choose(tried: readonly Tried[], rule: Rule): Tried {
  const best = tried.reduce((a, b) => (b.score.mean > a.score.mean ? b : a))
  if (rule === 'best') return best
  const near = tried.filter(({ score }) => {
    const differences = best.score.folds.map((value, round) => value - score.folds[round]!)
    return mean(differences) <= deviationOf(differences) / Math.sqrt(differences.length)
  })
  const rank = ({ score }: Tried): number => simplicity.indexOf(score.method)
  const simplest = Math.min(...near.map(rank))
  // A candidate may be near only as it is unsteady: of its method, the best one stands for it.
  return tried.filter((one) => rank(one) === simplest).reduce((a, b) => (b.score.mean > a.score.mean ? b : a))
}
