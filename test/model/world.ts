import { Writable } from 'node:stream'
import { Registry } from 'prom-client'
import { createCredentials } from '../../client/transport/credentials.ts'
import { createStore } from '../../client/transport/store.ts'
import { createSession } from '../../client/widget/session.ts'
import { type Connection, type ConnectionParts, createConnection } from '../../server/gateway/connection.ts'
import { createGatewayMetrics } from '../../server/gateway/metrics.ts'
import { contractTimes } from '../../server/gateway/options.ts'
import type { FrameSocket } from '../../server/gateway/outlet.ts'
import { createAllowance } from '../../server/gateway/rate-limit.ts'
import { createTickets } from '../../server/gateway/tickets.ts'
import { createLogger } from '../../server/logger.ts'
import type { Ack } from '../../server/protocol/events.ts'
import { closeCodes, ticketLifeMs } from '../../server/protocol/limits.ts'
import type { CustomerTicketRequest, TicketReply } from '../../server/protocol/messages.ts'
import { createMemoryArea } from '../client/support/memory-area.ts'
import { emptyStore } from '../server/gateway/harness.ts'
import { createMemoryChat, type MemoryChat } from '../server/gateway/memory-chat.ts'
import { createLink, type Direction, type Link } from './link.ts'

const now = (): number => performance.now()
const server = 'http://bank.example'
const metrics = createGatewayMetrics(new Registry())
const allowance = createAllowance({ ratePerMinute: 0, addressRatePerMinute: 0 }, now)
const log = createLogger('silent')
/** Frames go by the links; this is only corked and uncorked. */
const wire = new Writable({ write: (_chunk, _encoding, done) => done() })

/** The real gateway's connections over links. @param chat what lies behind them. */
function createGateway(chat: MemoryChat) {
  const tickets = createTickets({ lifeMs: ticketLifeMs, capacity: 1_000, now })
  const places = new Map<string, Connection>()
  const parts: ConnectionParts = {
    ...{
      chat,
      desk: emptyStore.desk,
      access: emptyStore.access,
      tickets,
      allowance,
      metrics,
      log,
      times: contractTimes,
      ratePerMinute: 0,
    },
    draining: () => false,
    claim(key, connection) {
      places.get(key)?.close(closeCodes.replaced, 'replaced')
      places.set(key, connection)
    },
  }
  return {
    accept: (socket: FrameSocket): void =>
      void createConnection(socket, wire, { origin: undefined, address: '::1' }, parts),
    async fetch(_url: string, init?: RequestInit): Promise<Response> {
      const known: CustomerTicketRequest = JSON.parse(String(init?.body))
      const { conv = '', secret = '' } = known
      const isKnown = await chat.conversations.admits(conv, secret)
      const fresh = isKnown ? { conv, secret } : await chat.conversations.create()
      const ticket = tickets.issue({ origin: undefined, role: 'customer', conv: fresh.conv })
      const reply: TicketReply = { ticket, ...fresh, expiresInMs: ticketLifeMs }
      // What the client looks at: a whole Response costs more than all else of a schedule.
      return { ok: true, status: 201, json: () => Promise.resolve(reply) } as Response
    },
  }
}

export interface Tab {
  session: ReturnType<typeof createSession>
  /** The newest connection; none before the first. */
  link: Link | undefined
  /** Close the page, and open it anew. */
  reload(): void
  /** Break the connection and come back at once. */
  drop(noticed: Parameters<Link['cut']>[0]): void
  deliver(direction: Direction): boolean
}

export interface World {
  readonly chat: MemoryChat
  readonly tabs: readonly Tab[]
  /** Acks that have arrived. */
  readonly acks: readonly Ack[]
  /** Undefined before the first ticket. */
  conv(): string | undefined
  /** Close everything. */
  end(): void
}

function memoryStore() {
  const area = createMemoryArea()
  return createStore(() => area)
}

/** Tabs of one browser, and the server. @param seed what is wrong with the server, for tests of the test. */
export function createWorld(tabs: number, seed: (chat: MemoryChat) => MemoryChat = (chat) => chat): World {
  const chat = seed(createMemoryChat())
  const gateway = createGateway(chat)
  const kept = memoryStore()
  const acks: Ack[] = []
  const links: Link[] = []
  const credentials = createCredentials(kept, kept, `bursar:${server}`, () => '')

  function openTab(): Tab {
    const store = memoryStore()
    const openSession = () =>
      createSession({
        ...{ server, kept, tab: store, fetch: gateway.fetch, lang: () => 'en' },
        openSocket(): Link['client'] {
          const link = createLink(gateway.accept)
          links.push(link)
          tab.link = link
          return link.client
        },
        onChange: () => undefined,
        onAnswer: () => undefined,
      })
    const tab: Tab = {
      session: openSession(),
      link: undefined,
      reload() {
        tab.session.connection.close()
        tab.link?.cut('by both')
        tab.session = openSession()
        tab.session.resume()
      },
      drop(noticed) {
        tab.link?.cut(noticed)
        tab.session.connection.wake()
      },
      deliver(direction) {
        const item = tab.link?.deliver(direction)
        if (typeof item === 'string' && item.startsWith('{"t":"ack"')) acks.push(JSON.parse(item))
        return item !== undefined
      },
    }
    return tab
  }

  const all = Array.from({ length: tabs }, openTab)
  return {
    chat,
    tabs: all,
    acks,
    conv: () => credentials.load()?.conv,
    end() {
      for (const { session } of all) session.connection.close()
      for (const link of links) link.cut('by both')
    },
  }
}
