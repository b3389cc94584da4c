import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCreditDesk } from '../../../server/credit/overrides.ts'
import { train } from '../../../server/engine/train.ts'
import { createRegistry } from '../../../server/models/registry.ts'
import { createCreditOperations } from '../../../server/operations/credit-table.ts'
import { createAudit } from '../../../server/storage/audit.ts'
import { createCreditDecisions } from '../../../server/storage/credit-decisions.ts'
import { type Database, openDatabase } from '../../../server/storage/database.ts'
import { createUnitOfWork, type UnitOfWork } from '../../../server/storage/group-commit.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { createLoans, fileOf, toCsv } from '../models/tabular/support.ts'

const quiet = () => undefined
const loans = createLoans(30, 2)
const [ann, bob] = ['local:ann', 'user:bob']

describe('decisions that are stored', () => {
  let db: Database
  let units: UnitOfWork
  let operations: ReturnType<typeof createCreditOperations>
  let ids: readonly string[]
  const score = (more: object = {}) =>
    operations['credit.score'](
      {
        ...{ version: '1', approve: 0.6, input: fileOf(toCsv([...loans, { ...loans[0]!, late: '-1' }])) },
        ...{ output: join(temporaryFolder(), 'out.jsonl'), schema: schema(), store: true, ref: 'id', ...more },
      },
      quiet,
      ann,
    )
  const meaning = { label: 'Late payments', unit: 'times', min: 0, max: 20, reasons: { high: 'Payments were late' } }
  const schema = (high = 'Payments were late') =>
    fileOf(JSON.stringify({ name: 'x', protected: [], columns: { late: { ...meaning, reasons: { high } } } }), 's.json')
  const list = async (filter: object = {}) => (await operations['credit.decisions'](filter)).decisions
  const override = (id: string, to: 'approve' | 'decline', actor: string, reason = 'new payslip') =>
    operations['credit.override']({ id, to, reason }, quiet, actor)
  const confirm = (id: string, actor: string) => operations['credit.confirm']({ id, reason: 'seen' }, quiet, actor)
  const show = (id: string) => operations['credit.decision']({ id })

  beforeAll(async () => {
    const root = temporaryFolder()
    db = await openDatabase({ dir: temporaryFolder() })
    units = createUnitOfWork(db)
    const store = { creditDecisions: createCreditDecisions(db), audit: createAudit(db) }
    const creditDesk = createCreditDesk({ units, ...store, now: () => new Date('2026-12-01T12:00:00.000Z') })
    operations = createCreditOperations({ units, store, creditDesk, registry: createRegistry(root) })
    const base = { kind: 'train' as const, service: 'credit', encoder: '', test: [], validation: [], seed: 1 }
    await train(
      {
        ...{ ...base, registry: root, train: [fileOf(toCsv(createLoans(300, 1)))] },
        ...{ table: { target: 'bad', ignore: ['id', 'loss'], rule: '1se' }, way: { method: 'logistic' } },
      },
      quiet,
    )
    expect(await score()).toMatchObject({ n: 31, refused: 1, stored: 30, known: 0, modelVersion: 1 })
    ids = (await list()).map(({ id }) => id)
  }, 120_000)
  afterAll(() => units.close())

  it('are kept once, with what they were made of', async () => {
    expect(await score()).toMatchObject({ stored: 0, known: 30 })
    expect(await list()).toHaveLength(30)
    const [first] = await list({ ref: '1' })
    expect(first).toMatchObject({ ref: '1', by: ann, version: 1, approve: 0.6 })
    const { id: _, bad: __, loss: ___, ...row } = loans[0]!
    expect(first?.row).toEqual(row)
    await expect(score({ ref: 'name' })).rejects.toThrow(/out\.jsonl:1 column name: has to name the application/)
  })

  it('are made again to the character; one that was altered is found out', async () => {
    const id = (await list({ ref: '2' }))[0]!.id
    expect(await operations['credit.replay']({ id })).toMatchObject({ id, identical: true })
    const { decided } = (await db.reader
      .selectFrom('creditDecisions')
      .select('decided')
      .where('id', '=', id)
      .executeTakeFirst())!
    const altered = decided.replace(/"probability":0\.\d/, '"probability":0.99')
    await units.run((tx) => tx.updateTable('creditDecisions').set({ decided: altered }).where('id', '=', id).execute())
    expect(await operations['credit.replay']({ id })).toMatchObject({ identical: false, now: JSON.parse(decided) })
    await expect(operations['credit.replay']({ id: 'd_none' })).rejects.toThrow('there is no stored decision d_none')
  })

  it('are decided otherwise by two people, and by no one alone', async () => {
    const declined = (await list()).find(({ outcome }) => outcome === 'decline')!
    const { id } = declined
    await expect(override(id, 'decline', ann)).rejects.toThrow('is decline already')
    await expect(confirm(id, bob)).rejects.toThrow('nothing is proposed')
    await override(id, 'approve', ann)
    expect((await show(id)).outcome).toBe('decline')
    expect((await list({ waiting: true })).map((one) => one.id)).toEqual([id])
    await expect(confirm(id, ann)).rejects.toThrow('proposed by you')
    expect(await confirm(id, bob)).toEqual({ id, outcome: 'approve' })
    await expect(confirm(id, 'user:eve')).rejects.toThrow('nothing is proposed')
    const shown = await show(id)
    expect(shown).toMatchObject({
      ...{ outcome: 'approve', decided: declined.decided },
      overrides: [
        { number: 1, to: 'approve', by: ann, reason: 'new payslip', confirmedBy: bob, confirmedReason: 'seen' },
      ],
    })
    expect(shown.history.map(({ actor, action, reason }) => [actor, action, reason])).toEqual([
      [bob, 'credit.confirm', 'seen'],
      [ann, 'credit.override', 'new payslip'],
    ])
  })

  it('let a later proposal take the place of one that waits, and go back again', async () => {
    const id = ids.at(-1)!
    const own = (await show(id)).outcome
    const other = own === 'approve' ? 'decline' : 'approve'
    await override(id, other, ann)
    await override(id, other, bob, 'better reason')
    expect((await show(id)).overrides).toMatchObject([{ number: 1, by: bob, reason: 'better reason' }])
    await expect(confirm(id, bob)).rejects.toThrow('proposed by you')
    await confirm(id, ann)
    await override(id, own, ann)
    await confirm(id, bob)
    expect((await show(id)).outcome).toBe(own)
    expect((await show(id)).overrides.map(({ number, to }) => [number, to])).toEqual([
      [1, other],
      [2, own],
    ])
  })
})
