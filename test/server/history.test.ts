import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { conversationReport, summary } from '../../server/protocol/reports.ts'
import { joinDesk, signIn } from '../support/agent.ts'
import { join } from '../support/client.ts'
import { copyDemo, type RunningServer, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'

const password = 'correct horse battery'
let data: string
let server: RunningServer
const cookies: Record<string, string> = {}
const asked: string[] = []

beforeAll(async () => {
  data = copyDemo(temporaryFolder())
  server = await startServer(data, {
    env: { BURSAR_ENGINES: '1', BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0' },
  })
  for (const [name, role] of [
    ['ann', 'agent'],
    ['sue', 'supervisor'],
    ['kim', 'knowledge'],
  ] as const) {
    await callAdmin(adminSocket(data), 'users.add', { name, roles: [role], password })
    cookies[name] = await signIn(server.url, name, password)
  }
  for (const text of ['What is the late payment fee on my credit card?', 'who won the cup final yesterday?']) {
    const customer = await join(server.url)
    const answer = await customer.ask(text)
    if (answer.kind === 'answer') await customer.command('feedback', { mid: answer.mid, value: 1 })
    asked.push(customer.conv)
    customer.close()
  }
  const third = await join(server.url)
  await third.send('信用卡逾期手续费是多少')
  await third.command('human.request', {})
  const ann = await joinDesk(server.url, cookies.ann!)
  await ann.command('desk.claim', third.conv, {})
  await ann.command('msg.send', third.conv, { text: '=HYPERLINK("zebra")' })
  await ann.command('desk.close', third.conv, { reason: 'done' })
  asked.push(third.conv)
})
afterAll(() => server.stop())

const get = (path: string, user = 'ann') => fetch(`${server.url}/v1/${path}`, { headers: { cookie: cookies[user]! } })
async function page(query: string) {
  const body = (await (await get(`history?${query}`)).json()) as { conversations: object[]; next?: string }
  return { ...body, conversations: body.conversations.map((one) => summary.parse(one)) }
}
const found = async (query: string) => (await page(query)).conversations.map(({ conv }) => asked.indexOf(conv))
const today = new Date().toISOString().slice(0, 10)

describe('looking back', { timeout: 60_000 }, () => {
  it('lists conversations page by page, the latest first, with what became of them', async () => {
    const { conversations, next } = await page('limit=2')
    expect(conversations.map(({ conv }) => asked.indexOf(conv))).toEqual([2, 1])
    expect(conversations[0]).toMatchObject({
      said: '信用卡逾期手续费是多少',
      reason: 'human',
      agent: 'ann',
      questions: 1,
    })
    expect(conversations[0]?.closedAt).toMatch(/^\d{4}-/)
    expect(conversations[1]).toMatchObject({ questions: 1, answers: 0 })
    const last = await page(`limit=2&after=${encodeURIComponent(next ?? '')}`)
    expect(last).toMatchObject({ conversations: [{ conv: asked[0], answers: 1, rating: 1 }] })
    expect(last.next).toBeUndefined()
  })

  it('finds them by words of anybody, in any of their forms and in Chinese, by intent, agent, reason and day', async () => {
    expect(await found('q=late+payments')).toEqual([0])
    expect(await found('q=zebra')).toEqual([2])
    expect(await found(`q=${encodeURIComponent('手续费')}`)).toEqual([2])
    expect(await found('q=zebra+late')).toEqual([])
    expect(await found('agent=ann')).toEqual([2])
    expect(await found('reason=none')).toEqual([1, 0])
    expect(await found('intent=credit_card_late_fee')).toContain(0)
    expect(await found(`from=${today}&until=${today}`)).toHaveLength(3)
    expect(await found('until=2020-01-01')).toEqual([])
  })

  it('reports figures, also for spreadsheets and without formulas', async () => {
    const query = `from=${today}&until=${today}`
    const report = conversationReport.parse(await (await get(`reports/conversations?${query}`, 'sue')).json())
    expect(report).toMatchObject({
      ...{ conversations: 3, withQuestions: 3, messages: 3, handedOver: 1, ratings: 1, helpful: 1 },
      ...{ reasons: [{ reason: 'human', count: 1 }], waitMs: { n: 1 }, firstReplyMs: { n: 1 }, resolutionMs: { n: 1 } },
    })
    expect(report.contained).toBeCloseTo(2 / 3, 9)
    const csv = await get(`reports/conversations.csv?${query}`, 'sue')
    expect(csv.headers.get('content-disposition')).toContain(`conversations-${today}-${today}.csv`)
    expect((await csv.text()).split('\r\n')).toEqual(
      expect.arrayContaining(['figure,of,value', 'handedOver,,1', 'reason,human,1', 'waitMs,n,1']),
    )
  })

  it('is for those who work at the desk, figures for those who lead it, and says which field is wrong', async () => {
    const status = async (path: string, user: string) => (await get(path, user)).status
    expect(await status('history', 'kim')).toBe(403)
    expect(await status(`reports/conversations?from=${today}&until=${today}`, 'ann')).toBe(403)
    expect((await fetch(`${server.url}/v1/history`)).status).toBe(401)
    const field = async (path: string) =>
      ((await (await get(path, 'sue')).json()) as { error: { field: string } }).error.field
    expect(await field('history?after=x')).toBe('after')
    expect(await field('history?limit=1000')).toBe('limit')
    expect(await field('reports/conversations?from=2026-02-30&until=2026-03-01')).toBe('from')
    expect(await field('reports/conversations?from=2026-03-02&until=2026-03-01')).toBe('until')
  })
})
