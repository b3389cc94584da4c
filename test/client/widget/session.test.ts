import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { State } from '../../../client/transport/state.ts'
import { createStore } from '../../../client/transport/store.ts'
import { createSession, type Session } from '../../../client/widget/session.ts'
import type { Completed, CustomerFrame } from '../../../server/protocol/events.ts'
import { completed } from '../support/fixtures.ts'
import { createMemoryArea } from '../support/memory-area.ts'
import { openSocket } from '../support/sockets.ts'
import { createQueue, event, type Peer, startWireServer, type WireServer, welcome } from '../support/wire-server.ts'

const createBrowser = () => ({ kept: createMemoryArea(), tab: createMemoryArea() })
const mid = (n: number): string => `m_${String(n).padStart(16, '0')}`

describe('a chat', () => {
  let server: WireServer
  const sessions: Session[] = []
  beforeEach(async () => {
    server = await startWireServer()
  })
  afterEach(async () => {
    for (const { connection } of sessions.splice(0)) connection.close()
    await server.close()
  })

  function openPage(browser = createBrowser()) {
    const states = createQueue<State>()
    const answers: Completed[] = []
    const session = createSession({
      server: server.origin,
      openSocket,
      fetch,
      kept: createStore(() => browser.kept),
      tab: createStore(() => browser.tab),
      lang: () => 'en-GB',
      onChange: (state) => states.push(state),
      onAnswer: (answer) => answers.push(answer),
    })
    sessions.push(session)
    return { session, states, answers, browser }
  }
  async function welcomed(
    resume: 'fresh' | 'replay' | 'snapshot' = 'fresh',
    head = 0,
  ): Promise<{ peer: Peer; conv: string }> {
    const peer = await server.peer()
    const conv = server.convOf(peer.hello.ticket)
    peer.send(welcome(conv, resume, head))
    return { peer, conv }
  }
  const turn = (conv: string, seq: number, text: string, more: Partial<Completed> = {}): CustomerFrame[] => [
    event('msg.created', seq, { mid: mid(seq), by: 'bot', re: [], status: 'streaming' }, conv),
    event('msg.completed', seq + 1, completed(mid(seq), { text, ...more }), conv),
  ]

  it('asks the server nothing before a visitor opens it', () => {
    const { session } = openPage()
    session.resume()
    expect(session.state().status).toBe('idle')
  })

  it('shows a message at once, sends it, and shows it once when the log brings it', async () => {
    const { session, states } = openPage()
    session.send('what is the fee?')
    expect(session.state().pending).toMatchObject([{ text: 'what is the fee?', failed: false }])
    const { peer, conv } = await welcomed()
    const sent = await peer.frame('msg.send')
    expect(sent.d).toEqual({ text: 'what is the fee?', lang: 'en-GB' })
    peer.send({ t: 'ack', re: sent.id, mid: mid(1), seq: 1 })
    peer.send(event('msg.created', 1, { mid: mid(1), by: 'customer', re: [], status: 'done', text: sent.d.text }, conv))
    const state = await states.next(({ last }) => last === 1)
    expect([state.pending, state.messages.length]).toEqual([[], 1])
  })

  it('shows after a reload what was not sent, and sends it', async () => {
    const first = openPage()
    first.session.connection.close()
    first.session.send('kept')
    first.session.connection.close()
    const second = openPage(first.browser)
    second.session.resume()
    expect(second.session.state().pending).toMatchObject([{ text: 'kept' }])
    const { peer } = await welcomed()
    expect((await peer.frame('msg.send')).d.text).toBe('kept')
  })

  it('asks for what is missing once, and for a snapshot when the replay has a hole', async () => {
    const { session, states } = openPage()
    session.connection.start()
    const { peer, conv } = await welcomed()
    const [created, done] = turn(conv, 3, 'late')
    for (const frame of [created, done]) if (frame) peer.send(frame)
    const asked = await peer.frame('resume')
    expect(asked.d).toEqual({ epoch: 'e1', after: 0 })
    peer.send({ t: 'live', conv, epoch: 'e1', head: 4 })
    expect((await peer.frame('resume')).d).toEqual({ epoch: '', after: 0 })
    const d = {
      messages: [],
      owner: 'bot',
      state: 'open',
      cases: [],
      read: { customer: 0, agent: 0 },
      more: false,
    } as const
    peer.send({ t: 'snapshot', conv, epoch: 'e1', head: 4, d: { ...d, messages: [], cases: [] } })
    expect(await states.next(({ last }) => last === 4)).toMatchObject({ gap: false })
    expect(peer.frames.rest()).toEqual([])
  })

  it('tells the page of answers that finish now, not of those of the past', async () => {
    const { session, states, answers, browser } = openPage()
    session.connection.start()
    const { peer, conv } = await welcomed()
    for (const frame of turn(conv, 1, 'now')) peer.send(frame)
    await states.next(({ last }) => last === 2)
    expect(answers.map(({ text }) => text)).toEqual(['now'])
    session.connection.close()
    const later = openPage(browser)
    later.session.resume()
    const again = await welcomed('replay', 2)
    for (const frame of turn(conv, 1, 'now')) again.peer.send(frame)
    await later.states.next(({ last }) => last === 2)
    expect(later.answers).toEqual([])
  })

  it('says once what was seen, and which products', async () => {
    const { session, states } = openPage()
    session.connection.start()
    const { peer, conv } = await welcomed()
    const recs = [{ product: 'easy-saver', title: 'Easy Saver', reasons: [], eligible: true as const }]
    for (const frame of turn(conv, 1, 'saver', { recs })) peer.send(frame)
    await states.next(({ last }) => last === 2)
    session.seen()
    session.seen()
    expect((await peer.frame('read')).d).toEqual({ upto: 1 })
    const shown = await peer.frame('rec.event')
    expect(shown.d).toEqual({ product: 'easy-saver', kind: 'view' })
    peer.send({ t: 'ack', re: shown.id })
    for (const frame of turn(conv, 3, 'the same again', { recs })) peer.send(frame)
    await states.next(({ last }) => last === 4)
    session.seen()
    session.send('thanks')
    expect((await peer.frame('read')).d).toEqual({ upto: 3 })
    await peer.frame('msg.send')
    expect(peer.frames.rest()).toEqual([])
  })

  it('marks a message that was refused for good, and sends it anew on request', async () => {
    const { session, states } = openPage()
    session.send('refused')
    const { peer } = await welcomed()
    const { id } = await peer.frame('msg.send')
    peer.send({ t: 'err', re: id, code: 'conv_closed', msg: 'closed', temporary: false, trace: 'r' })
    await states.next(({ pending }) => pending[0]?.failed === true)
    session.retry(id)
    const again = await peer.frame('msg.send')
    expect([again.d.text, again.id === id]).toEqual(['refused', false])
    expect(session.state().pending).toMatchObject([{ id: again.id, failed: false }])
  })

  it('begins a new conversation after the end of one', async () => {
    const { session, states } = openPage()
    session.connection.start()
    const { peer, conv } = await welcomed()
    session.end()
    const { id } = await peer.frame('conv.close')
    peer.send({ t: 'ack', re: id })
    peer.send(event('conv.state', 1, { state: 'closed' }, conv))
    await states.next(({ closed }) => closed)
    session.startNew()
    const next = await server.peer()
    expect(server.convOf(next.hello.ticket)).not.toBe(conv)
    expect(next.hello.resume).toBeUndefined()
    expect(session.state()).toMatchObject({ closed: false, last: 0, messages: [] })
  })

  it('follows another tab to its new conversation', async () => {
    const browser = createBrowser()
    const left = openPage(browser)
    left.session.connection.start()
    const first = await welcomed()
    for (const frame of turn(first.conv, 1, 'of the first')) first.peer.send(frame)
    await left.states.next(({ last }) => last === 2)
    const right = openPage(browser)
    right.session.resume()
    await welcomed()
    right.session.startNew()
    const second = await welcomed()
    left.session.followStorage(`bursar:${server.origin}:conv`)
    const followed = await welcomed()
    expect([second.conv === first.conv, followed.conv]).toEqual([false, second.conv])
    expect(left.session.state().messages).toEqual([])
  })

  it('forgets a conversation that was erased', async () => {
    const { session, states } = openPage()
    session.connection.start()
    const { peer, conv } = await welcomed()
    for (const frame of turn(conv, 1, 'secret')) peer.send(frame)
    await states.next(({ last }) => last === 2)
    peer.socket.close(4410)
    await states.next(({ status }) => status === 'erased')
    expect(session.state().messages).toEqual([])
    session.connection.restart()
    expect((await welcomed()).conv).not.toBe(conv)
  })
})
