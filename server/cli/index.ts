import { Command as Commander, CommanderError } from 'commander'
import { readConfig } from '../config.ts'
import { BursarError, messageOf } from '../errors.ts'
import { createLogger } from '../logger.ts'
import type { OperationName, RequestOf } from '../operations/table.ts'
import { accessCommands } from './access.ts'
import { type Command, type Context, type Options, textOf } from './command.ts'
import { doctorCommand } from './doctor.ts'
import { documentsListCommand, documentsShowCommand, ingestCommand } from './documents.ts'
import { evalAnswersCommand, evalRetrievalCommand } from './evaluation.ts'
import { modelsPullCommand } from './models.ts'
import { perform } from './perform.ts'
import { createProgress } from './progress.ts'
import { askCommand, searchCommand, templatesCommand } from './questions.ts'
import { redactCommand } from './redact.ts'
import { serveCommand, startCommand } from './serve.ts'
import { predictCommand, trainCommand } from './train.ts'
import { versionCommands } from './versions.ts'

const commands: readonly Command[] = [
  startCommand,
  serveCommand,
  modelsPullCommand,
  ingestCommand,
  documentsListCommand,
  documentsShowCommand,
  ...versionCommands,
  searchCommand,
  askCommand,
  templatesCommand,
  evalRetrievalCommand,
  evalAnswersCommand,
  trainCommand,
  predictCommand,
  redactCommand,
  doctorCommand,
  ...accessCommands,
]
/** Words that only group commands. */
const groups: Readonly<Record<string, string>> = {
  models: 'encoders',
  documents: 'what is in the store',
  eval: 'measure retrieval and answers',
  users: 'who may sign in',
  keys: 'API keys of programs',
  audit: 'who did what',
}
const exit = { done: 0, failed: 1, usage: 2 } as const

function build(): Commander {
  const program = new Commander('bursar').description('exact, cited answers from the bank’s own documents')
  program.exitOverride().configureOutput({ writeErr: (text) => void process.stderr.write(text) })
  const parents = new Map<string, Commander>()
  for (const [name, summary] of Object.entries(groups))
    parents.set(name, program.command(name).description(summary).exitOverride())
  for (const command of commands) {
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
  made.option('--json', 'one JSON object on standard output')
  made.action(async (...given: unknown[]) => {
    // commander hands over the arguments, then the options, then itself.
    const words = given.slice(0, -2).flat().map(String)
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
  const config = readConfig(process.env, { dataDir: textOf(options, 'data'), encoder: textOf(options, 'encoder') })
  const logger = createLogger(config.logLevel)
  return {
    config,
    logger,
    progress,
    perform: <N extends OperationName>(name: N, request: RequestOf<N>) =>
      perform(config, logger, name, request, progress),
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
  await build().parseAsync(process.argv)
} catch (reason) {
  // commander has printed what was wrong, or the help that was asked for.
  process.exitCode = reason instanceof CommanderError && reason.exitCode === 0 ? exit.done : exit.usage
}
