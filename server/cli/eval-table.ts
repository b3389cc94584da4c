import { resolve } from 'node:path'
import type { TableServiceName, TableSettings } from '../engine/table-services.ts'
import { type EvaluateDone, runTask, type TableDetails } from '../engine/tasks.ts'
import { UsageError } from '../errors.ts'
import { type Command, type Context, type Options, textOf } from './command.ts'
import { shownFigures } from './figures.ts'
import { wholeOf } from './questions.ts'
import { neededSettings, tableFlags, tableSettings } from './table-options.ts'
import { wayOf, wayOptions } from './training-way.ts'

const evalTable = (service: TableServiceName, summary: string): Command => ({
  name: `eval ${service}`,
  args: '',
  summary,
  options: [
    ['--test <file>', 'rows to score, with the target'],
    ['--train <file>', 'rows to train on first; registers nothing'],
    ['--model <version>', 'a registered version instead: its number, or champion'],
    ['--seed <n>', 'seed of everything random', '1'],
    ...wayOptions,
    ...tableFlags,
  ],
  async run(context, _, given) {
    const done = await evaluated(context, service, given)
    const { figures, perItemMs, unusual, shared, table } = done
    return {
      json: { ...figures, perItemMs, unusual, ...(shared !== undefined && { shared }), ...table },
      text: shown(done),
    }
  },
})

/** `bursar eval` for the services that learn a column of a table. */
export const evalTableCommands: readonly Command[] = [
  evalTable('credit', 'score the probability of one of two classes, trained on another file or registered'),
  evalTable('regression', 'score predicted numbers, trained on another file or registered'),
]

async function evaluated(context: Context, service: TableServiceName, given: Options): Promise<EvaluateDone> {
  const [test, train, version] = ['test', 'train', 'model'].map((name) => textOf(given, name))
  if (test === undefined) throw new UsageError('--test is needed')
  if ((train === undefined) === (version === undefined)) throw new UsageError('one of --train and --model is needed')
  if (version === undefined && train !== undefined) return trainedAside(context, service, [train, test], given)
  if (wayOf(given).way) throw new UsageError('--method and --option are of training: they need --train')
  const table = tableSettings(service, given)
  // The operation returns the result of this very task.
  return (await context.perform('eval.service', {
    ...{ service, test: resolve(test), version: version ?? '' },
    ...(table && { table }),
  })) as EvaluateDone
}

/** Without any data directory or encoder: what is trained is gone afterwards. */
function trainedAside(
  { progress }: Context,
  service: TableServiceName,
  [train, test]: readonly [string, string],
  given: Options,
): Promise<EvaluateDone> {
  const table: TableSettings = neededSettings(service, given)
  const seed = wholeOf(given, 'seed', 1, 0, 2 ** 31 - 1)
  const model = { train: [resolve(train)], seed, ...wayOf(given) }
  return runTask({ kind: 'evaluate', encoder: '', service, model, test: resolve(test), table }, progress)
}

function shown({ figures, perItemMs, unusual = {}, shared, table }: EvaluateDone): string {
  const odd = Object.entries(unusual).map(([column, count]) => `${column}: ${count} values that no training row had`)
  return [
    ...(table ? detailLines(table) : []),
    ...shownFigures(figures),
    `${'perItemMs'.padEnd(16)} ${perItemMs.toFixed(4)}`,
    ...(shared ? [`${shared} rows have inputs that were learnt from`] : []),
    ...odd,
  ].join('\n')
}

/** How a model of a table came about, for people. */
export function detailLines(details: TableDetails): string[] {
  const { method, calibration, selection, data, signsKept = [], signsNotKept = [], protectedColumns = [] } = details
  const { rows, dropped, duplicates, conflicts, missing, constant } = data
  const width = Math.max(0, ...(selection?.candidates ?? []).map(({ name }) => name.length))
  const compared = (selection?.candidates ?? []).map(
    ({ name, figure, mean, sd, train, gap, seconds }) =>
      `  ${name.padEnd(width)}  ${figure} ${mean.toFixed(4)} ± ${sd.toFixed(4)}  train ${train.toFixed(4)}  gap ${gap.toFixed(4)}  ${seconds.toFixed(1)} s`,
  )
  const counts = Object.entries(missing).map(([column, count]) => `  ${column}: ${count} missing`)
  return [
    `${rows} rows${dropped > 0 ? `, ${dropped} left out with a missing number` : ''}; ${duplicates ?? 'not counted'} duplicates, ${conflicts ?? 'not counted'} conflicts`,
    ...counts,
    ...constant.map((column) => `  ${column}: the same in every row`),
    ...(selection ? [`compared by five-fold cross-validation on ${selection.rows} rows, rule ${selection.rule}:`] : []),
    ...compared,
    `trained: ${method}, calibration ${calibration}`,
    ...(signsKept.length > 0 ? [`held to the signs ${signsKept.join(', ')}`] : []),
    ...(protectedColumns.length > 0
      ? [`looks at ${protectedColumns.join(', ')}, which no decision may depend on: credit score will refuse it`]
      : []),
    ...(signsNotKept.length > 0
      ? [`this method cannot be held to ${signsNotKept.join(', ')}: bursar credit verify tells how often they are kept`]
      : []),
  ]
}
