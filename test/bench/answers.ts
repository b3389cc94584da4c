import { percentile } from '../../server/math/statistics.ts'
import { startServer } from '../support/demo.ts'
import { startBare } from './bare.ts'
import { type ChatClient, openClient } from './chat-client.ts'
import { cpuMs, pssMiB, treeOf } from './proc.ts'
import { answeredQuestions } from './questions.ts'
import type { Report } from './report.ts'

const clients = 64
const warmUp = 60
const noLimits = { BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0' }

/** One customer at a time, each question first to the bare loop and then over a real socket, so that both see the same machine. */
export async function benchLatency(dataDir: string, report: Report): Promise<void> {
  const server = await startServer(dataDir, { env: { ...noLimits, BURSAR_ENGINES: '2' } })
  const bare = await startBare(dataDir)
  const texts = await answeredQuestions(server.url)
  const client = await openClient(server.url)
  await bare.run(texts.slice(0, warmUp))
  for (const text of texts.slice(0, warmUp)) await client.ask(text)
  const [alone, whole]: [number[], number[]] = [[], []]
  for (const text of [...texts, ...texts]) {
    alone.push((await bare.run([text])).ms[0]!)
    const begun = performance.now()
    await client.ask(text)
    whole.push(performance.now() - begun)
  }
  client.close()
  bare.stop()
  await server.stop()
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
export async function benchCpu(dataDir: string, report: Report): Promise<void> {
  const server = await startServer(dataDir, { env: { ...noLimits, BURSAR_ENGINES: '2' } })
  const texts = await answeredQuestions(server.url)
  await load(server.url, texts, 500)
  const bare = await startBare(dataDir)
  await bare.run(texts)
  const alone = (await bare.run(texts)).cpuMs / texts.length
  bare.stop()
  const pids = treeOf(server.process.pid!)
  const before = cpuMs(pids)
  const { answers } = await load(server.url, texts, 3_000)
  const used = (cpuMs(pids) - before) / answers
  report('cpu per answer', { clients, answers, bareCpuMs: alone, answerCpuMs: used, ratio: used / alone, limit: 1.6 })
  report('memory', { engines: 2, processes: pids.length, pssMiB: pssMiB(pids), limit: 450 })
  await server.stop()
}

/** Answers a second of 64 clients that each ask again as soon as they are answered. */
export async function benchThroughput(dataDir: string, report: Report): Promise<number> {
  let atTwo = 0
  for (const engines of [1, 2, 4]) {
    const server = await startServer(dataDir, { env: { ...noLimits, BURSAR_ENGINES: String(engines) } })
    const texts = await answeredQuestions(server.url)
    await load(server.url, texts, 300)
    const { perSecond, p50Ms, p99Ms } = await load(server.url, texts, 2_000)
    if (engines === 2) atTwo = perSecond
    report('throughput', { clients, engines, answersPerSecond: perSecond, p50Ms, p99Ms })
    await server.stop()
  }
  return atTwo
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
