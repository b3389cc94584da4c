import { describe, expect, it } from 'vitest'
import { linesOfRights, rightsWording } from '../../../server/text/rights.ts'
import type { Right } from '../../../server/text/rights-kinds.ts'

const told = (text: string): Right[] => [...rightsWording(text).told]

describe('rights in so many words', () => {
  it.each<[string, readonly Right[]]>([
    ['I want to dispute the payment to the hotel', ['dispute']],
    ['The gym is still charging me although I cancelled', ['dispute']],
    ["I don't recognise this transaction", ['unauthorised_payment']],
    ['someone has used my card in Leeds', ['unauthorised_payment']],
    ['I think I’ve been scammed', ['fraud_in_progress']],
    ['i gave the caller my code', ['fraud_in_progress']],
    ['I wish to make a complaint', ['complaint']],
    ['im not happy with how you handled this, i want compensation', ['complaint']],
    ["I can't pay my loan this month", ['hardship']],
    ['cant aford the repayments', ['hardship']],
    ['my husband died last week', ['bereavement']],
    ['I am the executor of my aunt', ['bereavement']],
    ['I am registered blind', ['vulnerability']],
    ['My father has dementia', ['vulnerability']],
    ['please stop sending me marketing', ['opt_out']],
    ['unsubcribe', ['opt_out']],
    ['send me a copy of all the data you hold about me', ['data_request']],
    ['please erase my personal information', ['data_request']],
    ['can I speak to a human', ['human']],
    ['representitive', ['human']],
    ['我要投诉', ['complaint']],
    ['我被騙了', ['fraud_in_progress']],
    ['转人工', ['human']],
  ])('%s', (text, rights) => expect(told(text)).toEqual(rights))

  it('of several kinds are all found', () => {
    expect(told('My wife died and I can’t pay the mortgage').sort()).toEqual(['bereavement', 'hardship'])
  })

  it.each([
    'how long do I have to dispute a payment?',
    'what happens if somebody dies with a joint account',
    'what is your complaints procedure',
    'what would happen to my loan if I lost my job',
    'my phone died in the middle of a transfer',
    'How is a subject access request made?',
    'do you have staff on the phones at weekends',
    'False alarm, that payment was me, sorry',
    'my neighbour was scammed last year',
    '信用卡被盗刷一般怎么处理',
  ])('%s is none', (text) => expect(told(text)).toEqual([]))

  it('are told by nobody who asks in general', () => {
    const { told: own, general } = rightsWording('What is the way to make a complaint?')
    expect([[...own], general]).toEqual([[], true])
    expect([...rightsWording("I'm terminally ill").told]).toEqual(['vulnerability'])
  })

  it('take no longer where a text is made to cost time', () => {
    const hostile = ['not happy ', 'my card ', 'someone the bank says ', 'a', '我的', "can't really "]
    const { user } = process.cpuUsage()
    for (const piece of hostile) rightsWording(piece.repeat(5_000))
    for (const piece of ['a\n', 'my card\n', '我的\n']) linesOfRights(piece.repeat(5_000))
    expect((process.cpuUsage().user - user) / 1e6).toBeLessThan(2)
  })
})
