import { warmEngine } from '../engine/engine.ts'
import { UsageError } from '../errors.ts'
import type { Command, Context, Options } from './command.ts'
import { textOf } from './command.ts'

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
  run: (context, _, given) => run(context, given, false),
}

/** What `npm start` runs: everything a newcomer needs, each step only when it is needed. */
export const startCommand: Command = {
  name: 'start',
  args: '',
  summary: 'fetch the encoder, load the demo bank, train, and serve',
  options,
  run: (context, _, given) => run(context, given, true),
}

/** Start an engine's process first: it loads its code while this one loads the server's. */
async function run(context: Context, given: Options, demo: boolean) {
  const listening = { port: portOf(given), host: textOf(given, 'host') ?? '127.0.0.1' }
  warmEngine()
  const { runServer } = await import('./run-server.ts')
  return runServer(context, listening, demo)
}

function portOf(given: Options): number {
  const text = textOf(given, 'port') ?? '8080'
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new UsageError(`--port has to be a number from 0 to 65535, not "${text}"`)
  return port
}
