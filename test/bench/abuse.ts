import { on, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import { percentile } from '../../server/math/statistics.ts'
import { ticketFor } from '../support/client.ts'
import { startServer } from '../support/demo.ts'
import { withServer } from './answers.ts'
import { type ChatClient, type From, openClient } from './chat-client.ts'
import { manyOf } from './crowd.ts'
import { rssKiB } from './proc.ts'
import { answeredQuestions } from './questions.ts'
import type { Report } from './report.ts'
import { createUlid } from './ulid.ts'

const honest = 20
/** Between an answer and the next question of the same customer. */
const thinkMs = 500
const phaseMs = 10_000
const floodPerSecond = 5_000
/** The server's rate for each conversation and address: what honest customers need here, and no more. */
const perMinute = 120

/** Customers who each ask, read and ask again for a while. @returns ms of every answer. */
async function chat(clients: readonly ChatClient[], texts: readonly string[], ms: number): Promise<number[]> {
  const waits: number[] = []
  const end = performance.now() + ms
  await Promise.all(
    clients.map(async (client, i) => {
      await sleep((i * thinkMs) / clients.length) // not all in the same moment
      for (let next = i; performance.now() < end; next += clients.length) {
        const begun = performance.now()
        await client.ask(texts[next % texts.length]!)
        waits.push(performance.now() - begun)
        await sleep(thinkMs)
      }
    }),
  )
  return waits
}

/** What customers wait while a long conversation is asked for again and again by somebody who reads nothing. */
export function benchSlow(dataDir: string, report: Report): Promise<void> {
  return withServer(dataDir, 2, async ({ url, process: { pid } }, texts) => {
    const clients = await manyOf(honest, () => openClient(url))
    await chat(clients, texts, phaseMs)
    const memory = [rssKiB(pid!)]
    const quiet = await chat(clients, texts, phaseMs)
    memory.push(rssKiB(pid!))
    const sleeper = await openSleeper(url)
    memory.push(rssKiB(pid!))
    sleeper.sleep()
    const beside = await chat(clients, texts, phaseMs)
    memory.push(rssKiB(pid!))
    sleeper.end()
    for (const client of clients) client.close()
    const p99 = { quiet: percentile(quiet, 0.99), beside: percentile(beside, 0.99) }
    report('slow reader', {
      answers: beside.length,
      grownMiB: (memory[3]! - memory[2]!) / 1_024,
      grownBeforeMiB: (memory[1]! - memory[0]!) / 1_024,
      limitMiB: 8,
      quietP99Ms: p99.quiet,
      besideP99Ms: p99.beside,
      ratioP99: p99.beside / p99.quiet,
      limit: 1.2,
    })
  })
}

const longMessages = 100
/** Near the longest message that is taken. */
const long = 'How much is the late payment fee on a credit card? '.repeat(75)

/** Somebody with a long conversation behind them, all of it answered, who asks for it many times and reads nothing. */
async function openSleeper(url: string) {
  const { ticket, conv } = await ticketFor(url)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, ['bursar.v1'])
  const put = (frame: object): void => socket.send(JSON.stringify(frame))
  await once(socket, 'open')
  put({ t: 'hello', ticket, client: { name: 'bench', ver: '1', instance: 'sleeper' } })
  for (let i = 0; i < longMessages; i++) {
    put({ t: 'msg.send', id: createUlid(), conv, d: { text: long } })
    await completed(socket)
  }
  return {
    sleep(): void {
      socket.pause()
      for (let i = 0; i < longMessages; i++) put({ t: 'resume', id: createUlid(), conv, d: { epoch: '', after: 0 } })
    },
    end: (): void => socket.terminate(),
  }
}

async function completed(socket: WebSocket): Promise<void> {
  for await (const [frame] of on(socket, 'message')) if (String(frame).startsWith('{"t":"msg.completed"')) return
}

/** What 20 customers wait while another sends 5,000 messages a second, and comes back whenever it is thrown out. */
export async function benchFlood(dataDir: string, report: Report): Promise<void> {
  const origin = 'https://bank.example'
  const server = await startServer(dataDir, {
    env: {
      ...{ BURSAR_ENGINES: '2', BURSAR_ORIGINS: origin, BURSAR_TRUSTED_PROXIES: 'loopback' },
      ...{ BURSAR_RATE_PER_MIN: String(perMinute), BURSAR_RATE_IP_PER_MIN: String(perMinute) },
    },
  })
  try {
    const { url } = server
    const addressed = (i: number): From => ({ origin, address: `192.0.2.${i + 1}` })
    const texts = await answeredQuestions(url, (i) => ({ origin, address: `198.51.100.${1 + (i % 200)}` }))
    const clients = await manyOf(honest, (i) => openClient(url, addressed(i)))
    const quiet = await chat(clients, texts, phaseMs)
    const flood = startFlood(url, addressed(honest))
    const beside = await chat(clients, texts, phaseMs)
    const { shouted, connections } = await flood.stop()
    for (const client of clients) client.close()
    const p99 = { quiet: percentile(quiet, 0.99), beside: percentile(beside, 0.99) }
    report('flood', {
      honest,
      answers: beside.length,
      flooded: shouted,
      connections,
      quietP99Ms: p99.quiet,
      besideP99Ms: p99.beside,
      ratioP99: p99.beside / p99.quiet,
      limit: 1.5,
    })
  } finally {
    await server.stop()
  }
}

const beatMs = 10

function startFlood(url: string, from: From) {
  let [isDone, shouted, connections] = [false, 0, 0]
  const run = async (): Promise<void> => {
    while (!isDone) {
      // Refused a ticket for its rate, it tries again like everybody.
      const client = await openClient(url, from).catch(() => undefined)
      if (client) connections++
      let goesOn = client !== undefined
      while (goesOn && !isDone) {
        for (let i = 0; i < (floodPerSecond * beatMs) / 1_000 && goesOn; i++) {
          goesOn = client?.shout('hello') ?? false
          if (goesOn) shouted++
        }
        await sleep(beatMs)
      }
      client?.close()
      await sleep(beatMs)
    }
  }
  const running = run()
  return {
    async stop() {
      isDone = true
      await running
      return { shouted, connections }
    },
  }
}
