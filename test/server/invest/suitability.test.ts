import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type Questionnaire,
  readAnswers,
  readQuestionnaire,
  suitabilityOf,
  suits,
} from '../../../server/invest/suitability.ts'
import { createRandom } from '../../../server/math/random.ts'
import { eligibilityOf } from '../../../server/recommend/eligibility.ts'
import type { Product } from '../../../server/storage/products.ts'
import { fileOf } from '../models/tabular/support.ts'

const usual = readQuestionnaire(resolve(import.meta.dirname, '../../../corpora/suitability/questionnaire.json'))
const told = (answers: Readonly<Record<string, string>>, questionnaire: Questionnaire = usual) =>
  suitabilityOf(questionnaire, readAnswers(fileOf(JSON.stringify(answers), 'a.json'), questionnaire))
const bold = {
  ...{ experience: 'shares', falls: 'yes', spread: 'share', reserve: 'longer', debts: 'nothing', share: 'little' },
  ...{ horizon: 'later', fall: 'buy', aim: 'grow' },
}

describe('the questionnaire of the corpora', () => {
  it('comes to the highest class for who can and will, and to the lowest part otherwise', () => {
    expect(told(bold)).toMatchObject({ riskClass: 5, name: 'adventurous', caps: [], open: [] })
    // 2 + 2 points of knowledge are class 3, whatever the means.
    const unpractised = told({ ...bold, experience: 'funds', spread: 'same' })
    expect(unpractised).toMatchObject({ riskClass: 3, name: 'balanced' })
    expect(unpractised.parts.map(({ id, points, most }) => [id, points, most])).toEqual([
      ['knowledge', 4, 3],
      ['capacity', 12, 5],
      ['aims', 10, 5],
    ])
  })

  it.each([
    ['reserve', 'month', 1],
    ['reserve', 'quarter', 3],
    ['debts', 'costly', 2],
    ['horizon', 'soon', 1],
    ['horizon', 'five', 2],
    ['falls', 'no', 2],
    ['aim', 'keep', 2],
  ])('is held down by %s: %s', (question, answer, cap) => {
    const { riskClass, caps } = told({ ...bold, [question]: answer })
    expect([riskClass, caps]).toEqual([cap, [{ question, answer, cap }]])
  })

  it('guesses nothing: every way to answer what is open lies between the bounds', () => {
    const random = createRandom(5)
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!
    const answersOf = (questions: Questionnaire['questions']) =>
      new Map(questions.map(({ id, answers }) => [id, pick(answers)]))
    for (let i = 0; i < 200; i++) {
      const given = answersOf(usual.questions.filter(() => random() < 0.7))
      const { least, most, riskClass, open } = suitabilityOf(usual, given)
      expect(open).toHaveLength(usual.questions.length - given.size)
      for (let j = 0; j < 10; j++) {
        const whole = suitabilityOf(usual, new Map([...answersOf(usual.questions), ...given]))
        expect(whole.riskClass).toBeGreaterThanOrEqual(least)
        expect(whole.riskClass).toBeLessThanOrEqual(most)
        if (riskClass !== null) expect(whole.riskClass).toBe(riskClass)
      }
    }
  })

  it('gates products: yes, no, or a question', () => {
    const { horizon: _, ...open } = bold
    expect([told({}), told(open)].map(({ least, most, riskClass }) => [least, most, riskClass])).toEqual([
      [1, 5, null],
      [1, 5, null],
    ])
    expect([1, 3].map((wanted) => suits(told(open), wanted))).toEqual([true, 'unknown'])
    expect([2, 3].map((wanted) => suits(told({ ...bold, horizon: 'five' }), wanted))).toEqual([true, false])
    // The recommender reads the class as a fact like others.
    const rule = { id: 'fund-class', field: 'riskClass', op: 'gte' as const, value: 3, text: 'Class 3 or above.' }
    const fund: Pick<Product, 'eligibility'> = { eligibility: [rule] }
    const verdict = (facts: Record<string, number>) => eligibilityOf(fund as Product, { facts }).verdict // only its rules are read
    expect([verdict({}), verdict({ riskClass: 2 }), verdict({ riskClass: 3 })]).toEqual(['unknown', false, true])
  })
})

describe('a questionnaire of one’s own', () => {
  const answers = [
    { id: 'no', text: 'No', points: 0 },
    { id: 'yes', text: 'Yes', points: 1 },
  ]
  const own = (change: object = {}) => ({
    name: 'x',
    classes: [
      { name: 'low', text: 'l' },
      { name: 'high', text: 'h' },
    ],
    parts: [{ id: 'p', name: 'P', from: [0, 1] }],
    questions: [{ id: 'q', part: 'p', text: 'Q?', answers }],
    ...change,
  })
  const read = (content: object) => readQuestionnaire(fileOf(JSON.stringify(content), 'q.json'))

  it('is scored like the usual one', () => {
    expect(['no', 'yes'].map((q) => told({ q }, read(own())).riskClass)).toEqual([1, 2])
  })

  const question = own().questions[0]!
  it.each([
    [{ parts: [{ id: 'p', name: 'P', from: [0] }] }, /q\.json: parts\.0\.from/],
    [{ parts: [{ id: 'p', name: 'P', from: [0, 1, 2] }] }, /parts\.p\.from: has to rise from 0, .* each of 2 classes/],
    [{ parts: [{ id: 'p', name: 'P', from: [1, 2] }] }, /parts\.p\.from: has to rise from 0/],
    [{ questions: [question, question] }, /questions: q is there twice/],
    [{ questions: [{ ...question, part: 'z' }] }, /parts\.p: has no question/],
    [{ questions: [question, { ...question, id: 'r', part: 'z' }] }, /questions\.r: there is no part z/],
    [{ questions: [{ ...question, answers: [answers[0], answers[0]] }] }, /questions\.q: no is there twice/],
    [{ questions: [{ ...question, answers: [answers[0], { ...answers[1], cap: 3 }] }] }, /a cap is above/],
    [{ questions: [{ ...question, answers: [answers[0], { ...answers[1], points: -1 }] }] }, /answers\.1\.points/],
  ])('is refused: %j', (change, says) => {
    expect(() => read(own(change))).toThrow(says)
  })

  it('is answered with its own answers', () => {
    expect(() => told({ z: 'no' }, read(own()))).toThrow(/a\.json: z: there is no such question/)
    expect(() => told({ q: 'perhaps' }, read(own()))).toThrow(/a\.json: q: is one of no, yes/)
    expect(() => readQuestionnaire(join('/nowhere', 'q.json'))).toThrow(/cannot be read/)
  })
})
