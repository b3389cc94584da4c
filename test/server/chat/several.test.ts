import { describe, expect, it } from 'vitest'
import type { Choice } from '../../../server/chat/policy.ts'
import {
  type Considered,
  decide,
  mayBeTakenApart,
  quotesOf,
  type Several,
  together,
} from '../../../server/chat/several.ts'
import type { AskResult } from '../../../server/engine/jobs.ts'
import { passageOf, reading, versionOf } from './support.ts'

const day = '2026-11-22'
/** A question that the policy treats so, its best quote, and its mood. */
function considered(choice: Choice, doc = 'nothing', label: AskResult['sentiment']['label'] = 'neutral'): Considered {
  const spans: [number, number][] = [[0, doc.length]]
  const place = { passage: doc.length, doc, ver: 1, spans, indexed: doc }
  const span = { ...place, score: 1, dense: 1, keyword: 1, probability: doc.length / 10 }
  const understood = reading(label, doc)
  const stored = new Map([[doc.length, passageOf(doc.length, versionOf(doc, doc))]])
  return {
    ...{ choice, understood, stored, products: [] },
    told: { rights: new Set(), put: 'question' },
    quotable: [span],
    choices: [span],
    lost: [],
  }
}
const answer: Choice = { kind: 'answer', rule: 'answerable', offerPerson: false }
const unknown: Choice = { kind: 'abstain', rule: 'nothing' }
const own: Choice = { kind: 'handoff', rule: 'own-account', reason: 'account', quote: false }
const failed: Choice = { kind: 'handoff', rule: 'failed-before', reason: 'unsure', quote: false }
const whole = considered(unknown)
const several = (...parts: Considered[]): Several => decide(whole, parts) as Several // told apart by `answered`

describe('a message with two questions', () => {
  it('is answered one by one, the urgent one first, with one numbering', () => {
    const quotes = quotesOf(several(considered(answer, 'fees'), considered(answer, 'cards', 'urgent')), day)
    expect(quotes.map(({ cites }) => cites.map(({ k, quote }) => [k, quote]))).toEqual([[[1, 'cards']], [[2, 'fees']]])
  })

  it.each([unknown, failed])('counts the one that no text answers', (choice) => {
    expect(several(considered(answer, 'fees'), considered(choice))).toMatchObject({ missed: 1 })
  })

  it('gets one quote where the same words answer both, of the same time', () => {
    const fees = considered(answer, 'fees')
    expect(several(fees, fees).answered).toHaveLength(1)
    expect(several(fees, { ...fees, when: 'in 2027' }).answered).toHaveLength(2)
  })

  it('goes to a person where one of them has to', () => {
    const account = considered(own)
    expect(decide(whole, [considered(answer, 'fees'), account])).toBe(account)
  })

  it('is left to the whole message where no text answers either, or a product is wanted', () => {
    expect(decide(whole, [considered(unknown), considered(failed)])).toBe(whole)
    const wish = considered({ kind: 'recommend', rule: 'wants-product' })
    expect(decide(whole, [considered(answer, 'fees'), wish])).toBe(whole)
    expect(decide(whole, [])).toBe(whole)
  })

  it('is not taken apart where a person is wanted for another reason than want of a text', () => {
    expect([answer, unknown, failed, own].map(mayBeTakenApart)).toEqual([true, true, true, false])
  })

  it('keeps every passage that was looked at, once, as the question that it fits best has it', () => {
    const [fees, cards] = [considered(answer, 'fees'), considered(unknown, 'cards')]
    const looked = together([fees, { ...cards, lost: [7] }, fees])
    expect(looked.choices.map(({ doc }) => doc)).toEqual(['cards', 'fees'])
    expect(looked.lost).toEqual([7])
  })
})
