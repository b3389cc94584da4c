import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { createRandom } from '../../server/math/random.ts'
import { type ChatClient, join as joinChat, type KnownConversation, newCommandId } from '../support/client.ts'
import { copyDemo, type RunningServer, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Acked, brokenPromises, type LogRow } from './ledger.ts'

const kills = 50
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

let server: RunningServer | undefined
afterEach(() => killGroup())

/** Kill the server; with its engines when they still live. */
async function killGroup(): Promise<void> {
  const dying = server
  server = undefined
  if (!dying?.process.pid) return
  try {
    process.kill(-dying.process.pid, 'SIGKILL')
  } catch {
    // the whole group is gone already
  }
  await dying.exited
}

interface Customer {
  known?: KnownConversation
  readonly ledger: Acked[]
  /** Sent and not acknowledged: sent again under the same id after the crash. */
  open: { readonly id: string; readonly text: string } | undefined
  sent: number
  readonly unanswered: string[]
}

/** Send until the connection breaks; every ack is noted down before anything else happens. */
async function talk(customer: Customer, index: number, url: string, onAck: () => void): Promise<void> {
  const client = await joinChat(url, customer.known ? { known: customer.known } : {})
  customer.known = { conv: client.conv, secret: client.secret }
  for (;;) {
    customer.open ??= {
      id: newCommandId(),
      text: `${texts[(customer.sent + index) % texts.length]} (${index}/${customer.sent++})`,
    }
    const { id, text } = customer.open
    const { mid = '', seq = 0 } = await client.send(text, id)
    customer.ledger.push({ text, mid, seq })
    customer.open = undefined
    customer.unanswered.push(mid)
    onAck()
    if (customer.unanswered.length >= ahead) await answered(client, customer)
  }
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

describe('a server that is killed', () => {
  it(`keeps every acknowledged message, once and in order, over ${kills} kills under load`, {
    timeout: 240_000,
  }, async () => {
    const data = copyDemo(temporaryFolder())
    const env = {
      BURSAR_RATE_PER_MIN: '0',
      BURSAR_RATE_IP_PER_MIN: '0',
      BURSAR_ENGINES: '1',
      BURSAR_LOG_LEVEL: 'error',
    }
    const random = createRandom(7)
    const customers: Customer[] = Array.from({ length: conversations }, () => ({
      ledger: [],
      open: undefined,
      sent: 0,
      unanswered: [],
    }))
    for (let round = 0; round < kills; round++) {
      server = await startServer(data, { env, detached: true })
      const { url, process: main, exited } = server
      let left = 1 + Math.floor(random() * 3 * conversations)
      const onAck = (): void => {
        // In the very moment of an ack: the next ones are on their way through the store.
        if (--left === 0) process.kill(round % 2 === 0 ? -main.pid! : main.pid!, 'SIGKILL')
      }
      const ended = await Promise.allSettled(customers.map((customer, i) => talk(customer, i, url, onAck)))
      for (const end of ended) if (end.status === 'rejected' && left > 0) throw end.reason
      expect(await exited).toBe(null)
    }

    server = await startServer(data, { env, detached: true })
    for (const customer of customers) {
      const client = await joinChat(server.url, { known: customer.known! })
      if (customer.open) {
        const { id, text } = customer.open
        const { mid = '', seq = 0 } = await client.send(text, id)
        customer.ledger.push({ text, mid, seq })
        customer.unanswered.push(mid)
      }
      await answered(client, customer)
      const { mid = '', seq = 0 } = await client.send('and one more: hello')
      customer.ledger.push({ text: 'and one more: hello', mid, seq })
      await client.answerTo(mid)
      client.close()
    }
    expect(await server.stop()).toBe(0)

    const broken = customers.flatMap(({ ledger, known }, i) =>
      brokenPromises(ledger, logOf(data, known!.conv)).map((fault) => `${i}: ${fault}`),
    )
    expect(broken).toEqual([])
    expect(customers.reduce((sum, { ledger }) => sum + ledger.length, 0)).toBeGreaterThan(kills * 3)
  })
})

describe('the ledger', () => {
  const row = (seq: number, type: string, d: { mid: string; by?: string; re?: string[]; text?: string }): LogRow => ({
    ...{ seq, type, mid: d.mid, content: JSON.stringify({ re: [], ...d }) },
  })
  const log = [
    row(1, 'msg.created', { mid: 'a', by: 'customer', text: 'one' }),
    row(2, 'msg.created', { mid: 'x', by: 'bot', re: ['a'] }),
    row(3, 'msg.completed', { mid: 'x' }),
  ]
  const ledger = [{ text: 'one', mid: 'a', seq: 1 }]

  it('is satisfied by a whole log', () => {
    expect(brokenPromises(ledger, log)).toEqual([])
  })

  it.each([
    ['a lost message', [...ledger, { text: 'two', mid: 'b', seq: 4 }], log, '"two" is there 0 times'],
    [
      'a doubled message',
      ledger,
      [...log, row(4, 'msg.created', { mid: 'b', by: 'customer', text: 'one' })],
      '"one" is there 2 times',
    ],
    ['another place', [{ text: 'one', mid: 'a', seq: 2 }], log, '"one" is not what was acknowledged'],
    ['a gap', ledger, [...log, row(5, 'read', { mid: 'a' })], 'event 4 has seq 5'],
    ['a missing answer', ledger, log.slice(0, 1), '"one" is answered 0 times'],
    ['half an answer', ledger, log.slice(0, 2), 'the answer to "one" is not complete'],
    [
      'two answers',
      ledger,
      [...log, row(4, 'msg.created', { mid: 'y', by: 'bot', re: ['a'] })],
      '"one" is answered 2 times',
    ],
    [
      'a wrong order',
      [
        { text: 'one', mid: 'a', seq: 1 },
        { text: 'one', mid: 'a', seq: 1 },
      ],
      log,
      '"one" was acknowledged out of order',
    ],
  ])('finds %s', (_, acked, rows, fault) => {
    expect(brokenPromises(acked, rows)).toContain(fault)
  })
})
