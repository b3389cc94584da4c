import { resolve } from 'node:path'
import { type EvaluateDone, runTask, type TextColumns, type Way } from '../engine/tasks.ts'
import { UsageError } from '../errors.ts'
import { encoderOf } from '../operations/house.ts'
import { type Command, type Context, type Options, textOf } from './command.ts'
import { shownFigures } from './figures.ts'
import { wholeOf } from './questions.ts'
import { ensureEncoder } from './start-steps.ts'
import { columnOptions, columnsOf } from './text-columns.ts'
import { wayOf, wayOptions } from './training-way.ts'

const evalService = (service: string, summary: string): Command => ({
  name: `eval ${service}`,
  args: '',
  summary,
  options: [
    ['--test <file>', 'labelled rows to score'],
    ['--train <file>', 'labelled rows to train on first; registers nothing. Several files: commas between them'],
    ['--model <version>', 'a registered version instead: its number, or champion'],
    ['--seed <n>', 'seed of everything random', '1'],
    ...wayOptions,
    ...columnOptions.eval,
  ],
  async run(context, _, given) {
    const request = requestOf(service, given)
    const done = await ('train' in request ? trainedAside(context, request) : registered(context, request))
    const { figures, groups, kinds, perItemMs } = done
    return { json: { ...figures, ...(groups && { groups }), ...(kinds && { kinds }), perItemMs }, text: shown(done) }
  },
})

/** `bursar eval` for the services that label texts. */
export const evalServiceCommands: readonly Command[] = [
  evalService('intent', 'score intents on a labelled file, trained on another or registered'),
  evalService('sentiment', 'score moods on a labelled file, trained on another or registered'),
  evalService('rights', 'score what customers invoke on a labelled file, trained on another or registered'),
  evalService('sequence', 'score a classifier of word sequences on a labelled file, trained on another or registered'),
]

interface Scored {
  readonly service: string
  readonly test: string
  readonly columns: TextColumns
}
interface Training {
  readonly train: readonly string[]
  readonly seed: number
  readonly way?: Way
}
type Request = Scored & ({ readonly version: string } | Training)

function requestOf(service: string, given: Options): Request {
  const [test, train, version] = ['test', 'train', 'model'].map((name) => textOf(given, name))
  if (test === undefined) throw new UsageError('--test is needed')
  const scored = { service, test: resolve(test), columns: columnsOf(given) }
  const way = wayOf(given)
  if (version !== undefined && train === undefined) {
    if (way.way) throw new UsageError('--method and --option are of training: they need --train')
    if (scored.columns.groupColumn === undefined) return { ...scored, version }
    throw new UsageError('--group-column trains a model per group: it needs --train')
  }
  if (train === undefined || version !== undefined) throw new UsageError('one of --train and --model is needed')
  const files = train.split(',').map((file) => resolve(file))
  return { ...scored, ...way, train: files, seed: wholeOf(given, 'seed', 1, 0, 2 ** 31 - 1) }
}

async function registered({ perform }: Context, request: Scored & { readonly version: string }): Promise<EvaluateDone> {
  // The operation returns the result of this very task.
  return (await perform('eval.service', request)) as EvaluateDone
}

/** Without any data directory: what is trained is gone afterwards. */
async function trainedAside(
  { config, progress }: Context,
  { train, seed, way, ...scored }: Scored & Training,
): Promise<EvaluateDone> {
  // Loaded here, as the runtime of models comes with it.
  const { textServiceOf } = await import('../engine/text-services.ts')
  if (textServiceOf(scored.service).embeds) await ensureEncoder(config, progress)
  return runTask(
    { kind: 'evaluate', encoder: encoderOf(config), model: { train, seed, ...(way && { way }) }, ...scored },
    progress,
  )
}

function shown({ figures, groups = {}, kinds = {}, perItemMs }: EvaluateDone): string {
  const parts = [...Object.entries(groups), ...Object.entries(kinds)].flatMap(([group, of]) => [
    group,
    ...shownFigures(of, '  '),
  ])
  return [...shownFigures(figures), ...parts, `${'perItemMs'.padEnd(16)} ${perItemMs.toFixed(3)}`].join('\n')
}
