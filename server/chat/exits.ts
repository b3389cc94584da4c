import type { Thresholds } from '../engine/jobs.ts'
import { moods } from '../protocol/events.ts'
import { createComposer, type Draft } from './compose.ts'
import { handoffReasons, type IntentUse, intents } from './intents.ts'
import { type Choice, chooseAction, maxFailedTurns, puts, type Situation } from './policy.ts'
import { afterAnswer, type DialogueState, freshState } from './state.ts'

/** One turn of a walk: what was met, what was chosen, and what became of it. */
export interface Step {
  readonly situation: Situation
  readonly choice: Choice
}

export interface Walk {
  /** States of a dialogue that can be reached. */
  readonly states: number
  /** Pairs of a state and a situation that were looked at. */
  readonly cases: number
  /** Most failed turns in a row before a person takes over, and the turns that lead there. */
  readonly longest: number
  readonly path: readonly Step[]
  /** What breaks the promise, each with the turns that lead there; empty where it holds. The walk ends with the place that breaks it. */
  readonly broken: readonly { readonly fault: string; readonly path: readonly Step[] }[]
}

/** Parts of the policy's world that a walk is made in. */
export interface World {
  readonly choose: typeof chooseAction
  readonly next: typeof afterAnswer
}

/** A place in the walk. `failed` is counted here, apart from the state's own count, which is what is to be proven. */
interface Place {
  readonly state: DialogueState
  readonly failed: number
  readonly path: readonly Step[]
}

const composer = createComposer('en', {
  intent: { name: 'out_of_scope', confidence: 0 },
  sentiment: { label: 'neutral', score: 1 },
})

/**
 * Walk every state that a dialogue can reach, by the very functions that the chat calls, through every situation that the
 * policy tells apart: breadth first, so that each place is reached by its shortest path.
 * Promise: a message that gives no answer offers a person, and after `maxFailedTurns` failed turns in a row a person takes
 * over. A greeting between them changes nothing; an answer, a recommendation or a person ends the row.
 */
export function walkExits(
  thresholds: Thresholds,
  { choose, next }: World = { choose: chooseAction, next: afterAnswer },
): Walk {
  const seen = new Set<string>()
  const places: Place[] = []
  const broken: { fault: string; path: readonly Step[] }[] = []
  const reach = (place: Place): void => {
    const key = JSON.stringify([place.state, place.failed])
    if (seen.has(key)) return
    seen.add(key)
    places.push(place)
  }
  reach({ state: freshState, failed: 0, path: [] })
  let [cases, longest] = [0, places[0]!]
  // The list grows while it is walked. Places behind a fault are not entered, so it ends whatever the policy does.
  for (let i = 0; i < places.length && broken.length === 0; i++) {
    const place = places[i]!
    if (place.failed > longest.failed) longest = place
    const met = new Set<string>() // what differs only in ways that end alike is followed once
    eachSituation(place.state, thresholds, (situation) => {
      cases++
      const choice = choose(situation, thresholds)
      const key = endOf(choice, situation)
      if (met.has(key)) return
      met.add(key)
      const draft = draftOf(choice)
      const failed = failedAfter(place.failed, draft)
      const path = [...place.path, { situation, choice }]
      const fault = faultOf(draft, failed)
      if (fault !== undefined) broken.push({ fault, path })
      else if (draft.kind !== 'handoff') {
        const completed = { ...draft, mid: '', sentiment: { label: situation.mood, score: 1 } }
        reach({ state: next(place.state, completed, ''), failed, path })
      }
    })
  }
  return { states: seen.size, cases, longest: longest.failed, path: longest.path, broken }
}

/** All of a choice that its message and the state after it depend on. */
function endOf(choice: Choice, { mood }: Situation): string {
  const more =
    'reason' in choice
      ? choice.reason
      : 'template' in choice
        ? choice.template
        : 'offerPerson' in choice && choice.offerPerson
  return `${choice.kind} ${more} ${mood}`
}

const isFailed = ({ kind }: Draft): boolean => kind === 'clarify' || kind === 'abstain'
const failedAfter = (before: number, draft: Draft): number =>
  isFailed(draft) ? before + 1 : draft.kind === 'smalltalk' ? before : 0

function faultOf(draft: Draft, failed: number): string | undefined {
  if (isFailed(draft) && !draft.human) return 'a message without an answer offers no person'
  if (failed > maxFailedTurns) return `more than ${maxFailedTurns} failed turn in a row, and no person`
  return undefined
}

/** The message as the chat composes it, without quotes, which sway nothing here. */
function draftOf(choice: Choice): Draft {
  switch (choice.kind) {
    case 'answer':
      return composer.answer([], [], choice.offerPerson ? '' : undefined)
    case 'handoff':
      return composer.handoff(choice.reason, '')
    case 'smalltalk':
      return composer.smalltalk(choice.template)
    case 'recommend':
      return composer.recommend([])
    case 'clarify':
      return composer.clarify([])
    case 'abstain':
      return composer.abstain()
  }
}

const yesNo = [false, true]
/** The uses that intents have, each once, and none. */
const uses: readonly (IntentUse | undefined)[] = [
  undefined,
  ...new Map(Object.values(intents).map(({ does }) => [JSON.stringify(does), does])).values(),
]

/** Every situation that the policy can tell apart in a state: each number below, on and above each of its thresholds. */
function eachSituation(
  { failedTurns, moodBefore }: DialogueState,
  thresholds: Thresholds,
  visit: (situation: Situation) => void,
): void {
  const confidences = around([thresholds.intent])
  const levels = around([thresholds.topic, thresholds.answer])
  for (const use of uses)
    for (const told of [undefined, ...handoffReasons])
      for (const mood of moods)
        for (const confidence of confidences)
          for (const answerable of levels)
            for (const nearTopics of [0, 1, 2])
              for (const fitting of [0, 1])
                for (const asksForPerson of yesNo)
                  for (const put of puts)
                    for (const noted of yesNo)
                      visit({
                        use,
                        told,
                        noted,
                        mood,
                        moodBefore,
                        confidence,
                        answerable,
                        nearTopics,
                        fitting,
                        asksForPerson,
                        put,
                        failedTurns,
                      })
}

/** 0, 1, every limit and a value between each two of them: what a comparison with the limits can tell apart. */
function around(limits: readonly number[]): number[] {
  const fixed = [...new Set([0, ...limits, 1])].sort((a, b) => a - b)
  return fixed.flatMap((value, i) => (i === 0 ? [value] : [(fixed[i - 1]! + value) / 2, value]))
}
