import { percentile } from '../../server/math/statistics.ts'
import { type RunningServer, startServer } from '../support/demo.ts'
import { type Bare, startBare } from './bare.ts'
import { type ChatClient, openClient } from './chat-client.ts'
import { cpuMs, pssMiB, treeOf } from './proc.ts'
import { answeredQuestions } from './questions.ts'
import type { Report } from './report.ts'

export const clients = 64
const warmUp = 60
export const noLimits = { BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0' }

/** A server with so many engines, stopped whatever comes of `work`; it gets the questions that this server answers. */
export async function withServer<T>(
  dataDir: string,
  engines: number,
  work: (server: RunningServer, texts: readonly string[]) => Promise<T>,
): Promise<T> {
  const server = await startServer(dataDir, { env: { ...noLimits, BURSAR_ENGINES: String(engines) } })
  try {
    return await work(server, await answeredQuestions(server.url))
  } finally {
    await server.stop()
  }
}

async function withBare<T>(dataDir: string, work: (bare: Bare) => Promise<T>): Promise<T> {
  const bare = await startBare(dataDir)
  try {
    return await work(bare)
  } finally {
    bare.stop()
  }
}

/** One customer at a time, each question first to the bare loop and then over a real socket, so that both see the same machine. */
export async function benchLatency(dataDir: string, report: Report): Promise<void> {
  const [alone, whole]: [number[], number[]] = [[], []]
  await withServer(dataDir, 2, ({ url }, texts) =>
    withBare(dataDir, async (bare) => {
      const client = await openClient(url)
      await bare.run(texts.slice(0, warmUp))
      for (const text of texts.slice(0, warmUp)) await client.ask(text)
      for (const text of [...texts, ...texts]) {
        alone.push((await bare.run([text])).ms[0]!)
        const begun = performance.now()
        await client.ask(text)
        whole.push(performance.now() - begun)
      }
      client.close()
    }),
  )
  const p50 = { bare: percentile(alone, 0.5), answer: percentile(whole, 0.5) }
  report('answer latency', {
    n: whole.length,
    bareP50Ms: p50.bare,
    bareP99Ms: percentile(alone, 0.99),
    answerP50Ms: p50.answer,
    answerP99Ms: percentile(whole, 0.99),
    ratioP50: p50.answer / p50.bare,
    limit: 1.35,
  })
}

/** CPU of the server's processes per answer at 64 clients, beside the CPU of the bare loop on the same texts. */
export function benchCpu(dataDir: string, report: Report): Promise<void> {
  return withServer(dataDir, 2, async ({ url, process: { pid } }, texts) => {
    await load(url, texts, 500)
    const alone = await withBare(dataDir, async (bare) => {
      await bare.run(texts)
      return (await bare.run(texts)).cpuMs / texts.length
    })
    const pids = treeOf(pid!)
    const before = cpuMs(pids)
    const { answers } = await load(url, texts, 3_000)
    const used = (cpuMs(pids) - before) / answers
    report('cpu per answer', { clients, answers, bareCpuMs: alone, answerCpuMs: used, ratio: used / alone, limit: 1.6 })
    report('memory', { engines: 2, processes: pids.length, pssMiB: pssMiB(pids), limit: 450 })
  })
}

/** Answers a second of 64 clients that each ask again as soon as they are answered. */
export async function benchThroughput(dataDir: string, report: Report): Promise<void> {
  for (const engines of [1, 2, 4]) {
    await withServer(dataDir, engines, async ({ url }, texts) => {
      await load(url, texts, 300)
      const { perSecond, p50Ms, p99Ms } = await load(url, texts, 2_000)
      report('throughput', { clients, engines, answersPerSecond: perSecond, p50Ms, p99Ms })
    })
  }
}

/** A closed loop of 64 clients until so many answers are in. */
export async function load(url: string, texts: readonly string[], wanted: number) {
  const open: ChatClient[] = await Promise.all(Array.from({ length: clients }, () => openClient(url)))
  const ms: number[] = []
  let next = 0
  const begun = performance.now()
  await Promise.all(
    open.map(async (client) => {
      while (next < wanted) {
        const text = texts[next++ % texts.length]!
        const asked = performance.now()
        await client.ask(text)
        ms.push(performance.now() - asked)
      }
    }),
  )
  const seconds = (performance.now() - begun) / 1_000
  for (const client of open) client.close()
  return { answers: ms.length, perSecond: ms.length / seconds, p50Ms: percentile(ms, 0.5), p99Ms: percentile(ms, 0.99) }
}
