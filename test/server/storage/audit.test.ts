import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createAudit } from '../../../server/storage/audit.ts'
import { at, openStore, reasonOf } from './support.ts'

const entry = (subject: string) => ({ actor: 'user:ada', action: 'documents.put', subject, reason: 'new fee' })

async function openLog(rows: number) {
  const { db, units } = await openStore()
  const audit = createAudit(db)
  const append = (...subjects: string[]) => units.run((tx) => audit.append(tx, subjects.map(entry), at))
  for (let i = 1; i <= rows; i++) await append(`d${i}`)
  /** Do what only somebody can who writes the file by hand: the triggers are taken away first. */
  const forge = (...statements: string[]) =>
    units.run(async (tx) => {
      const triggers = ['auditNoUpdate', 'auditNoDelete', 'auditInOrder'].map((name) => `drop trigger ${name}`)
      for (const statement of [...triggers, ...statements]) await sql.raw(statement).execute(tx)
    })
  return { audit, append, forge, units }
}

describe('the audit log', () => {
  it('numbers its rows without gaps, whether they come alone or together', async () => {
    const { audit, append } = await openLog(1)
    await append(...Array.from({ length: 450 }, (_, i) => `many ${i}`))
    await append('last')
    const [newest, before] = await audit.list({}, 2)
    expect([newest, before]).toMatchObject([
      { ...entry('last'), seq: 452, at },
      { seq: 451, subject: 'many 449' },
    ])
    expect(await audit.verify()).toEqual({ seq: 452, hash: newest?.hash })
  })

  it('is listed by actor, by subject and in pages', async () => {
    const { audit, units } = await openLog(3)
    await units.run((tx) => audit.append(tx, [{ actor: 'key:bk_1', action: 'documents.remove', subject: 'd1' }]))
    const seqs = async (...[filter, limit]: Parameters<typeof audit.list>) =>
      (await audit.list(filter, limit)).map(({ seq }) => seq)
    expect(await seqs({ subject: 'd1' }, 9)).toEqual([4, 1])
    expect(await seqs({ actor: 'user:ada', before: 3 }, 9)).toEqual([2, 1])
    expect(await seqs({}, 2)).toEqual([4, 3])
  })

  it('keeps nothing of a unit that failed', async () => {
    const { audit, units } = await openLog(1)
    const failed = units.run(async (tx) => {
      await audit.append(tx, [entry('d2')])
      throw new Error('no')
    })
    await reasonOf(failed)
    expect(await audit.verify()).toMatchObject({ seq: 1 })
  })

  it.each([
    ['changed', `update audit set reason = 'x' where seq = 2`],
    ['removed', 'delete from audit where seq = 3'],
    [
      'replaced',
      `insert or replace into audit select seq, at, 'x', action, subject, reason, detail, previous, hash from audit where seq = 3`,
    ],
    [
      'added out of order',
      `insert into audit select 9, at, actor, action, subject, reason, detail, previous, hash from audit where seq = 3`,
    ],
  ])('refuses to have a row %s', async (_, statement) => {
    const { audit, units } = await openLog(3)
    const tried = units.run((tx) => sql.raw(statement).execute(tx))
    expect(await reasonOf(tried)).toMatchObject({ message: 'audit is append-only' })
    expect(await audit.verify()).toMatchObject({ seq: 3 })
  })

  it.each([
    ['altered', 'row 2 was altered', `update audit set reason = 'x' where seq = 2`],
    ['altered to have no reason', 'row 2 was altered', 'update audit set reason = null where seq = 2'],
    ['removed', 'row 2 is missing', 'delete from audit where seq = 2'],
    ['removed at the start', 'row 1 is missing', 'delete from audit where seq = 1'],
    [
      'swapped',
      'row 2 does not follow',
      'update audit set seq = 99 where seq = 2; update audit set seq = 2 where seq = 3; update audit set seq = 3 where seq = 99',
    ],
    [
      'removed with its number given on',
      'row 2 does not follow',
      'delete from audit where seq = 2; update audit set seq = seq - 1 where seq > 2',
    ],
  ])('finds a row that was %s by hand', async (_, says, statements) => {
    const { audit, forge } = await openLog(4)
    await forge(...statements.split('; '))
    const reason = await reasonOf(audit.verify())
    expect(reason).toMatchObject({ code: 'corrupt', message: expect.stringContaining(says) })
  })

  it('whose end was cut off is found by a head that was kept', async () => {
    const { audit, append, forge } = await openLog(4)
    const kept = await audit.verify()
    await append('d5')
    expect(await audit.verify(kept)).toMatchObject({ seq: 5 })
    await forge('delete from audit where seq > 3')
    expect(await audit.verify()).toMatchObject({ seq: 3 })
    expect(await reasonOf(audit.verify(kept))).toMatchObject({
      message: expect.stringContaining('row 4 was there once'),
    })
    await append('other')
    expect(await reasonOf(audit.verify(kept))).toMatchObject({
      message: expect.stringContaining('row 4 is not the row'),
    })
  })

  it('that is empty has no head', async () => {
    const { audit } = await openLog(0)
    expect(await audit.verify()).toBeUndefined()
  })
})
