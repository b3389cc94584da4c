import { describe, expect, it } from 'vitest'
import { type Walk, walkExits } from '../../../server/chat/exits.ts'
import { type Choice, chooseAction, type Situation } from '../../../server/chat/policy.ts'
import { afterAnswer } from '../../../server/chat/state.ts'
import type { Thresholds } from '../../../server/engine/jobs.ts'

const thresholds: Thresholds = { answer: 0.6, topic: 0.3, intent: 0.4 }

/** A walk with one turn of the policy changed. */
const walkWith = (change: (situation: Situation, choice: Choice) => Choice): Walk =>
  walkExits(thresholds, {
    choose: (situation, limits) => change(situation, chooseAction(situation, limits)),
    next: afterAnswer,
  })
const turnsTo = ({ broken }: Walk): readonly string[] => broken[0]?.path.map(({ choice }) => choice.kind) ?? []
const faults = ({ broken }: Walk): ReadonlySet<string> => new Set(broken.map(({ fault }) => fault))

describe('the exits of a dialogue', () => {
  it('lead to a person after one failed turn, in every state and situation', () => {
    const walk = walkExits(thresholds)
    expect(walk.broken).toEqual([])
    expect(walk.states).toBe(4) // failed or not, upset before or not
    expect(walk.longest).toBe(1)
    expect(walk.path.map(({ choice }) => choice.rule)).toEqual(['nothing'])
  })

  it('are found missing where a policy never gives up', () => {
    const walk = walkWith((_, choice) =>
      choice.rule === 'failed-before' ? { kind: 'abstain', rule: 'nothing' } : choice,
    )
    expect(faults(walk)).toEqual(new Set(['more than 1 failed turn in a row, and no person']))
    expect(turnsTo(walk)).toEqual(['abstain', 'abstain'])
  })

  it('are found missing where one mood alone is forgotten', () => {
    const walk = walkWith((situation, choice) =>
      choice.rule === 'failed-before' && situation.mood === 'positive'
        ? { kind: 'clarify', rule: 'near-topics' }
        : choice,
    )
    expect(
      walk.broken
        .at(-1)
        ?.path.slice(1)
        .map(({ situation }) => situation.mood),
    ).toEqual(['positive'])
  })

  it('are found missing where a greeting ends a row of failed turns', () => {
    const walk = walkExits(thresholds, {
      choose: chooseAction,
      next: (state, completed, said) =>
        completed.kind === 'smalltalk' ? { ...state, failedTurns: 0 } : afterAnswer(state, completed, said),
    })
    expect(turnsTo(walk)).toEqual(['abstain', 'smalltalk', 'abstain'])
  })
})
