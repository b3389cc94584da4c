import { UsageError } from '../errors.ts'
import type { Outcome } from '../evaluation/label-figures.ts'
import { mcnemarExact } from '../evaluation/proportions.ts'
import { readExamples } from '../models/examples.ts'
import { outcomeOf } from '../models/judgement.ts'
import { goldOf } from '../models/preparation.ts'
import type { Example, Judge } from '../models/service.ts'
import { assertKnown, measureOf } from './evaluate.ts'
import type { OnProgress } from './tasks.ts'
import { loadVersion, openVectors, readingOptions, textServiceOf, type VectorSource } from './text-services.ts'
import type { CompareDone, CompareTask, DifferentRow } from './version-tasks.ts'

const mostRows = 20

/**
 * Score two versions of a service on one labelled file, row by row beside each other, so that their difference is judged by
 * the rows on which they disagree (McNemar's test) and not by two intervals.
 * @throws {InputError} naming file, line and column; {ModelError} if a version cannot be loaded.
 */
export async function compare(task: CompareTask, onProgress: OnProgress): Promise<CompareDone> {
  const { columns = {} } = task
  if (columns.groupColumn !== undefined) throw new UsageError('versions have no groups to compare')
  const service = textServiceOf(task.service)
  const { examples } = await readExamples(task.test, readingOptions(service, columns))
  const encoder = await openVectors(service, task.encoder)
  const [dirA, dirB] = task.versions
  const judges = [
    await loadVersion(task.service, dirA, encoder),
    await loadVersion(task.service, dirB, encoder),
  ] as const
  const gold = examples.map((example) => goldOf(example, columns.oosLabel ?? service.oosLabel))
  for (const judge of judges) assertKnown(task, judge, gold.flat())
  const [a, b] = await judgeBoth(judges, encoder, { examples, gold, only: columns.only }, onProgress)
  await Promise.all([...judges, encoder].map((one) => one.close()))
  const { figures, right, areSeveral } = measureOf(service, columns)
  const [rightA, rightB] = [right(a), right(b)]
  const [onlyA, onlyB] = [countOnly(rightA, rightB), countOnly(rightB, rightA)]
  const differing = differences(examples, a, b, areSeveral || gold.some((labels) => labels.length === 0))
  return {
    ...{ n: examples.length, a: figures(a), b: figures(b) },
    ...{ onlyA, onlyB, p: mcnemarExact(onlyA, onlyB) },
    ...{ different: differing.length, rows: differing.slice(0, mostRows) },
  }
}

const countOnly = (these: readonly boolean[], others: readonly boolean[]): number =>
  these.filter((isRight, i) => isRight && !others[i]).length

interface Rows {
  readonly examples: readonly Example[]
  readonly gold: readonly (readonly string[])[]
  readonly only: readonly string[] | undefined
}

/** What both say of every row, each text being embedded once. */
async function judgeBoth(
  judges: readonly [Judge, Judge],
  encoder: VectorSource,
  { examples, gold, only }: Rows,
  onProgress: OnProgress,
): Promise<readonly [Outcome[], Outcome[]]> {
  const allowed = only && new Set(only)
  const both: [Outcome[], Outcome[]] = [[], []]
  for (const [i, { text }] of examples.entries()) {
    onProgress(i / examples.length, 'judging texts by both versions')
    const vector = await encoder.encode(text, 'query')
    for (const [place, judge] of judges.entries()) {
      both[place]!.push(outcomeOf(gold[i]!, await judge.judge(text, vector, allowed), judge.labels))
    }
  }
  return both
}

/** @param isOpen texts may have no label, or several: what is said is then more than the top label. */
function differences(
  examples: readonly Example[],
  a: readonly Outcome[],
  b: readonly Outcome[],
  isOpen: boolean,
): DifferentRow[] {
  const saidBy = ({ said, top }: Outcome): readonly string[] => (isOpen ? [...said].sort() : [top])
  return examples.flatMap(({ text }, i) => {
    const [first, second] = [saidBy(a[i]!), saidBy(b[i]!)]
    if (first.join('\n') === second.join('\n')) return []
    return [{ row: i + 1, text, gold: a[i]!.gold, a: first, b: second }]
  })
}
