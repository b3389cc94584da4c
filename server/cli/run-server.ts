import { startServer } from '../main.ts'
import type { Context } from './command.ts'
import { ensureDocuments, ensureEncoder, ensureHeads } from './start-steps.ts'

/** Serve until a signal; each step of the start only when it is needed. @param demo ingest the demo bank's documents. */
export async function runServer(context: Context, listening: { port: number; host: string }, demo: boolean) {
  const { config, logger, progress } = context
  const server = await startServer(config, logger, listening) // before the long work: what is taken is said at once
  try {
    await ensureEncoder(config, progress)
    server.begin('engines')
    const composition = await server.compose()
    server.begin('documents')
    if (demo) await ensureDocuments(composition, progress)
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

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}
