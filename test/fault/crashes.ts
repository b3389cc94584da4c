import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { createRandom } from '../../server/math/random.ts'
import { type ChatClient, join as joinChat, type KnownConversation, newCommandId } from '../support/client.ts'
import { type RunningServer, startServer } from '../support/demo.ts'
import { type Acked, brokenPromises, type Fault, type LogRow } from './ledger.ts'

const conversations = 6
/** Messages that one customer sends before waiting for an answer, so that answers are under way at every kill. */
const ahead = 3
const texts = [
  'how much is the late payment fee on a credit card?',
  'what is my balance',
  'is there a charge for using my card abroad',
  'how do I close an account',
  'can I talk to a person please',
  'which savings account pays the most interest?',
  'zxqv',
]
const env = {
  ...{ BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0', BURSAR_ENGINES: '1', BURSAR_LOG_LEVEL: 'error' },
}

interface Customer {
  known?: KnownConversation
  readonly ledger: Acked[]
  /** Sent and not acknowledged: sent again under the same id after the crash. */
  open: { readonly id: string; readonly text: string } | undefined
  sent: number
  readonly unanswered: string[]
}

const newCustomer = (): Customer => ({ ledger: [], open: undefined, sent: 0, unanswered: [] })

/** Send until the connection breaks; every ack is noted down before anything else happens. */
async function talk(customer: Customer, index: number, url: string, onAck: () => void): Promise<void> {
  const client = await joinChat(url, customer.known ? { known: customer.known } : {})
  customer.known = { conv: client.conv, secret: client.secret }
  for (;;) {
    customer.open ??= {
      id: newCommandId(),
      text: `${texts[(customer.sent + index) % texts.length]} (${index}/${customer.sent++})`,
    }
    await sendOpen(client, customer)
    onAck()
    if (customer.unanswered.length >= ahead) await answered(client, customer)
  }
}

async function sendOpen(client: ChatClient, customer: Customer): Promise<void> {
  if (!customer.open) return
  const { id, text } = customer.open
  const { mid = '', seq = 0 } = await client.send(text, id)
  customer.ledger.push({ text, mid, seq })
  customer.open = undefined
  customer.unanswered.push(mid)
}

/** Wait until nothing of this customer is open; what was answered before this connection comes from the snapshot. */
async function answered(client: ChatClient, customer: Customer): Promise<void> {
  const before: ReadonlySet<string> = await answeredBefore(client)
  for (const mid of customer.unanswered) if (!before.has(mid)) await client.answerTo(mid)
  customer.unanswered.length = 0
}

async function answeredBefore(client: ChatClient): Promise<Set<string>> {
  if (client.welcome.resume !== 'snapshot') return new Set()
  const { messages } = await client.wait((frame) => (frame.t === 'snapshot' ? frame.d : undefined))
  return new Set(messages.flatMap(({ by, re }) => (by === 'bot' ? re : [])))
}

function logOf(dataDir: string, conv: string): LogRow[] {
  const db = new Sqlite(join(dataDir, 'bursar.db'), { readonly: true })
  try {
    const rows = db.prepare('select seq, type, mid, content from events where conv = ? order by seq').all(conv)
    return rows as LogRow[] // the columns that were asked for
  } finally {
    db.close()
  }
}

export interface CrashOptions {
  readonly kills: number
  /** Most acks before each kill. */
  readonly perKill: number
  readonly seed: number
}

export interface CrashOutcome {
  readonly kills: number
  readonly acked: number
  /** Promises that were not kept, each with its customer. */
  readonly faults: readonly Fault[]
}

/**
 * Kill the built server again and again under load, with its engines every other time; then let it finish what is open, stop
 * it, and compare every conversation's log with what was acknowledged.
 * @throws what a customer met while the server lived.
 */
export async function crash(dataDir: string, { kills, perKill, seed }: CrashOptions): Promise<CrashOutcome> {
  const random = createRandom(seed)
  const customers = Array.from({ length: conversations }, newCustomer)
  let server: RunningServer | undefined
  try {
    for (let round = 0; round < kills; round++) {
      server = await startServer(dataDir, { env, detached: true })
      await talkUntilKilled(server, customers, 1 + Math.floor(random() * perKill), round % 2 === 0)
    }
    server = await startServer(dataDir, { env, detached: true })
    for (const customer of customers) await finish(customer, server.url)
    const code = await server.stop()
    if (code !== 0) throw new Error(`the server ended with ${code}`)
  } finally {
    killGroup(server)
  }
  return {
    kills,
    acked: customers.reduce((sum, { ledger }) => sum + ledger.length, 0),
    faults: customers.flatMap(({ ledger, known }, i) =>
      brokenPromises(ledger, logOf(dataDir, known!.conv)).map(({ kind, text }) => ({ kind, text: `${i}: ${text}` })),
    ),
  }
}

/** @param left acks until the kill. @param whole kill its engines with it. */
async function talkUntilKilled(
  { url, process: main, exited }: RunningServer,
  customers: readonly Customer[],
  left: number,
  whole: boolean,
): Promise<void> {
  const onAck = (): void => {
    // In the very moment of an ack: the next ones are on their way through the store.
    if (--left === 0) process.kill(whole ? -main.pid! : main.pid!, 'SIGKILL')
  }
  const ended = await Promise.allSettled(customers.map((customer, i) => talk(customer, i, url, onAck)))
  for (const end of ended) if (end.status === 'rejected' && left > 0) throw end.reason
  const code = await exited
  if (code !== null) throw new Error(`the server ended with ${code} and not by the kill`)
}

/** Send what is open, wait for every answer, and see that the conversation goes on. */
async function finish(customer: Customer, url: string): Promise<void> {
  const client = await joinChat(url, { known: customer.known! })
  await sendOpen(client, customer)
  await answered(client, customer)
  customer.open = { id: newCommandId(), text: 'and one more: hello' }
  await sendOpen(client, customer)
  await answered(client, customer)
  client.close()
}

/** What still lives of a server, its engines included. */
function killGroup(server: RunningServer | undefined): void {
  try {
    if (server?.process.pid) process.kill(-server.process.pid, 'SIGKILL')
  } catch {
    // the whole group is gone already
  }
}
