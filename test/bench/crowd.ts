import { percentile } from '../../server/math/statistics.ts'
import { type ChatClient as Guest, join, type KnownConversation } from '../support/client.ts'
import { startServer } from '../support/demo.ts'
import { noLimits, withServer } from './answers.ts'
import { type ChatClient, openClient } from './chat-client.ts'
import { rssKiB } from './proc.ts'
import type { Report } from './report.ts'

const idleClients = 10_000
const herdClients = 2_000
/** Connections that are opened side by side; the herd comes back all at once. */
const lanes = 32
/** Questions of one active customer, per phase. */
const asked = 400

/** @returns what `make` gave, in the order of the numbers from 0. */
export async function manyOf<T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> {
  const made: T[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) made[i] = await make(i)
  }
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane))
  return made
}

/** Ask one question after the other. @returns ms of each. */
async function waits(client: ChatClient, texts: readonly string[]): Promise<number[]> {
  const ms: number[] = []
  for (let i = 0; i < asked; i++) {
    const begun = performance.now()
    await client.ask(texts[i % texts.length]!)
    ms.push(performance.now() - begun)
  }
  return ms
}

/** Memory of the server's main process for each connection that only stays, and what an active chat waits beside them. */
export function benchIdle(dataDir: string, report: Report): Promise<void> {
  return withServer(dataDir, 2, async ({ url, process: { pid } }, texts) => {
    const active = await openClient(url)
    await waits(active, texts)
    const alone = await waits(active, texts)
    const before = rssKiB(pid!)
    const crowd = await manyOf(idleClients, () => openClient(url))
    const after = rssKiB(pid!)
    const beside = await waits(active, texts)
    const p99 = { alone: percentile(alone, 0.99), beside: percentile(beside, 0.99) }
    report('idle connections', {
      connections: crowd.length,
      rssKiBEach: (after - before) / crowd.length,
      limitKiB: 12,
      answers: beside.length,
      aloneP99Ms: p99.alone,
      besideP99Ms: p99.beside,
      ratioP99: p99.beside / p99.alone,
      limit: 1.3,
    })
    for (const client of [active, ...crowd]) client.close()
  })
}

interface Member {
  readonly known: KnownConversation
  readonly epoch: string
  /** Ids of the messages that were acknowledged. */
  readonly mids: readonly string[]
}

/** The server is killed with 2,000 customers connected, started again, and all come back in the same moment. */
export async function benchHerd(dataDir: string, report: Report): Promise<void> {
  const env = { ...noLimits, BURSAR_ENGINES: '2' }
  let server = await startServer(dataDir, { env })
  try {
    const { url } = server
    const members = await manyOf(herdClients, async (): Promise<Member> => {
      const { conv, secret, welcome, send, command } = await join(url)
      const mids = [(await send('hello')).mid ?? '']
      await command('read', { upto: 1 })
      return { known: { conv, secret }, epoch: welcome.epoch, mids }
    })
    server.process.kill('SIGKILL')
    await server.exited
    server = await startServer(dataDir, { env, port: Number(new URL(url).port) })
    const begun = performance.now()
    const back = await Promise.all(
      members.map(async (member) => {
        const guest = await comeBack(url, member)
        return { guest, ms: performance.now() - begun }
      }),
    )
    const lost = back.reduce((sum, { guest }, i) => sum + missing(guest, members[i]!), 0)
    for (const { guest } of back) guest.close()
    const ms = back.map((one) => one.ms)
    report('herd', {
      clients: back.length,
      resumedP50Ms: percentile(ms, 0.5),
      allResumedMs: Math.max(...ms),
      limitMs: 15_000,
      lost,
    })
  } finally {
    await server.stop()
  }
}

/** Resume from the conversation's beginning; resolves when all of it is there. */
async function comeBack(url: string, { known, epoch }: Member): Promise<Guest> {
  const guest = await join(url, { known, resume: { epoch, after: 0 } })
  await guest.wait((frame) => (frame.t === 'live' || frame.t === 'snapshot' ? frame : undefined))
  return guest
}

/** Acknowledged messages that the replay did not hold. */
function missing({ events }: Guest, { mids }: Member): number {
  const there = new Set(events.flatMap((event) => (event.t === 'msg.created' ? [event.d.mid] : [])))
  return mids.filter((mid) => !there.has(mid)).length
}
