import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { percentile } from '../../server/math/statistics.ts'
import { createConversations, hashSecret } from '../../server/storage/conversations.ts'
import { openDatabase } from '../../server/storage/database.ts'
import { createUnitOfWork } from '../../server/storage/group-commit.ts'
import type { Summary } from '../../server/storage/history.ts'
import { createHistoryTable } from '../../server/storage/history.ts'
import { type AgentClient, joinDesk, signIn } from '../support/agent.ts'
import { join as joinChat, Refused } from '../support/client.ts'
import { withServer } from './answers.ts'
import { sentencesOf, windows } from './recall.ts'
import type { Report } from './report.ts'

const password = 'correct horse battery'
const agents = 50
const searches = 200

/**
 * Fifty people claim one conversation, round after round, while its customer goes on asking; how soon the queue is seen, and
 * how soon policies are found among many passages.
 */
export async function benchDesk(
  dataDir: string,
  folder: string,
  { passages, rounds }: { passages: number; rounds: number },
  report: Report,
): Promise<void> {
  const texts = join(folder, 'desk-texts')
  mkdirSync(texts)
  const rows = windows(sentencesOf(undefined), passages).map((text, id) => JSON.stringify({ id, text }))
  writeFileSync(join(texts, 'texts.jsonl'), rows.join('\n'))
  await withServer(dataDir, 2, async ({ url }, questions) => {
    const perform = (op: string, args: object) => callAdmin(adminSocket(dataDir), op, args)
    const people: AgentClient[] = []
    for (let i = 0; i < agents; i++) {
      await perform('users.add', { name: `agent${i}`, roles: ['agent'], password })
      people.push(await joinDesk(url, await signIn(url, `agent${i}`, password)))
    }
    await race(url, people, questions, rounds, report)
    await perform('ingest', { paths: [texts], sync: false, unchecked: true })
    const waits: number[] = []
    for (let i = 0; i < searches; i++) {
      const begun = performance.now()
      await people[0]!.command('search', undefined, { q: questions[i % questions.length]! })
      waits.push(performance.now() - begun)
    }
    report('policy search', {
      passages,
      searches,
      p50Ms: percentile(waits, 0.5),
      p95Ms: percentile(waits, 0.95),
      limitMs: 150,
    })
    for (const one of people) one.close()
  })
}

async function race(
  url: string,
  people: readonly AgentClient[],
  questions: readonly string[],
  rounds: number,
  report: Report,
): Promise<void> {
  const seen: number[] = []
  let [winners, otherwise, botAfter] = [0, 0, 0]
  for (let round = 0; round < rounds; round++) {
    const customer = await joinChat(url)
    const { conv } = customer
    const watched = people[0]!.wait((frame) =>
      frame.t === 'desk.queue' && frame.d.items.some((item) => item.conv === conv) ? performance.now() : undefined,
    )
    await customer.command('human.request', {})
    const asked = performance.now()
    seen.push((await watched) - asked)
    const late = customer.send(questions[round % questions.length]!)
    const claims = await Promise.all(
      people.map((one) =>
        one.command('desk.claim', conv, {}).then(
          () => one,
          (reason: unknown) => {
            if (!(reason instanceof Refused) || reason.code !== 'forbidden') otherwise++
            return undefined
          },
        ),
      ),
    )
    const won = claims.filter((one) => one !== undefined)
    winners += won.length
    await late
    await customer.send(questions[(round + 1) % questions.length]!)
    await won[0]?.command('desk.close', conv, { reason: 'bench' })
    await customer.wait((frame) => (frame.t === 'conv.state' ? frame : undefined))
    const claimed = customer.events.find((event) => event.t === 'owner.changed' && event.d.owner === 'agent')?.seq ?? 0
    botAfter += customer.events.filter(
      (event) => event.t === 'msg.created' && event.d.by === 'bot' && event.seq > claimed,
    ).length
    customer.close()
  }
  report('claim race', {
    agents: people.length,
    rounds,
    winners,
    refusedOtherwise: otherwise,
    botMessagesAfter: botAfter,
  })
  report('queue seen', { rounds, p50Ms: percentile(seen, 0.5), p95Ms: percentile(seen, 0.95), limitMs: 200 })
}

const words = [
  'overdraft',
  'card',
  'fee',
  'transfer',
  'savings',
  'mortgage',
  'limit',
  'statement',
  'branch',
  'interest',
]
const pageSize = 50

/** Pages of many past conversations: the first, one far back, by agent, and by words that one in ten and one in a thousand hold. */
export async function benchHistory(folder: string, many: number, report: Report): Promise<void> {
  const db = await openDatabase({ dir: join(folder, 'history') })
  const units = createUnitOfWork(db)
  const [conversations, history] = [createConversations(db, units), createHistoryTable(db)]
  const secretHash = hashSecret('bench')
  const at = (i: number): string => new Date(Date.UTC(2025, 0, 1) + i * 60_000).toISOString()
  const idOf = (i: number): string => `c_${String(i).padStart(24, '0')}`
  const oneOf = (i: number): Summary => ({
    ...{ conv: idOf(i), startedAt: at(i), lastAt: at(i), closedAt: at(i), said: `question ${i}` },
    ...{ questions: 1, answers: 1, unanswered: 0, reason: i % 7 === 0 ? 'human' : null },
    ...{ queuedAt: null, claimedAt: null, repliedAt: null, agent: i % 7 === 0 ? `agent${i % 50}` : null, rating: null },
  })
  for (let from = 0; from < many; from += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, many - from) }, async (_, k) => {
        const i = from + k
        await conversations.create({ id: idOf(i), secretHash })
        const text = `${words[i % 10]} about ${i % 1_000 === 7 ? 'zanzibar' : 'money'} ${words[(i * 7 + 3) % 10]}`
        await units.run((tx) => history.note(tx, oneOf(i), ['fees'], [{ seq: 1, text }], 0))
      }),
    )
  const far = { startedAt: at(Math.floor(many / 2)), conv: idOf(Math.floor(many / 2)) }
  const figures: Record<string, number> = {}
  for (const [name, filter, after] of [
    ['first', {}, undefined],
    ['far', {}, far],
    ['agent', { agent: 'agent7' }, undefined],
    ['common', { q: 'overdraft' }, undefined],
    ['two', { q: 'overdraft money' }, undefined],
    ['rare', { q: 'zanzibar' }, undefined],
  ] as const) {
    const waits: number[] = []
    for (let i = 0; i < 20; i++) {
      const begun = performance.now()
      await history.list(filter, pageSize, after)
      waits.push(performance.now() - begun)
    }
    figures[`${name}P95Ms`] = percentile(waits, 0.95)
  }
  report('past conversations', { conversations: many, page: pageSize, ...figures, limitMs: 100 })
  await units.close()
}
