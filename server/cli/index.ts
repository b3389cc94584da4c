import { Command as Commander, CommanderError } from 'commander'
import { readConfig } from '../config.ts'
import { BursarError, messageOf } from '../errors.ts'
import { createLogger } from '../logger.ts'
import type { OperationName, RequestOf } from '../operations/table.ts'
import { type Command, type Context, type Options, textOf } from './command.ts'
import { createProgress } from './progress.ts'

const accessCommands = async () => (await import('./access.ts')).accessCommands
const receiptCommands = async () => (await import('./receipts.ts')).receiptCommands

/** Where the commands are, by their first word; each is loaded when it is asked for, so that a server starts without the rest. */
const commands: Readonly<Record<string, () => Promise<readonly Command[]>>> = {
  start: async () => [(await import('./serve.ts')).startCommand],
  serve: async () => [(await import('./serve.ts')).serveCommand],
  models: async () => [
    (await import('./models.ts')).modelsPullCommand,
    ...(await import('./registry.ts')).registryCommands,
  ],
  ingest: async () => [(await import('./documents.ts')).ingestCommand],
  documents: async () => {
    const { documentsListCommand, documentsReleaseCommand, documentsShowCommand } = await import('./documents.ts')
    const { versionCommands } = await import('./versions.ts')
    return [documentsListCommand, documentsShowCommand, documentsReleaseCommand, ...versionCommands]
  },
  index: async () => {
    const { indexRebuildCommand, indexStatsCommand, indexVerifyCommand } = await import('./index-commands.ts')
    return [indexStatsCommand, indexVerifyCommand, indexRebuildCommand]
  },
  search: async () => [(await import('./questions.ts')).searchCommand],
  ask: async () => [(await import('./questions.ts')).askCommand],
  templates: async () => [(await import('./questions.ts')).templatesCommand],
  eval: async () => {
    const { evalAnswersCommand, evalRetrievalCommand } = await import('./evaluation.ts')
    const { evalCalibrationCommand } = await import('./eval-calibration.ts')
    const { evalPersonalDataCommand } = await import('./eval-personal-data.ts')
    const { evalEntitiesCommand } = await import('./entities.ts')
    const { evalRecommenderCommand } = await import('./eval-recommender.ts')
    const { evalServiceCommands } = await import('./eval-service.ts')
    const { evalTableCommands } = await import('./eval-table.ts')
    const { evalForecastCommand } = await import('./invest.ts')
    const { evalFairnessCommand } = await import('./credit-reports.ts')
    const own = [
      evalRetrievalCommand,
      evalAnswersCommand,
      evalCalibrationCommand,
      evalPersonalDataCommand,
      evalEntitiesCommand,
      evalRecommenderCommand,
      evalFairnessCommand,
      evalForecastCommand,
    ]
    return [...own, ...evalServiceCommands, ...evalTableCommands]
  },
  train: async () => [(await import('./train.ts')).trainCommand],
  predict: async () => [(await import('./train.ts')).predictCommand],
  rewrite: async () => [(await import('./rewrite.ts')).rewriteCommand],
  redact: async () => [(await import('./redact.ts')).redactCommand],
  drift: async () => [(await import('./drift.ts')).driftCommand],
  intents: async () => [(await import('./intents-report.ts')).intentsReportCommand],
  monitor: async () => (await import('./monitor.ts')).monitorCommands,
  cases: async () => (await import('./cases.ts')).caseCommands,
  recommend: async () => [(await import('./recommend.ts')).recommendCommand],
  rec: async () => (await import('./recommend.ts')).recCommands,
  credit: async () => [
    ...(await import('./credit.ts')).creditCommands,
    (await import('./credit-reports.ts')).creditStabilityCommand,
    (await import('./credit-loan.ts')).creditLoanCommand,
    ...(await import('./credit-decisions.ts')).creditDecisionCommands,
  ],
  invest: async () => (await import('./invest.ts')).investCommands,
  conform: async () => [(await import('./conform.ts')).conformCommand],
  prove: async () => [(await import('./prove.ts')).proveExitsCommand],
  doctor: async () => [(await import('./doctor.ts')).doctorCommand],
  why: receiptCommands,
  replay: receiptCommands,
  impact: receiptCommands,
  gaps: receiptCommands,
  users: accessCommands,
  keys: accessCommands,
  audit: accessCommands,
}
/** Words that only group commands. */
const groups: Readonly<Record<string, string>> = {
  models: 'encoders, and versions of what is trained',
  documents: 'what is in the store',
  index: 'what questions are looked up in',
  eval: 'measure retrieval, answers, confidences and models',
  intents: 'what messages may be about',
  monitor: 'what live models do',
  cases: 'rights that customers invoked',
  rec: 'offers to customers who have consented',
  credit: 'decisions with reasons',
  invest: 'what price series were like',
  prove: 'what the dialogue promises',
  users: 'who may sign in',
  keys: 'API keys of programs',
  audit: 'who did what',
}
const exit = { done: 0, failed: 1, usage: 2 } as const

/** The commands that `word` may mean: all, to be listed or guessed from, unless it is the first word of some. */
async function commandsOf(word: string | undefined): Promise<readonly Command[]> {
  const load = word !== undefined && Object.hasOwn(commands, word) ? [commands[word]!] : Object.values(commands)
  // One file may hold the commands of several first words.
  return [...new Set((await Promise.all(load.map((one) => one()))).flat())]
}

function build(wanted: readonly Command[]): Commander {
  const program = new Commander('bursar').description('exact, cited answers from the bank’s own documents')
  program.exitOverride().configureOutput({ writeErr: (text) => void process.stderr.write(text) })
  const parents = new Map<string, Commander>()
  for (const [name, summary] of Object.entries(groups))
    parents.set(name, program.command(name).description(summary).exitOverride())
  for (const command of wanted) {
    const words = command.name.split(' ')
    const parent = words.length === 1 ? program : parents.get(words[0]!)!
    add(parent, `${words.at(-1)} ${command.args}`.trim(), command)
  }
  return program
}

function add(parent: Commander, usage: string, command: Command): void {
  const made = parent.command(usage).description(command.summary).exitOverride()
  for (const [flags, description, fallback] of command.options) made.option(flags, description, fallback)
  made.option('--data <dir>', 'data directory (BURSAR_DATA, default ./data)')
  made.option('--encoder <dir>', 'folder of another encoder (BURSAR_ENCODER); a running server keeps its own')
  made.option('--second-encoder <dir>', 'folder of one that knows Chinese, beside it (BURSAR_SECOND_ENCODER)')
  made.option('--json', 'one JSON object on standard output')
  made.action(async (...given: unknown[]) => {
    // commander hands over the arguments, then the options, then itself.
    const words = given
      .slice(0, -2)
      .flat()
      .filter((word) => word !== undefined)
      .map(String) // one may be left out
    process.exitCode = await execute(command, words, made.opts<Options>())
  })
}

async function execute(command: Command, words: readonly string[], options: Options): Promise<number> {
  const progress = createProgress(process.stderr)
  try {
    const context = contextOf(options, progress.show)
    const outcome = await command.run({ ...context, announce: announcer(options, progress.clear) }, words, options)
    progress.clear()
    if (outcome) process.stdout.write(`${options.json === true ? JSON.stringify(outcome.json) : outcome.text}\n`)
    return outcome?.exitCode ?? exit.done
  } catch (reason) {
    progress.clear()
    process.stderr.write(`bursar ${command.name}: ${messageOf(reason)}\n`)
    if (!(reason instanceof BursarError) && reason instanceof Error && process.env.BURSAR_LOG_LEVEL === 'debug') {
      process.stderr.write(`${reason.stack}\n`)
    }
    return reason instanceof BursarError && reason.code === 'usage' ? exit.usage : exit.failed
  }
}

function contextOf(options: Options, progress: Context['progress']): Omit<Context, 'announce'> {
  const [dataDir, encoder] = [textOf(options, 'data'), textOf(options, 'encoder')]
  const config = readConfig(process.env, { dataDir, encoder, secondEncoder: textOf(options, 'secondEncoder') })
  const logger = createLogger(config.logLevel)
  return {
    config,
    logger,
    progress,
    perform: async <N extends OperationName>(name: N, request: RequestOf<N>) =>
      (await import('./perform.ts')).perform(config, logger, name, request, progress),
  }
}

const announcer =
  (options: Options, clear: () => void): Context['announce'] =>
  (json, text) => {
    clear()
    process.stdout.write(`${options.json === true ? JSON.stringify(json) : text}\n`)
  }

// ONNX Runtime 1.30 would report its use to its maker, keep an id of this machine in the home directory and logs in the
// temporary one. Engines inherit this; it has to be there before the first model is loaded.
process.env.ORT_DISABLE_TELEMETRY = '1'
// Who read our output may leave before its end, as `head` does: no reason to fall over.
process.stdout.on('error', () => undefined)
try {
  await build(await commandsOf(process.argv[2])).parseAsync(process.argv)
} catch (reason) {
  // commander has printed what was wrong, or the help that was asked for; anything else is a fault of ours.
  if (!(reason instanceof CommanderError)) process.stderr.write(`bursar: ${messageOf(reason)}\n`)
  process.exitCode = reason instanceof CommanderError && reason.exitCode === 0 ? exit.done : exit.usage
}
