import { describe, expect, it } from 'vitest'
import { handoffReasons, type IntentUse, intents } from '../../../server/chat/intents.ts'
import {
  type Choice,
  chooseAction,
  isGap,
  puts,
  type Rule,
  rules,
  type Situation,
} from '../../../server/chat/policy.ts'
import { afterAnswer, freshState } from '../../../server/chat/state.ts'
import type { Thresholds } from '../../../server/engine/jobs.ts'
import { type AnswerKind, moods } from '../../../server/protocol/events.ts'

const thresholds: Thresholds = { answer: 0.6, topic: 0.3, intent: 0.4 }
const uses: readonly (IntentUse | undefined)[] = [
  undefined,
  ...(['topic', 'own', 'human', 'recommend'] as const).map((use) => ({ use })),
  ...handoffReasons.map((reason) => ({ use: 'case' as const, reason })),
  { use: 'say', template: 'greeting' },
]
/** Below every threshold, and on it: more values would only take longer. */
const [confidences, levels] = [
  [0.39, 0.4],
  [0.29, 0.3, 0.59, 0.6],
]
const yesNo = [false, true]
/** A case in so many words, and whether a right is invoked. */
const tellings = [
  [undefined, false],
  [undefined, true],
  ['crisis', true],
  ['hardship', true],
] as const

/** Every combination of what the policy looks at. */
function* situations(): Generator<Situation> {
  for (const use of uses)
    for (const confidence of confidences)
      for (const mood of moods)
        for (const moodBefore of yesNo)
          for (const asksForPerson of yesNo)
            for (const put of puts)
              for (const answerable of levels)
                for (const fitting of [0, 1])
                  for (const nearTopics of [1, 2])
                    for (const failedTurns of [0, 1])
                      for (const [told, noted] of tellings)
                        yield {
                          ...{
                            use,
                            confidence,
                            mood,
                            moodBefore,
                            asksForPerson,
                            told,
                            noted,
                            put,
                            answerable,
                            fitting,
                          },
                          ...{ nearTopics, failedTurns },
                        }
}

/** What breaks a rule of the house, over all situations; the first few are enough to see what is wrong. */
function broken(rule: (situation: Situation, action: Choice) => boolean): Situation[] {
  const found: Situation[] = []
  for (const situation of situations()) {
    if (!rule(situation, chooseAction(situation, thresholds))) found.push(situation)
    if (found.length === 3) break
  }
  return found
}

const isSure = ({ confidence }: Situation): boolean => confidence >= thresholds.intent
const isUpset = ({ mood }: Situation): boolean => mood === 'negative' || mood === 'urgent'
const hasFailed = ({ kind }: Choice): boolean => kind === 'clarify' || kind === 'abstain'
const quotes = (action: Choice): boolean => action.kind === 'answer' || (action.kind === 'handoff' && action.quote)

describe('the policy, in every situation', () => {
  it('gives a person to who asks for one', () => {
    expect(broken(({ asksForPerson }, action) => !asksForPerson || action.kind === 'handoff')).toEqual([])
  })

  it('never lets two turns fail in a row: a person takes over', () => {
    expect(broken(({ failedTurns }, action) => failedTurns === 0 || !hasFailed(action))).toEqual([])
  })

  it('never answers a question about the customer’s own account with a quote', () => {
    expect(
      broken((situation, action) => !(situation.use?.use === 'own' && isSure(situation)) || !quotes(action)),
    ).toEqual([])
  })

  it('quotes only what is sure enough', () => {
    expect(broken(({ answerable }, action) => !quotes(action) || answerable >= thresholds.answer)).toEqual([])
  })

  it('recommends nothing to the upset, and only what was wished for and fits', () => {
    expect(
      broken(
        (situation, { kind }) =>
          kind !== 'recommend' || (!isUpset(situation) && situation.fitting > 0 && situation.use?.use === 'recommend'),
      ),
    ).toEqual([])
  })

  it('hands over who is upset a second time, or is at least answered', () => {
    expect(
      broken(
        (situation, { kind }) =>
          !(isUpset(situation) && situation.moodBefore) ||
          kind === 'handoff' ||
          kind === 'smalltalk' ||
          kind === 'answer',
      ),
    ).toEqual([])
  })

  it('hands every report over with its own reason, unless it is a calm question that can be answered', () => {
    expect(
      broken((situation, action) => {
        const { use, asksForPerson, told, put } = situation
        if (use?.use !== 'case' || !isSure(situation) || asksForPerson || told) return true
        if (action.kind === 'answer') {
          const isCalm = !isUpset(situation) || (put === 'general' && use.reason === 'complaint')
          return put !== 'report' && isCalm && action.offerPerson
        }
        return action.kind === 'handoff' && action.reason === use.reason
      }),
    ).toEqual([])
  })

  it('hands over at once whoever tells of a crisis, and quotes nothing to them', () => {
    expect(
      broken(({ told }, action) => {
        if (told !== 'crisis') return true
        return action.kind === 'handoff' && action.reason === 'crisis' && !action.quote
      }),
    ).toEqual([])
  })

  it('never leaves an urgent message with an excuse', () => {
    expect(broken(({ mood }, action) => mood !== 'urgent' || !hasFailed(action))).toEqual([])
  })

  it('leaves nobody who invokes a right with an excuse, and sells them nothing', () => {
    expect(broken(({ noted }, action) => !noted || !(hasFailed(action) || action.kind === 'recommend'))).toEqual([])
  })

  it('clarifies only between two topics at least', () => {
    expect(broken(({ nearTopics }, { kind }) => kind !== 'clarify' || nearTopics >= 2)).toEqual([])
  })

  it('decides by each of its rules in some of them, and by no other', () => {
    const used = new Set<Rule>(['told-fraud']) // told fraud is left out of the situations above
    for (const situation of situations()) used.add(chooseAction(situation, thresholds).rule)
    expect([...used].sort()).toEqual([...rules].sort())
  })

  it('tells a gap exactly where it looked for a text and none answers', () => {
    const searched: readonly Rule[] = [
      'upset-again',
      'answerable',
      'urgent',
      'right',
      'failed-before',
      'near-topics',
      'nothing',
    ]
    expect(
      broken(({ answerable }, action) => {
        const none = searched.includes(action.rule) && answerable < thresholds.answer
        return isGap(action) === none
      }),
    ).toEqual([])
  })

  it('is not swayed by an intent that it is not sure of', () => {
    expect(
      broken((situation, action) => {
        const { use: _, ...rest } = situation
        const without = chooseAction({ ...rest, use: undefined }, thresholds)
        return isSure(situation) || JSON.stringify(without) === JSON.stringify(action)
      }),
    ).toEqual([])
  })
})

describe('the state of a dialogue', () => {
  const completed = (kind: AnswerKind, label: (typeof moods)[number]) => ({
    ...{ mid: 'm', kind, text: '', parts: [], cites: [], recs: [], next: [], human: false },
    intent: { name: 'x', confidence: 1 },
    sentiment: { label, score: 1 },
  })

  it('counts failed turns in a row, and forgets them with one that did not fail', () => {
    const failed = afterAnswer(freshState, completed('clarify', 'neutral'), '')
    expect(failed).toEqual({ failedTurns: 1, moodBefore: false })
    expect(afterAnswer(failed, completed('abstain', 'negative'), '')).toEqual({ failedTurns: 2, moodBefore: true })
    expect(afterAnswer(failed, completed('smalltalk', 'positive'), '')).toEqual(failed)
    expect(afterAnswer(failed, completed('answer', 'positive'), '')).toEqual(freshState)
  })

  it('knows what was asked last, made to stand alone, whatever small talk comes between', () => {
    const asked = ['Can I open a joint account?', 'How long does it take?'].reduce(
      (state, said) => afterAnswer(state, completed('answer', 'neutral'), said),
      freshState,
    )
    expect(asked.question).toBe('How long does it take? (open joint account)')
    expect(afterAnswer(asked, completed('smalltalk', 'positive'), 'thanks').question).toBe(asked.question)
    expect(afterAnswer(asked, completed('abstain', 'neutral'), 'What is the late fee?').question).toBe(
      'What is the late fee?',
    )
  })

  it('offers a person at the latest after two turns, whatever is said', () => {
    let state = freshState
    const kinds: string[] = []
    for (let turn = 0; turn < 2; turn++) {
      const action = chooseAction(
        {
          ...{
            use: undefined,
            confidence: 0,
            mood: 'neutral',
            asksForPerson: false,
            told: undefined,
            noted: false,
            put: 'question',
          },
          ...{ answerable: 0, fitting: 0, nearTopics: 0, ...state },
        },
        thresholds,
      )
      kinds.push(action.kind)
      state = afterAnswer(state, completed(action.kind === 'handoff' ? 'handoff' : 'abstain', 'neutral'), '')
    }
    expect(kinds).toEqual(['abstain', 'handoff'])
  })
})

describe('the catalogue of intents', () => {
  it('names a chip in both languages for each', () => {
    for (const [name, { chip }] of Object.entries(intents)) {
      expect(chip.en, name).toMatch(/^[A-Z]/)
      expect(chip.zh, name).toMatch(/\p{Script=Han}|ISA/u)
    }
  })
})
