import { type Server, startServer } from '../main.ts'
import type { Context } from './command.ts'
import { ensureDocuments, ensureEncoder, ensureHeads } from './start-steps.ts'

/** Serve until a signal; each step of the start only when it is needed. @param demo ingest the demo bank's documents. */
export async function runServer(context: Context, listening: { port: number; host: string }, demo: boolean) {
  const { config, logger, announce } = context
  const stopped = stopSignal() // before anything that takes time
  const server = await startServer(config, logger, listening) // before the long work: what is taken is said at once
  const outcome = { json: { url: server.url, stopped: true }, text: 'stopped' }
  let started = false
  try {
    const starting = start(server, context, demo).then(() => true)
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

async function start(server: Server, { config, logger, progress }: Context, demo: boolean): Promise<void> {
  await ensureEncoder(config, progress)
  server.begin('engines')
  const composition = await server.compose()
  server.begin('documents')
  if (demo) await ensureDocuments(composition, progress)
  server.begin('heads')
  await ensureHeads(composition, config, logger, progress)
  await server.open(composition)
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}
