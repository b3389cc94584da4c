import { UsageError } from '../errors.ts'
import { type Composition, type Server, startServer } from '../main.ts'
import type { Command, Context, Options } from './command.ts'
import { textOf } from './command.ts'
import { ensureDocuments, ensureEncoder, ensureHeads } from './start-steps.ts'

const options = [
  ['--port <n>', 'port to listen on; 0 picks a free one', '8080'],
  ['--host <address>', 'address to listen on', '127.0.0.1'],
] as const

/** Serve one's own documents: what `ingest` has put into the data directory. */
export const serveCommand: Command = {
  name: 'serve',
  args: '',
  summary: 'answer chats: HTTP, WebSocket, widget',
  options,
  run: (context, _, given) => runServer(context, given, async () => undefined),
}

/** What `npm start` runs: everything a newcomer needs, each step only when it is needed. */
export const startCommand: Command = {
  name: 'start',
  args: '',
  summary: 'fetch the encoder, load the demo bank, train, and serve',
  options,
  run: (context, _, given) =>
    runServer(context, given, (composition) => ensureDocuments(composition, context.progress)),
}

type Prepare = (composition: Composition) => Promise<void>

async function runServer(context: Context, given: Options, prepare: Prepare) {
  const { config, logger, announce } = context
  const listening = { port: portOf(given), host: textOf(given, 'host') ?? '127.0.0.1' }
  const stopped = stopSignal() // before anything that takes time
  const server = await startServer(config, logger, listening) // before the long work: what is taken is said at once
  const outcome = { json: { url: server.url, stopped: true }, text: 'stopped' }
  let started = false
  try {
    const starting = start(server, context, prepare).then(() => true)
    started = await Promise.race([starting, stopped.then(() => false)])
    if (started) {
      announce({ url: server.url }, `Bursar is ready at ${server.url}  (stop with Ctrl-C)`)
      await stopped
    } else starting.catch(() => undefined) // it fails, as what it needs is closed
  } finally {
    await server.close()
  }
  if (started) return outcome
  // A download or a training under way would keep this process; what they write appears whole or not at all.
  announce(outcome.json, outcome.text)
  return process.exit(0)
}

async function start(server: Server, { config, logger, progress }: Context, prepare: Prepare): Promise<void> {
  await ensureEncoder(config, progress)
  server.begin('engines')
  const composition = await server.compose()
  server.begin('documents')
  await prepare(composition)
  server.begin('heads')
  await ensureHeads(composition, config, logger, progress)
  await server.open(composition)
}

function portOf(given: Options): number {
  const text = textOf(given, 'port') ?? '8080'
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new UsageError(`--port has to be a number from 0 to 65535, not "${text}"`)
  return port
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}
