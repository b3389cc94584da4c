import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import type { AgentFrame, DeskQueue } from '../../server/protocol/agent-events.ts'
import { type AgentClient, agentTicket, joinDesk, signIn } from '../support/agent.ts'
import { type ChatClient, join, newCommandId, Refused } from '../support/client.ts'
import { copyDemo, type RunningServer, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'

const password = 'correct horse battery'
const staff = [
  ['ann', 'agent', 'Ann Archer'],
  ['bob', 'agent', undefined],
  ['sue', 'supervisor', undefined],
  ['kim', 'knowledge', undefined],
] as const

let data: string
let server: RunningServer
const at: Record<string, AgentClient> = {}
const order = (op: string, args: object) => callAdmin(adminSocket(data), op, args)
const env = { BURSAR_ENGINES: '1', BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0', BURSAR_DESK_GRACE_S: '1' }

const desk = async (user: string, instance?: string): Promise<AgentClient> =>
  joinDesk(server.url, await signIn(server.url, user, password), instance)

beforeAll(async () => {
  data = copyDemo(temporaryFolder())
  server = await startServer(data, { env })
  for (const [name, role, shownAs] of staff)
    await order('users.add', { name, roles: [role], password, ...(shownAs && { shownAs }) })
  for (const [name, role] of staff) if (role !== 'knowledge') at[name] = await desk(name)
})
afterAll(() => server.stop())

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (reason: unknown) => (reason instanceof Refused ? reason.code : String(reason)),
  )
/** A customer who has asked for a person. */
async function waiting(): Promise<ChatClient> {
  const customer = await join(server.url)
  await customer.command('human.request', {})
  await customer.wait((frame) => (frame.t === 'owner.changed' && frame.d.owner === 'queue' ? frame : undefined))
  return customer
}
const owners = (customer: ChatClient) =>
  customer.events.flatMap((event) => (event.t === 'owner.changed' ? [event.d] : []))
const byBot = (customer: ChatClient) =>
  customer.events.flatMap((event) => (event.t === 'msg.created' && event.d.by === 'bot' ? [event.seq] : []))
const queueWith =
  (conv: string, isIn: boolean) =>
  (frame: AgentFrame): DeskQueue | undefined =>
    frame.t === 'desk.queue' && frame.d.items.some((item) => item.conv === conv) === isIn ? frame : undefined

describe('the desk', { timeout: 20_000 }, () => {
  it('gives tickets to those who are signed in and work there, and to nobody else', async () => {
    expect((await agentTicket(server.url, '')).status).toBe(401)
    expect((await agentTicket(server.url, await signIn(server.url, 'kim', password))).status).toBe(403)
    const { key } = (await order('keys.create', { name: 'bot', scopes: ['documents:read'], days: 1 })) as {
      key: string
    }
    const byKey = await fetch(`${server.url}/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ role: 'agent' }),
    })
    expect(byKey.status).toBe(401)
    await expect(order('keys.create', { name: 'x', scopes: ['desk:work'], days: 1 })).rejects.toThrow('scope')
  })

  it('shows who waits, hands over once, and the customer sees to whom', async () => {
    const [ann, bob] = [at.ann!, at.bob!]
    const customer = await waiting()
    const { d } = await ann.wait(queueWith(customer.conv, true))
    expect(d.items.find(({ conv }) => conv === customer.conv)).toMatchObject({ owner: 'queue', reason: 'human' })
    const turn = await customer.wait((frame) => (frame.t === 'queue' ? frame : undefined))
    expect(turn.d.position).toBe(d.items.findIndex(({ conv }) => conv === customer.conv) + 1)
    const id = newCommandId()
    expect(await ann.command('desk.claim', customer.conv, {}, id)).toMatchObject({ t: 'ack' })
    expect(await codeOf(bob.command('desk.claim', customer.conv, {}))).toBe('forbidden')
    ann.write({ t: 'desk.claim', id, conv: customer.conv, d: {} })
    await ann.wait((frame) => (frame.t === 'ack' && frame.re === id && frame.dup ? frame : undefined))
    expect(
      await customer.wait((frame) => (frame.t === 'owner.changed' && frame.d.agent ? frame.d : undefined)),
    ).toEqual({
      owner: 'agent',
      agent: { id: 'ann', name: 'Ann Archer' },
    })
    await bob.wait(queueWith(customer.conv, false))
    const settled = await customer.wait((frame) => (frame.t === 'case.updated' ? frame : undefined))
    expect(settled.d.status).toBe('closed') // the call for a person
    const list = (await ann.command('desk.list', undefined, {})).result as { mine: { conv: string }[] }
    expect(list.mine.map(({ conv }) => conv)).toContain(customer.conv)
    const other = (await bob.command('desk.list', undefined, {})).result as { mine: object[] }
    expect(other.mine).toEqual([])
    const led = (await at.sue!.command('desk.list', undefined, {})).result as { mine: { conv: string }[] }
    expect(led.mine.map(({ conv }) => conv)).toContain(customer.conv)
  })

  it('has the assistant silent while a person is there, though it still opens cases, and lets it begin afresh after', async () => {
    const ann = at.ann!
    const customer = await waiting()
    const { conv } = customer
    await ann.command('desk.claim', conv, {})
    await customer.wait((frame) => (frame.t === 'owner.changed' && frame.d.owner === 'agent' ? frame : undefined))
    const before = byBot(customer).length
    await customer.command('msg.send', { text: 'What is the late payment fee on my credit card?' })
    await customer.command('msg.send', { text: 'Please stop sending me marketing letters.' })
    const opened = await customer.wait((frame) =>
      frame.t === 'case.opened' && frame.d.type === 'opt_out' ? frame : undefined,
    )
    expect(opened.d.ref).toMatch(/^\w{4}-\w{4}$/)
    await customer.command('human.request', {}) // there is one
    const { mid, seq } = await ann.command('msg.send', conv, {
      text: 'Call us on 0800 123 4567. Card 4111 1111 1111 1111',
    })
    const said = await customer.wait((frame) =>
      frame.t === 'msg.created' && frame.d.by === 'agent' ? frame : undefined,
    )
    expect(said).toMatchObject({ seq, d: { mid, text: 'Call us on 0800 123 4567. Card [card]' } })
    expect(byBot(customer)).toHaveLength(before)
    expect(await codeOf(at.bob!.command('msg.send', conv, { text: 'hello' }))).toBe('forbidden')
    expect(await codeOf(at.bob!.command('desk.release', conv, { to: 'bot' }))).toBe('forbidden')
    await ann.command('desk.release', conv, { to: 'bot' })
    const { mid: question = '' } = await customer.send('How long does a transfer to another bank take?')
    expect((await customer.answerTo(question)).kind).not.toBe('handoff') // no loop back to a person
    expect(owners(customer).map(({ owner }) => owner)).toEqual(['queue', 'agent', 'bot'])
  })

  it('says nothing after a person has answered, though the message came while it was read', async () => {
    const customer = await waiting()
    await at.ann!.command('desk.claim', customer.conv, {})
    await customer.send('What does the Plus Current Account cost per month?')
    await customer.send('I want to speak to a human being')
    await at.ann!.command('msg.send', customer.conv, { text: 'It costs £5.00.' })
    await at.ann!.command('desk.release', customer.conv, { to: 'bot' })
    const { seq } = await customer.wait((frame) =>
      frame.t === 'owner.changed' && frame.d.owner === 'bot' ? frame : undefined,
    )
    const { mid: last = '' } = await customer.send('How expensive is an arranged overdraft?')
    await customer.answerTo(last)
    const after = customer.events.flatMap((event) =>
      event.t === 'msg.created' && event.d.by === 'bot' && event.seq > seq ? [event.d.re] : [],
    )
    expect(after).toEqual([[last]])
    expect(customer.events.filter((event) => event.t === 'case.opened' && event.d.type === 'human')).toHaveLength(1)
    expect(server.log()).not.toContain('a turn failed')
  })

  it('lets who waits and is being robbed go before the others', async () => {
    const [first, urgent] = [await waiting(), await waiting()]
    await urgent.ask('Somebody is stealing money from my account right now!')
    const { d } = await at.bob!.wait((frame) =>
      frame.t === 'desk.queue' && frame.d.items.some(({ conv, reason }) => conv === urgent.conv && reason === 'fraud')
        ? frame
        : undefined,
    )
    const place = (conv: string) => d.items.findIndex((item) => item.conv === conv)
    expect(place(urgent.conv)).toBeLessThan(place(first.conv))
    for (const one of [first, urgent]) await one.command('conv.close', {})
  })

  it('tells notes that were written while a console was away', async () => {
    const customer = await waiting()
    const { epoch } = customer.welcome
    await at.ann!.command('note.add', customer.conv, { text: 'written meanwhile' })
    const again = await desk('bob', 'late')
    await again.command('desk.open', customer.conv, { epoch, after: 1 })
    const { d } = await again.wait((frame) => (frame.t === 'note.added' ? frame : undefined))
    expect(d).toMatchObject({ by: 'ann', text: 'written meanwhile' })
    again.close()
    await customer.command('conv.close', {})
  })

  it('takes over from the assistant, drops its late answer and shows staff what the customer does not see', async () => {
    const [ann, sue] = [at.ann!, at.sue!]
    const customer = await join(server.url)
    await customer.ask('What does the Plus Current Account cost per month?')
    const [, claimed] = await Promise.all([
      customer.send('And how do I close it?'),
      ann.command('desk.claim', customer.conv, {}),
    ])
    expect(claimed.t).toBe('ack')
    await ann.command('note.add', customer.conv, { text: 'speaks quickly' })
    await sue.command('desk.open', customer.conv, {})
    const shot = await sue.wait((frame) => (frame.t === 'snapshot' && frame.conv === customer.conv ? frame : undefined))
    expect(shot.d).toMatchObject({
      owner: 'agent',
      agent: { id: 'ann', name: 'Ann Archer' },
      notes: [{ by: 'ann', text: 'speaks quickly' }],
    })
    expect(shot.d.messages[1]?.completed?.cites.length).toBeGreaterThan(0)
    ann.write({ t: 'draft', conv: customer.conv, d: { text: 'Dear' } })
    expect(await sue.wait((frame) => (frame.t === 'draft' ? frame.d : undefined))).toEqual({
      ...{ by: 'ann', name: 'Ann Archer', text: 'Dear' },
    })
    const again = await join(server.url, { known: customer, instance: 'second' })
    const seen = await again.wait((frame) => (frame.t === 'snapshot' ? frame : undefined))
    expect(Object.keys(seen.d).sort()).toEqual(['agent', 'cases', 'messages', 'more', 'owner', 'read', 'state'])
    const claimSeq = customer.events.find((event) => event.t === 'owner.changed')?.seq ?? 0
    expect(byBot(customer).filter((seq) => seq > claimSeq)).toEqual([])
    // The supervisor may act on what others have.
    await sue.command('desk.transfer', customer.conv, { to: 'bob' })
    expect(await codeOf(ann.command('msg.send', customer.conv, { text: 'x' }))).toBe('forbidden')
    expect(await codeOf(at.bob!.command('desk.transfer', customer.conv, { to: 'kim' }))).toBe('not_found')
    await at.bob!.command('desk.close', customer.conv, { reason: 'answered' })
    expect(await codeOf(customer.send('one more thing'))).toBe('conv_closed')
    expect(await codeOf(ann.command('desk.claim', customer.conv, {}))).toBe('conv_closed')
    const log = (await order('audit.list', { subject: customer.conv, limit: 5 })) as { entries: object[] }
    expect(log.entries).toMatchObject([
      { actor: 'user:bob', action: 'desk.close', reason: 'answered' },
      { actor: 'user:sue', action: 'desk.transfer', detail: 'agent bob' },
      { actor: 'user:ann', action: 'desk.claim' },
    ])
  })

  it('suggests cited answers out of what the customer may read, and finds policy text with its words marked', async () => {
    const ann = at.ann!
    const customer = await waiting()
    await customer.send('What is the late payment fee on my credit card?')
    await ann.command('desk.claim', customer.conv, {})
    const { drafts } = (await ann.command('suggest', customer.conv, {})).result as {
      drafts: { text: string; cites: { quote: string }[]; probability: number }[]
    }
    expect(drafts[0]?.text).toContain('late payment fee on credit cards is £')
    expect(drafts[0]?.text.startsWith(drafts[0]?.cites[0]?.quote ?? '-')).toBe(true)
    expect(drafts.map(({ probability }) => probability)).toEqual(
      drafts.map(({ probability }) => probability).toSorted((a, b) => b - a),
    )
    const find = async (q: string, filters?: object) =>
      (
        (await ann.command('search', undefined, { q, ...(filters && { filters }) })).result as {
          passages: { doc: string; text: string; marks: [number, number][]; audience: string }[]
        }
      ).passages
    const [first] = await find('late payment fees')
    const words = first?.marks.map(([start, end]) => first.text.slice(start, end).toLowerCase())
    expect(new Set(words)).toEqual(new Set(['late', 'payment', 'fee']))
    expect((await find('fees', { audience: 'agent' })).every(({ audience }) => audience === 'agent')).toBe(true)
    expect(await find('fees', { collection: 'nowhere' })).toEqual([])
  })

  it('lets one of fifty who claim at once have it, and tells the others so', async () => {
    const consoles = await Promise.all(
      ['ann', 'bob', 'sue'].flatMap((user) =>
        Array.from({ length: 4 }, (_, i) => joinDesk(server.url, at[user]!.cookie, `c${i}`)),
      ),
    )
    for (let round = 0; round < 5; round++) {
      const customer = await waiting()
      const tries = await Promise.all(
        consoles.map((one, i) =>
          one.command('desk.claim', customer.conv, {}).then(
            () => i,
            (reason: unknown) => (reason instanceof Refused && reason.code === 'forbidden' ? -1 : -2),
          ),
        ),
      )
      const winners = tries.filter((i) => i >= 0)
      expect(tries).not.toContain(-2)
      expect(new Set(winners.map((i) => Math.floor(i / 4))).size).toBe(1) // one person, whose consoles all have it
      await customer.wait((frame) => (frame.t === 'owner.changed' && frame.d.owner === 'agent' ? frame : undefined))
      expect(owners(customer).filter(({ owner }) => owner === 'agent')).toHaveLength(1)
      const winner = consoles[winners[0] ?? 0]!
      await winner.command('desk.close', customer.conv, { reason: 'test' })
    }
    for (const one of consoles) one.close()
  })

  it('ends with the rights: at once for who is disabled, and for nobody else', async () => {
    await order('users.add', { name: 'tom', roles: ['agent'], password })
    const tom = await desk('tom')
    await order('users.disable', { name: 'tom' })
    expect(await tom.closed).toBe(4403)
    expect((await at.ann!.command('desk.list', undefined, {})).t).toBe('ack')
  })

  it('puts back what was left by who does not come back, before others, and keeps their promises through a restart', async () => {
    await order('users.add', { name: 'lea', roles: ['agent'], password })
    const lea = await desk('lea')
    const [left, later] = [await waiting(), await waiting()]
    await lea.command('desk.claim', left.conv, {})
    await lea.command('msg.send', left.conv, { text: 'One moment please.' })
    lea.close()
    const back = await left.wait((frame) =>
      frame.t === 'owner.changed' && frame.d.reason === 'agent_lost' ? frame.d : undefined,
    )
    expect(back).toEqual({ owner: 'queue', reason: 'agent_lost' })
    const { d } = await at.ann!.wait((frame) =>
      frame.t === 'desk.queue' &&
      frame.d.items.some(({ conv, reason }) => conv === left.conv && reason === 'agent_lost')
        ? frame
        : undefined,
    )
    const place = (conv: string) => d.items.findIndex((item) => item.conv === conv)
    expect(place(left.conv)).toBeLessThan(place(later.conv))
    await at.ann!.command('desk.claim', later.conv, {})
    await server.stop()
    server = await startServer(data, { env })
    at.ann = await desk('ann')
    const list = (await at.ann.command('desk.list', undefined, {})).result as {
      mine: { conv: string }[]
      items: { conv: string; reason: string }[]
    }
    expect(list.mine.map(({ conv }) => conv)).toContain(later.conv)
    expect(list.items.find(({ conv }) => conv === left.conv)).toMatchObject({ reason: 'agent_lost' })
  })
})
