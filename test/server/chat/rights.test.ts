import { describe, expect, it } from 'vitest'
import { toldIn } from '../../../server/chat/rights.ts'
import { linesOfRights } from '../../../server/text/rights.ts'
import { newCommandId } from '../../support/client.ts'
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
    const request = 'I want a copy of all the data you hold on me'
    await ask(conv, request)
    await ask(conv, 'please stop sending me marketing')
    await close()
    const later = await open(data)
    const noted = 'noted as a request about your data'
    expect((await later.ask(conv, request)).text).not.toContain(noted)
    for (const { case: id } of (await later.chat.snapshot(conv)).cases)
      await later.house.caseDesk.close(id, { actor: 'user:ann', reason: 'done' })
    expect((await later.ask(conv, request)).text).toContain(noted)
    const { cases } = await later.chat.snapshot(conv)
    expect(cases.map(({ type, status }) => [type, status])).toEqual([
      ['data_request', 'closed'],
      ['opt_out', 'closed'],
      ['data_request', 'open'],
    ])
    expect(new Set(cases.map(({ ref }) => ref)).size, 'one reference').toBe(1)
    // Who wants no marketing wants none after that was seen to, too.
    expect((await later.ask(conv, 'which credit card suits me if I travel a lot?')).recs).toEqual([])
  })

  it('is a case though the customer closes the chat before the answer', async () => {
    const { chat, converse, house } = await open()
    const conv = await converse()
    await chat.send(conv, { id: newCommandId(), text: 'I want to make a complaint: the branch lost my cheque' })
    await chat.close(conv, newCommandId())
    await chat.settled()
    const cases = await house.caseDesk.list({ type: 'complaint' })
    expect(cases.filter((one) => one.conv === conv)).toHaveLength(1)
    expect((await chat.snapshot(conv)).cases.map(({ type }) => type)).toEqual(['complaint'])
  })

  it.each([
    ['never mind, all sorted\nI want to make a complaint', ['complaint']],
    ['如何投诉？', []],
    ['什么是电信诈骗', []],
    ['How do I protect my account if someone has cloned my card?', []],
    ['I need a manager to explain the overdraft fees', ['human']],
    ['我要投诉', ['complaint']],
  ])('is told by each message of a turn, and by no general question: %s', (text, rights) => {
    expect([...toldIn(text, linesOfRights(text)).rights]).toEqual(rights)
  })

  it('opens nothing where the question is how things are in general', async () => {
    const { ask, converse, log } = await open()
    const conv = await converse()
    expect((await ask(conv, 'how do I complain')).kind).toBe('answer')
    expect((await log(conv)).map(({ t }) => t)).not.toContain('case.opened')
  })
})
