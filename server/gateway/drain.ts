import { once } from 'node:events'
import type { Server } from 'node:http'
import { closeCodes } from '../protocol/limits.ts'
import type { Times } from './options.ts'
import type { SocketServer } from './socket.ts'

const idleSweepMs = 50

/**
 * Stop serving without losing a word: sockets are told when, answers under way are finished and stored, then sockets close
 * with 4503 and HTTP connections as soon as they are idle.
 * @param settled resolves once no turn is under way; waited for at most `times.drainMs`.
 * @returns true if every turn was finished in time.
 */
export async function drain(
  server: Server,
  sockets: SocketServer,
  settled: () => Promise<void>,
  times: Times,
): Promise<boolean> {
  const closed = once(server, 'close')
  server.close() // no new connections from here on
  for (const connection of sockets.connections) connection.announceDrain(times.drainMs, times.drainSpreadMs)
  const finished = await within(settled(), times.drainMs)
  for (const connection of sockets.connections) connection.close(closeCodes.draining, 'the server is stopping')
  // A keep-alive connection becomes idle only after its answer, so once is not enough.
  const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs)
  const cut = setTimeout(() => server.closeAllConnections(), times.closeGraceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
  return finished
}

async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let late: NodeJS.Timeout | undefined
  const timeout = new Promise<false>((resolve) => {
    late = setTimeout(() => resolve(false), ms)
  })
  // A turn that failed is over as well: its conversation goes on after the restart.
  const done = work.then(
    () => true,
    () => false,
  )
  const finished = await Promise.race([done, timeout])
  clearTimeout(late)
  return finished
}
