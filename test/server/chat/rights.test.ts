import { describe, expect, it } from 'vitest'
import { open, refOf } from './open-house.ts'

describe('a right that is invoked', () => {
  it('is a case under the reference that was told, once, and nothing is sold in that conversation', async () => {
    const { ask, converse, log, house, chat } = await open()
    const conv = await converse()
    const first = await ask(conv, 'I want to make a complaint: the branch in York lost my cheque')
    const ref = refOf(first)
    const cases = async () => (await log(conv)).filter((event) => event.t === 'case.opened').map(({ d }) => d)
    const [complaint] = await cases()
    expect(complaint).toMatchObject({ type: 'complaint', ref })
    expect(first.text).toContain(`noted as a complaint under ${ref}`)
    const again = await ask(conv, 'this complaint is about the cheque, I complain about all of it')
    expect(again.text).not.toContain('noted as a complaint')
    expect((await ask(conv, 'which credit card suits me if I travel a lot?')).recs).toEqual([])
    const other = await ask(conv, 'please stop sending me marketing')
    expect(other.text).toContain(`Your wish is noted under ${ref}`)
    const opened = await cases()
    expect(opened.map((d) => 'type' in d && d.type)).toEqual(['complaint', 'opt_out'])
    const { cases: shown } = await chat.snapshot(conv)
    expect(shown.map(({ type, status }) => [type, status])).toEqual([
      ['complaint', 'open'],
      ['opt_out', 'open'],
    ])
    const { evidence } = await house.caseDesk.show(shown[0]!.case)
    expect(evidence).toHaveLength(2)
  })

  it('is known again after a restart, and noted anew once somebody has closed it', async () => {
    const { ask, converse, data, close } = await open()
    const conv = await converse()
    await ask(conv, 'please stop sending me marketing')
    await close()
    const later = await open(data)
    const noted = 'Your wish is noted under'
    expect((await later.ask(conv, 'please stop sending me marketing')).text).not.toContain(noted)
    const [first] = (await later.chat.snapshot(conv)).cases
    await later.house.caseDesk.close(first!.case, { actor: 'user:ann', reason: 'done' })
    expect((await later.ask(conv, 'please stop sending me marketing')).text).toContain(noted)
    expect((await later.chat.snapshot(conv)).cases.map(({ status }) => status)).toEqual(['closed', 'open'])
  })

  it('opens nothing where the question is how things are in general', async () => {
    const { ask, converse, log } = await open()
    const conv = await converse()
    expect((await ask(conv, 'how do I complain')).kind).toBe('answer')
    expect((await log(conv)).map(({ t }) => t)).not.toContain('case.opened')
  })
})
