import { UsageError } from '../errors.ts'
import { type Composition, startServer } from '../main.ts'
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

async function runServer(context: Context, given: Options, prepare: (composition: Composition) => Promise<void>) {
  const { config, logger, progress } = context
  const listening = { port: portOf(given), host: textOf(given, 'host') ?? '127.0.0.1' }
  const server = await startServer(config, logger, listening) // before the long work: what is taken is said at once
  try {
    await ensureEncoder(config, progress)
    server.begin('engines')
    const composition = await server.compose()
    server.begin('documents')
    await prepare(composition)
    server.begin('heads')
    await ensureHeads(composition, config, logger, progress)
    await server.open(composition)
    const stopped = stopSignal() // before anybody knows that there is something to stop
    context.announce({ url: server.url }, `Bursar is ready at ${server.url}  (stop with Ctrl-C)`)
    await stopped
  } finally {
    await server.close()
  }
  return { json: { url: server.url, stopped: true }, text: 'stopped' }
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
