import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StaffLogins } from '../../../server/conform/logins.ts'
import { runSuite } from '../../../server/conform/suite.ts'
import { callAdmin } from '../../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../../server/main.ts'
import { copyDemo, type RunningServer, startServer } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { type Defect, spoil } from './spoiling-proxy.ts'

type Json = Record<string, unknown>
const d = (frame: Json): Json => frame.d as Json // every event has one
const withD = (frame: Json, change: Json): Json => ({ ...frame, d: { ...d(frame), ...change } })
const isCompleted = (frame: Json): boolean => frame.t === 'msg.completed'
const own = (frame: Json): boolean => frame.t === 'msg.created' && d(frame).by === 'customer'
/** Change frames to the client that are like this. */
const change = (which: (frame: Json) => boolean, to: (frame: Json) => Json | readonly Json[]): Defect => ({
  toClient: (frame) => (which(frame) ? [to(frame)].flat() : [frame]),
})
/** Answer a refusal of this kind with an ack. */
const accept = (code: string): Defect =>
  change(
    (frame) => frame.t === 'err' && frame.code === code,
    ({ re }) => ({ t: 'ack', re }),
  )

function swapAcks(): Defect {
  let kept: Json | undefined
  return {
    toClient: (frame) => {
      if (frame.t === 'ack' && frame.mid !== undefined) {
        kept = frame
        return []
      }
      const all = kept && own(frame) ? [frame, kept] : [frame]
      if (all.length === 2) kept = undefined
      return all
    },
  }
}

const withoutOrigin = (headers: Json, body: string): string => {
  delete headers.origin
  return body
}

/** Restores what the server has masked. */
const unmasked = change(own, (frame) =>
  withD(frame, { text: String(d(frame).text).replace('[card]', '4111 1111 1111 1111') }),
)

const dense = 'sequence numbers are dense from 1, times never go back'
const inOrder = 'a turn is told in order: message, beginning, pieces, end'
/** What is wrong with the server, and the case that has to tell. */
const defects: Readonly<Record<string, readonly [Defect, string]>> = {
  'an event is lost': [
    change(
      (frame) => frame.t === 'msg.created' && frame.seq === 2,
      () => [],
    ),
    dense,
  ],
  'an event comes twice': [
    change(
      (frame) => frame.seq === 2,
      (frame) => [frame, frame],
    ),
    dense,
  ],
  'times go back': [
    change(
      (frame) => frame.seq === 3,
      (frame) => ({ ...frame, at: '2020-01-01T00:00:00.000Z' }),
    ),
    dense,
  ],
  'an ack comes after its event': [swapAcks(), 'a message is acked before its event comes, and both name it alike'],
  'a resend is not marked': [
    change(
      (frame) => frame.dup === true,
      ({ dup: _, ...frame }) => frame,
    ),
    'a resend gets the first ack, marked as such, and no second message',
  ],
  'a conflict is taken': [
    accept('idempotency_conflict'),
    'the same id with another text is a conflict, and is not stored',
  ],
  'a foreign conversation is taken': [
    accept('not_found'),
    'a foreign conversation and an unknown one are refused alike',
  ],
  'feedback on anything is taken': [accept('not_found'), 'feedback on a message that there is not is refused'],
  'a blank message is taken': [accept('invalid_field'), 'a blank message is refused'],
  'a closed conversation goes on': [
    accept('conv_closed'),
    'a conversation that is closed tells so and takes no more; the same close again gets its ack',
  ],
  'commands of agents are unknown': [
    change(
      (frame) => frame.code === 'forbidden',
      (frame) => ({ ...frame, code: 'unknown_type' }),
    ),
    'commands of agents are forbidden to customers, each',
  ],
  'any Origin will do': [
    { request: (headers, body) => withoutOrigin(headers, body) },
    'a page of https://evil.example gets no ticket and no socket',
  ],
  'a quote is changed': [
    change(isCompleted, (frame) =>
      withD(frame, { cites: (d(frame).cites as Json[]).map((one) => ({ ...one, quote: `${one.quote}!` })) }),
    ),
    'each quote stands at its spans in the text of the document’s version',
  ],
  'a quote is not in the text': [
    change(isCompleted, (frame) => withD(frame, { text: 'something else' })),
    'the text holds each quote that its parts name, in their order',
  ],
  'a sum is made up': [
    change(isCompleted, (frame) => withD(frame, { text: `${d(frame).text} It costs 5 pounds.` })),
    'what is no quote has no digits of its own',
  ],
  'something internal is told': [
    change(isCompleted, (frame) => withD(frame, { candidates: [] })),
    'nothing internal is told: no field beside those of the contract',
  ],
  'no person is offered': [
    change(isCompleted, (frame) => withD(frame, { human: false })),
    'what no document answers is not answered, and a person is offered',
  ],
  'pieces lie elsewhere': [
    change(
      (frame) => frame.t === 'msg.delta',
      (frame) => withD(frame, { off: 7 }),
    ),
    inOrder,
  ],
  'pieces are lost': [
    change(
      (frame) => frame.t === 'msg.delta' && d(frame).n === 2,
      () => [],
    ),
    inOrder,
  ],
  'there is no live': [
    change(
      (frame) => frame.t === 'live',
      () => [],
    ),
    'from every point exactly the rest is replayed, then live',
  ],
  'a replay lacks an event': [
    { toClient: (frame, nth) => (nth > 2 && frame.seq === 3 ? [] : [frame]) },
    'from every point exactly the rest is replayed, then live',
  ],
  'a snapshot lacks a message': [
    change(
      (frame) => frame.t === 'snapshot',
      (frame) => withD(frame, { messages: (d(frame).messages as Json[]).slice(1) }),
    ),
    'who has no point gets a snapshot',
  ],
  'a second tab hears nothing': [
    { toClient: (frame, nth) => (nth === 3 && frame.seq !== undefined ? [] : [frame]) },
    'all tabs of a conversation get the same events in the same order',
  ],
  'an older connection stays': [
    { closing: (code) => (code === 4409 ? undefined : code) },
    'a newer connection of the same instance takes the place of the older one: 4409',
  ],
  'a close has another code': [{ closing: () => 1000 }, 'a second hello ends the connection'],
  'a card number is shown': [unmasked, 'a card number is masked before anybody sees it'],
  'text is tidied up': [
    change(own, (frame) => withD(frame, { text: String(d(frame).text).trim().replace(/\p{C}/gu, '') })),
    'text comes back as it was sent: scripts, emoji, control characters, markup',
  ],
  'typing is acked': [
    {
      toServer: (frame, reply) => {
        if (frame.t === 'typing') reply({ t: 'ack', re: 'typing' })
        return [frame]
      },
    },
    'typing and receipts get no reply',
  ],
  'a frame is not of the contract': [
    change(isCompleted, (frame) => withD(frame, { kind: 'guess' })),
    'a greeting is no question: nothing is cited',
  ],
  'a refusal repeats what was sent': [
    {
      toServer: (frame, reply) => {
        if (frame.t !== 'feedback') return [frame]
        const said = { code: 'invalid_field', msg: JSON.stringify(frame.d), temporary: false, trace: 'r' }
        reply({ t: 'err', re: frame.id, ...said })
        return []
      },
    },
    'a refusal repeats nothing of what was sent',
  ],
  'a wrong secret is told apart': [
    {
      response: (path, status, body) => (path === '/v1/tickets' && status === 404 ? [403, body] : [status, body]),
    },
    'a wrong secret and an unknown conversation are refused alike: 404, the same words',
  ],
  'a claim is not told': [
    change(
      (frame) => frame.t === 'owner.changed' && d(frame).owner === 'agent',
      () => [],
    ),
    'a claim is told to the customer with a name',
  ],
  'two have one conversation': [accept('forbidden'), 'of two claims at once one wins, and the other is told'],
  'the assistant goes on talking': [
    change(
      (frame) => own(frame) && d(frame).text === 'Hello?',
      (frame) => [
        frame,
        { ...frame, seq: Number(frame.seq) + 1, d: { ...d(frame), mid: `m_${'b'.repeat(24)}`, by: 'bot' } },
      ],
    ),
    'the assistant is silent once a person is there',
  ],
  'a note is shown to the customer': [
    change(
      (frame) => frame.t === 'snapshot' && !('notes' in d(frame)),
      (frame) => withD(frame, { notes: [{ text: 'for us alone' }] }),
    ),
    'a snapshot for staff has who has it and the notes, one for the customer has no notes',
  ],
  'staff can be told nothing of the queue': [
    change(
      (frame) => frame.t === 'desk.queue',
      () => [],
    ),
    'a new one in the queue is told to staff who are connected',
  ],
  'a ticket for the desk is anybody’s': [
    {
      response: (path, status, body) =>
        path === '/v1/tickets' && status === 401 ? [201, '{"ticket":"x","expiresInMs":60000}'] : [status, body],
    },
    'a ticket for the desk needs a session',
  ],
  'who has signed out stays': [
    { closing: (code) => (code === 4403 ? undefined : code) },
    'who signs out is disconnected at once',
  ],
  'a large body is an error of another kind': [
    { response: (_, status, body) => [status === 413 ? 400 : status, body] },
    'a body above 16 KiB is refused with 413',
  ],
}

const password = 'correct horse battery'
const login = (user: string) => ({ user, password })
const staff: StaffLogins = { agents: [login('ann'), login('bob')], lead: login('sue') }

describe('the conformance kit', { timeout: 120_000 }, () => {
  const data = copyDemo(temporaryFolder())
  const env = { BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0', BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(data, { env })
    for (const [name, role] of Object.entries({ ann: 'agent', bob: 'agent', sue: 'supervisor' }))
      await callAdmin(adminSocket(data), 'users.add', { name, roles: [role], password })
  })
  afterAll(() => server?.stop())

  it('passes this server whole, over a kill and a restart in mid-answer', async () => {
    const port = Number(new URL(server.url).port)
    const restarter = createServer(async (_, response) => {
      server.process.kill('SIGKILL')
      await server.exited
      server = await startServer(data, { env, port })
      response.end()
    })
    await new Promise<void>((resolve) => restarter.listen(0, '127.0.0.1', resolve))
    const { port: control } = restarter.address() as AddressInfo // it listens on TCP
    const command = `"${process.execPath}" -e "fetch('http://127.0.0.1:${control}').then((r) => r.text())"`
    const results = await runSuite({ url: server.url, restart: command, staff })
    await new Promise((resolve) => restarter.close(resolve))
    expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([])
    expect(results.filter(({ outcome }) => outcome === 'not run').map(({ detail }) => detail)).toEqual([
      'the server limits no rates',
    ])
    expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThanOrEqual(155)
  })

  it('passes a limit on rates', async () => {
    const limited = await startServer(copyDemo(temporaryFolder()), {
      env: { ...env, BURSAR_RATE_PER_MIN: '5', BURSAR_RATE_IP_PER_MIN: '100' },
    })
    const results = await runSuite({
      url: limited.url,
      named: 'over the rate a command is refused for a time that is told, and the connection stays',
    })
    await limited.stop()
    expect(results.map(({ outcome, detail }) => [outcome, detail])).toEqual([['passed', undefined]])
  })

  describe('tells of a server in which', () => {
    let proxy: Awaited<ReturnType<typeof spoil>>
    beforeAll(async () => {
      proxy = await spoil(server.url)
    })
    afterAll(() => proxy?.close())

    it('nothing is wrong: the proxy itself spoils nothing', async () => {
      proxy.seed({})
      for (const name of new Set(Object.values(defects).map(([, named]) => named))) {
        const results = await runSuite({ url: proxy.url, named: name, staff })
        expect(results.map(({ outcome, detail }) => [name, outcome, detail])).toEqual(
          results.map(() => [name, 'passed', undefined]),
        )
      }
    })

    it.each(Object.entries(defects))('%s', async (_, [defect, named]) => {
      proxy.seed(defect)
      const results = await runSuite({ url: proxy.url, named, patienceMs: 500, staff })
      expect(results.map(({ outcome }) => outcome)).toContain('failed')
    })
  })
})
