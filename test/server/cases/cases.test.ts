import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCaseDesk } from '../../../server/cases/cases.ts'
import { readCaseRules, termsOf } from '../../../server/cases/rules.ts'
import { createCaseNotes } from '../../../server/chat/case-notes.ts'
import { createLogger } from '../../../server/logger.ts'
import type { DurableEvent } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { createAudit } from '../../../server/storage/audit.ts'
import { createCaseTable } from '../../../server/storage/cases.ts'
import { createConversations } from '../../../server/storage/conversations.ts'
import { type Database, openDatabase } from '../../../server/storage/database.ts'
import { createUnitOfWork, type UnitOfWork } from '../../../server/storage/group-commit.ts'
import type { NewEvent } from '../../../server/storage/types.ts'
import type { Right } from '../../../server/text/rights-kinds.ts'
import { temporaryFolder } from '../../support/folder.ts'

const at = '2026-12-01T09:00:00.000Z'
const rules = readCaseRules()

describe('cases in the store', () => {
  let db: Database
  let units: UnitOfWork
  let today = '2026-12-01'
  beforeAll(async () => {
    db = await openDatabase({ dir: temporaryFolder() })
    units = createUnitOfWork(db)
  })
  afterAll(() => units.close())

  async function openDesk() {
    const cases = createCaseTable(db)
    const conversations = createConversations(db, units)
    const published: DurableEvent[] = []
    const desk = createCaseDesk({
      ...{ units, cases, conversations, audit: createAudit(db), logger: createLogger('silent') },
      ...{ publish: (_, events) => void published.push(...events), today: () => today, now: () => new Date(at) },
    })
    const notes = createCaseNotes(cases, conversations, () => at)
    const { id: conv } = await conversations.create({ id: mintId('c'), secretHash: 'h' })
    /** Open a case as a turn does. */
    const invoke = (type: Right, mid: string): Promise<DurableEvent[]> => {
      const ref = 'ABCD-EFGH'
      const invoked = { rights: [type], opened: [{ type, ref, ...termsOf(type, today, rules) }] }
      const { due } = invoked.opened[0]!
      const event: NewEvent = { t: 'case.opened', d: { case: mintId('k'), type, ref, due } }
      return units.run((tx) => notes.append(tx, conv, [event], invoked, [mid]))
    }
    const idOf = ([event]: readonly DurableEvent[]): string => (event?.t === 'case.opened' ? event.d.case : '')
    return { desk, conv, invoke, idOf, published, log: () => conversations.events(conv, 0, 100) }
  }

  it('are opened once for each right, with the day that they are due; what is told again is added', async () => {
    const { desk, conv, invoke, idOf, log } = await openDesk()
    const opened = await invoke('complaint', 'm_1')
    expect(opened.map(({ t, d }) => [t, d])).toEqual([
      ['case.opened', { case: idOf(opened), type: 'complaint', ref: 'ABCD-EFGH', due: '2026-12-22' }],
    ])
    expect(await invoke('complaint', 'm_2')).toEqual([])
    expect(await invoke('complaint', 'm_2')).toEqual([])
    await invoke('dispute', 'm_2')
    expect((await log()).map(({ t }) => t)).toEqual(['case.opened', 'case.opened'])
    const shown = await desk.show(idOf(opened))
    expect(shown).toMatchObject({ conv, type: 'complaint', status: 'open', openedAt: at, due: '2026-12-22' })
    expect(shown.evidence.map(({ mid }) => mid)).toEqual(['m_1', 'm_2'])
  })

  it('are closed by somebody, with a reason, once; the conversation and the audit log tell of it', async () => {
    const { desk, conv, invoke, idOf, published, log } = await openDesk()
    const id = idOf(await invoke('hardship', 'm_1'))
    await desk.close(id, { actor: 'user:ann', reason: 'plan agreed' })
    const told = { t: 'case.updated', conv, seq: 2, at, d: { case: id, status: 'closed', due: '2026-12-08' } }
    expect(published).toEqual([told])
    expect((await log())[1]).toEqual(told)
    const { history, ...closed } = await desk.show(id)
    expect(closed).toMatchObject({ status: 'closed', closedAt: at, closedBy: 'user:ann', reason: 'plan agreed' })
    expect(history).toMatchObject([{ actor: 'user:ann', action: 'cases.close', reason: 'plan agreed' }])
    await expect(desk.close(id, { actor: 'user:ann', reason: 'again' })).rejects.toThrow(`case ${id} is closed already`)
    expect(published).toHaveLength(1)
    expect(idOf(await invoke('hardship', 'm_3')), 'a new notice is a new case').not.toBe(id)
  })

  it('are escalated once, on the business day before they are due, and never closed by time', async () => {
    const { desk, invoke, idOf, published } = await openDesk()
    const id = idOf(await invoke('bereavement', 'm_1'))
    const mine = () => published.filter(({ t, d }) => t === 'case.updated' && d.case === id).map(({ d }) => d)
    for (const [day, wanted] of [
      ['2026-12-04', []],
      ['2026-12-07', ['escalated']],
      ['2026-12-08', ['escalated']],
      ['2027-06-01', ['escalated']],
    ] as const) {
      today = day
      await desk.watch()
      expect(
        mine().map((d) => 'status' in d && d.status),
        day,
      ).toEqual(wanted)
    }
    today = '2026-12-01'
    expect((await desk.list({ status: 'escalated', type: 'bereavement' })).map((one) => one.id)).toEqual([id])
    expect((await desk.list({ type: 'bereavement' })).map((one) => one.id)).toEqual([id])
    await desk.close(id, { actor: 'user:ann', reason: 'done' })
    expect(await desk.list({ type: 'bereavement' })).toEqual([])
    await expect(desk.show('k_none')).rejects.toThrow('there is no case k_none')
  })
})
