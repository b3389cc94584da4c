import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Connection, createConnection, type Status } from '../../../client/transport/connection.ts'
import { createCredentials } from '../../../client/transport/credentials.ts'
import { createOutbox, type LastingCommand } from '../../../client/transport/outbox.ts'
import { createStore } from '../../../client/transport/store.ts'
import { createUlids } from '../../../client/transport/ulid.ts'
import type { CustomerFrame } from '../../../server/protocol/events.ts'
import { heartbeatMs, pongDueMs } from '../../../server/protocol/limits.ts'
import { createMemoryArea } from '../support/memory-area.ts'
import { openSocket } from '../support/sockets.ts'
import { createQueue, startWireServer, type WireServer, welcome } from '../support/wire-server.ts'

const newId = createUlids()
const message = (text: string): LastingCommand => ({ t: 'msg.send', id: newId(), d: { text } })

/** One browser: its storage outlives its pages. */
const createBrowser = () => ({ kept: createMemoryArea(), tab: createMemoryArea() })

describe('the connection', () => {
  let server: WireServer
  const connections: Connection[] = []
  beforeEach(async () => {
    server = await startWireServer()
  })
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close()
    await server.close()
  })

  function openPage(browser = createBrowser(), position = { epoch: '', after: 0 }) {
    const kept = createStore(() => browser.kept)
    const statuses = createQueue<Status>()
    const frames = createQueue<CustomerFrame>()
    const conversations: string[] = []
    const credentials = createCredentials(
      kept,
      createStore(() => browser.tab),
      'bursar',
      newId,
    )
    const connection = createConnection({
      server: server.origin,
      client: { name: 'test', ver: '1' },
      credentials,
      outbox: createOutbox(kept, 'bursar'),
      openSocket,
      fetch,
      random: () => 0, // come back at once
      position: () => position,
      onConversation: (conv) => conversations.push(conv),
      onFrame: (frame) => frames.push(frame),
      onStatus: (status) => statuses.push(status),
    })
    connections.push(connection)
    const status = (wanted: Status) => statuses.next((one) => one === wanted)
    return { connection, credentials, status, statuses, frames, conversations, browser, position }
  }
  /** A page whose first connection has been welcomed. */
  async function online(...given: Parameters<typeof openPage>) {
    const page = openPage(...given)
    page.connection.start()
    const peer = await server.peer()
    const conv = server.convOf(peer.hello.ticket)
    peer.send(welcome(conv))
    await page.status('online')
    return { ...page, peer, conv }
  }

  it('begins a conversation, says hello with a fresh ticket, and keeps what it needs to go on', async () => {
    const { peer, conv, credentials, conversations } = await online()
    expect(peer.hello).toMatchObject({ client: { name: 'test', ver: '1' } })
    expect(peer.hello.resume).toBeUndefined()
    expect(peer.socket.protocol).toBe('bursar.v1')
    expect(credentials.load()).toEqual({ conv, secret: `s-${conv}` })
    expect(conversations).toEqual([conv])
  })

  it('goes on with the conversation of an earlier page, from where the page stands', async () => {
    const first = await online()
    first.connection.close()
    const second = await online(first.browser, { epoch: 'e1', after: 7 })
    expect(second.conv).toBe(first.conv)
    expect(second.peer.hello.resume).toEqual({ conv: first.conv, epoch: 'e1', after: 7 })
    expect(second.peer.hello.client.instance).toBe(first.peer.hello.client.instance)
  })

  it('sends what waits right after the hello, without waiting for the welcome', async () => {
    const page = openPage()
    const command = message('early')
    page.connection.send(command)
    page.connection.start()
    const peer = await server.peer()
    expect(await peer.frame('msg.send')).toEqual({ ...command, conv: server.convOf(peer.hello.ticket) })
  })

  it('resends an unacknowledged command under the same id, also from the next page, and an acknowledged one never', async () => {
    const page = await online()
    const [first, second] = [message('first'), message('second')]
    page.connection.send(first)
    page.connection.send(second)
    expect((await page.peer.frame('msg.send')).id).toBe(first.id)
    page.peer.socket.close(1012)
    const again = await server.peer()
    expect((await again.frame('msg.send')).id).toBe(first.id)
    again.send({ t: 'ack', re: first.id } as CustomerFrame)
    expect((await again.frame('msg.send')).id).toBe(second.id)
    page.connection.close()
    const next = await online(page.browser)
    expect((await next.peer.frame('msg.send')).id).toBe(second.id)
    expect(next.peer.frames.rest()).toEqual([])
  })

  it('answers a ping with its own time, and passes frames on', async () => {
    const { peer, frames, conv } = await online()
    peer.send({ t: 'ping', ts: 42.5 } as CustomerFrame)
    expect(await peer.frame('pong')).toEqual({ t: 'pong', ts: 42.5 })
    const live: CustomerFrame = { t: 'live', conv, epoch: 'e1', head: 0 }
    peer.send(live)
    expect(await frames.next(({ t }) => t === 'live')).toEqual(live)
  })

  it('survives what is not a frame', async () => {
    const { peer, frames, conv } = await online()
    for (const noise of ['', '{', 'null', '7', '[]', '{"x":1}']) peer.socket.send(noise)
    const live: CustomerFrame = { t: 'live', conv, epoch: 'e1', head: 0 }
    peer.send(live)
    expect(await frames.next(({ t }) => t === 'live')).toEqual(live)
  })

  it('comes back after a cut line', async () => {
    const { peer, status, conv } = await online()
    peer.socket.terminate()
    await status('waiting')
    const again = await server.peer()
    expect(server.convOf(again.hello.ticket)).toBe(conv)
  })

  it('stays away after the server ended it, until it is asked to start again', async () => {
    const { peer, status, connection } = await online()
    peer.socket.close(1000)
    await status('stopped')
    connection.start()
    expect((await server.peer()).hello.ticket).not.toBe(peer.hello.ticket)
  })

  it('gets a new ticket after 4401, once', async () => {
    const { peer, status } = await online()
    peer.socket.close(4401)
    const second = await server.peer()
    expect(second.hello.ticket).not.toBe(peer.hello.ticket)
    second.socket.close(4401)
    await status('stopped')
  })

  it('takes another name after 4409, once: a copied tab has its original’s', async () => {
    const { peer, status } = await online()
    peer.socket.close(4409)
    const second = await server.peer()
    expect(second.hello.client.instance).not.toBe(peer.hello.client.instance)
    second.socket.close(4409)
    await status('stopped')
  })

  it('says that an erased conversation is no more', async () => {
    const { peer, status } = await online()
    peer.socket.close(4410)
    await status('erased')
  })

  it('begins a new conversation when the server does not know the old one, and takes unsent messages along', async () => {
    const first = await online()
    first.peer.socket.close(1000)
    await first.status('stopped')
    server.lose(first.conv)
    const command = message('not lost')
    first.connection.send(command)
    first.connection.start()
    const peer = await server.peer()
    const conv = server.convOf(peer.hello.ticket)
    expect(conv).not.toBe(first.conv)
    expect(await peer.frame('msg.send')).toEqual({ ...command, conv })
    expect(first.credentials.load()?.conv).toBe(conv)
  })

  it.each([
    ['is refused', 403, 'stopped'],
    ['fails', 503, 'waiting'],
    ['comes too often', 429, 'waiting'],
  ] as const)('a ticket that %s (%i): %s', async (_, code, wanted) => {
    server.answerTicket((response) => response.writeHead(code).end('{}'))
    const page = openPage()
    page.connection.start()
    await page.status(wanted)
    if (wanted === 'waiting') await server.peer() // and comes back
  })

  it('is not taken in by a page that answers instead of the server', async () => {
    server.answerTicket((response) => response.writeHead(200).end('<html>please log in</html>'))
    server.answerTicket((response) => response.writeHead(200).end('{"login":true}'))
    const page = openPage()
    page.connection.start()
    await page.status('waiting')
    await page.status('waiting')
    await server.peer()
  })

  it('joins the conversation that another tab began in the same moment', async () => {
    const browser = createBrowser()
    const [left, right] = [openPage(browser), openPage(browser)]
    left.connection.start()
    right.connection.start()
    const peers = [await server.peer(), await server.peer()]
    const used = new Set(peers.map(({ hello }) => server.convOf(hello.ticket)))
    expect(used.size).toBe(1)
  })

  it('gives up a line that stays silent well past the heartbeat, and keeps one that speaks', async () => {
    const { peer, status, statuses } = await online()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const speak = async (ts: number) => {
      peer.send({ t: 'ping', ts } as CustomerFrame)
      await peer.frame('pong')
    }
    try {
      for (let ts = 0; ts < 3; ts++) {
        await speak(ts)
        vi.advanceTimersByTime(heartbeatMs + pongDueMs)
      }
      expect(statuses.rest()).not.toContain('waiting')
      await speak(3)
      vi.advanceTimersByTime(heartbeatMs + 2 * pongDueMs)
      await status('waiting')
    } finally {
      vi.useRealTimers()
    }
  })

  it('comes back at a moment of its own after the server said that it is going', async () => {
    const { peer, status } = await online()
    peer.send({ t: 'drain', inMs: 0, spreadMs: 5_000 } as CustomerFrame)
    peer.socket.close(4503)
    await status('waiting')
    await server.peer() // the test's random is 0: at once
  })

  it('lets go of everything when it is closed', async () => {
    const { peer, connection, status, statuses } = await online()
    const gone = new Promise((resolve) => peer.socket.once('close', resolve))
    connection.close()
    expect(await gone).toBe(1000)
    await status('idle')
    expect(statuses.rest().filter((one) => one === 'waiting')).toEqual([])
  })

  it('closes a socket that is still being opened as soon as it is open, as browsers take anything sooner for a fault', async () => {
    const page = openPage()
    page.connection.start()
    while (page.conversations.length === 0) await new Promise(setImmediate) // the socket follows at once
    page.connection.close()
    expect(await server.closing()).toBe(1000)
  })

  it('does not use a ticket that comes after it was closed', async () => {
    let late: (() => void) | undefined
    const asked = new Promise<void>((resolve) => {
      server.answerTicket((response) => {
        const conv = 'c_0000000000000099'
        late = () => void response.end(JSON.stringify({ ticket: 'late', conv, secret: 's', expiresInMs: 60_000 }))
        resolve()
      })
    })
    const page = openPage()
    page.connection.start()
    await asked
    page.connection.close()
    late?.()
    page.connection.start()
    expect((await server.peer()).hello.ticket).not.toBe('late')
    expect(page.conversations).toHaveLength(1)
  })

  it('comes back at once when the browser wakes, however long the wait', async () => {
    server.answerTicket((response) => response.writeHead(429, { 'retry-after': '3600' }).end('{}'))
    const page = openPage()
    page.connection.start()
    await page.status('waiting')
    page.connection.wake()
    await server.peer()
  })
})
