import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Permission, permissionsOf, type Role, roles } from '../../server/access/permissions.ts'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { agentCommand } from '../../server/protocol/agent-messages.ts'
import { agentCommandTypes, customerCommand, customerCommandTypes } from '../../server/protocol/messages.ts'
import { type AgentClient, agentTicket, joinDesk, signIn } from '../support/agent.ts'
import { type ChatClient, join, newCommandId, Refused } from '../support/client.ts'
import { copyDemo, type RunningServer, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'

/**
 * Every route and who may call it. `anybody`: no credential is asked for; `own`: the secret of one's own conversation, or a session of the desk; else the
 * permission that a session has to have. A route that is not here fails the test.
 */
const routes: Readonly<Record<string, 'anybody' | 'own' | Permission>> = {
  'post /v1/tickets': 'anybody',
  'post /v1/sessions': 'anybody',
  'get /v1/sessions': 'anybody',
  'delete /v1/sessions': 'anybody',
  'get /v1/openapi.json': 'anybody',
  'get /v1/documents/{doc}/versions/{ver}/text': 'anybody',
  'get /healthz': 'anybody',
  'get /readyz': 'anybody',
  'get /metrics': 'anybody',
  'get /v1/conversations/{id}/messages': 'own',
  'get /v1/documents': 'documents:read',
  'get /v1/documents/{doc}': 'documents:read',
  'get /v1/jobs/{id}': 'documents:read',
  'put /v1/documents/{doc}': 'documents:write',
  'post /v1/documents': 'documents:write',
  'delete /v1/documents/{doc}': 'documents:write',
  'post /v1/documents/{doc}/versions/{ver}/publication': 'documents:publish',
  'post /v1/documents/{doc}/removal': 'documents:publish',
  'post /v1/catalogue/publication': 'documents:publish',
  'get /v1/audit': 'audit:read',
  'get /v1/cases': 'cases:read',
  'get /v1/cases/{id}': 'cases:read',
  'post /v1/cases/{id}/closing': 'cases:close',
  'get /v1/credit/decisions': 'credit:read',
  'get /v1/credit/decisions/{id}': 'credit:read',
  'post /v1/credit/decisions/{id}/override': 'credit:override',
  'post /v1/credit/decisions/{id}/override/confirmation': 'credit:override',
  'get /v1/history': 'desk:work',
  'get /v1/reports/conversations': 'desk:lead',
  'get /v1/reports/conversations.csv': 'desk:lead',
}
const password = 'correct horse battery'
let data: string
let server: RunningServer
let described: string[]
const cookies = new Map<Role, string>()

beforeAll(async () => {
  data = copyDemo(temporaryFolder())
  server = await startServer(data, {
    env: { BURSAR_ENGINES: '1', BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0' },
  })
  for (const role of roles) {
    await callAdmin(adminSocket(data), 'users.add', { name: role, roles: [role], password })
    cookies.set(role, await signIn(server.url, role, password))
  }
  const { paths } = (await (await fetch(`${server.url}/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
})
afterAll(() => server.stop())

/** Call a route with an id of nothing; the body is none, so that whoever is let in changes nothing. */
async function statusOf(route: string, headers: Record<string, string>): Promise<number> {
  const [method = '', path = ''] = route.split(' ')
  const address = `${server.url}${path.replaceAll(/\{ver\}/g, '1').replaceAll(/\{\w+\}/g, 'nothing')}`
  return (await fetch(address, { method: method.toUpperCase(), headers })).status
}
const isRefused = (status: number): boolean => status === 401 || status === 403

describe('who may call what', { timeout: 60_000 }, () => {
  it('is said for every route', () => {
    const own = described.filter((route) => !/ \/v2\b/.test(route))
    expect(own.filter((route) => !(route in routes))).toEqual([])
  })

  it('is refused to strangers, and to every role that lacks the permission', async () => {
    const wrong: string[] = []
    for (const [route, needs] of Object.entries(routes)) {
      if (needs === 'anybody') continue
      if (!isRefused(await statusOf(route, {}))) wrong.push(`${route}: a stranger`)
      for (const [role, cookie] of cookies) {
        const may = permissionsOf([role]).has(needs === 'own' ? 'desk:work' : needs)
        if (isRefused(await statusOf(route, { cookie })) === may) wrong.push(`${route}: ${role}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('lets nobody work at the desk whose role does not', async () => {
    for (const [role, cookie] of cookies)
      expect([role, (await agentTicket(server.url, cookie)).status]).toEqual([
        role,
        permissionsOf([role]).has('desk:work') ? 201 : 403,
      ])
  })
})

describe('two customers and the frames of staff', { timeout: 60_000 }, () => {
  let [one, other]: ChatClient[] = []
  let agent: AgentClient
  beforeAll(async () => {
    ;[one, other] = [await join(server.url), await join(server.url)]
    await one.ask('What does the Plus Current Account cost per month?')
    agent = await joinDesk(server.url, cookies.get('agent')!)
  })
  const bodies: Readonly<Record<string, object>> = {
    'msg.send': { text: 'mine' },
    feedback: { mid: `m_${'x'.repeat(24)}`, value: 1 },
    'rec.event': { product: 'x', kind: 'view' },
    read: { upto: 1 },
    resume: { epoch: 'e', after: 0 },
    'desk.release': { to: 'bot' },
    'desk.transfer': { to: 'agent' },
    'desk.close': { reason: 'x' },
    'note.add': { text: 'x' },
    'case.update': { case: `k_${'x'.repeat(24)}`, status: 'closed', reason: 'x' },
    'canned.find': { q: 'x' },
    search: { q: 'x' },
  }
  /** The refusal of a command, without what differs between two of them. */
  async function refusal(send: () => Promise<unknown>): Promise<string> {
    return send().then(
      () => 'done',
      (reason: unknown) => (reason instanceof Refused ? reason.message : String(reason)),
    )
  }
  /** Send a frame that names a conversation which is not the socket's own. */
  function foreign(client: ChatClient, t: string, conv: string): Promise<string> {
    const id = newCommandId()
    client.write({ t, id, conv, d: bodies[t] ?? {} })
    return client.wait((frame) => {
      if (frame.t === 'err' && frame.re === id) return `${frame.code}: ${frame.msg}`
      return frame.t === 'ack' && frame.re === id ? 'done' : undefined
    })
  }

  it('gives a customer nothing of another, and the same words as for nothing at all', async () => {
    const missing = `c_${'0'.repeat(24)}`
    for (const { shape } of customerCommand.options) {
      const t = shape.t.value
      if (!('id' in shape)) continue
      const answers = [await foreign(other!, t, one!.conv), await foreign(other!, t, missing)]
      expect([t, ...answers]).toEqual([t, 'not_found: there is no such thing, or it is not yours', answers[0]])
    }
  })

  it('refuses every frame of staff to customers, and every frame of customers to staff', async () => {
    for (const { shape } of agentCommand.options) {
      const t = shape.t.value
      if (!agentCommandTypes.has(t)) continue
      expect([t, await foreign(one!, t, one!.conv)]).toEqual([t, 'forbidden: only agents may send that type of frame'])
    }
    for (const t of customerCommandTypes)
      expect([t, await refusal(() => agent.command(String(t), one!.conv, bodies[String(t)] ?? {}))]).toEqual([
        t,
        'forbidden: only customers may send that type of frame',
      ])
  })

  it('lets staff change nothing that they have not taken', async () => {
    const { epoch } = one!.welcome
    for (const t of ['msg.send', 'desk.release', 'desk.transfer', 'desk.close'])
      expect([t, await refusal(() => agent.command(t, one!.conv, bodies[t] ?? {}))]).toEqual([
        t,
        'forbidden: you do not have this conversation',
      ])
    const again = await join(server.url, { known: one!, instance: 'again' })
    const shot = await again.wait((frame) => (frame.t === 'snapshot' ? frame : undefined))
    expect([shot.epoch, shot.d.owner, shot.d.messages.length]).toEqual([epoch, 'bot', 2])
  })
})
