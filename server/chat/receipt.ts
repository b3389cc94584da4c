import type { AskResult } from '../engine/jobs.ts'
import type { Profile } from '../recommend/profile.ts'
import type { ReadingReceipt } from '../storage/receipts.ts'
import type { Asked, Evidence } from './evidence.ts'
import type { Action } from './policy.ts'
import type { DialogueState } from './state.ts'

/** What a conversation brings to a question. */
export interface Background {
  readonly state: DialogueState
  readonly profile: Profile
  readonly dismissed: ReadonlySet<string>
}

/** Six digits tell any two scores apart, and take half the room. */
const short = (value: number): number => Math.round(value * 1e6) / 1e6

/** Why a question was answered as it was. Holds what the answer was made of, and nothing that it was not. @param questions of a message that asks more than one. */
export function receiptOf(
  { text, day, role, state, profile, dismissed }: Asked & Background,
  { lang, lookedUp, intent, sentiment, entities, thresholds, readWith, computeMs }: AskResult,
  { choices, quotable, lost, lostAhead = [] }: Pick<Evidence, 'choices' | 'quotable' | 'lost' | 'lostAhead'>,
  action: Action,
  questions?: readonly string[],
): ReadingReceipt {
  const usable = new Set(quotable.map(({ passage }) => passage))
  const candidates = choices.map(({ passage, doc, ver, spans, score, dense, keyword, probability }) => ({
    ...{ passage, doc, ver, spans, score: short(score), dense: short(dense), keyword: short(keyword) },
    ...{ probability: short(probability), quotable: usable.has(passage) },
  }))
  const before = { ...state, facts: profile.facts, dismissed: [...dismissed].sort() }
  return {
    ...{ how: 'read', question: text, day, role, lang, lookedUp, intent, sentiment, entities, thresholds },
    ...{
      candidates,
      action,
      before,
      lost,
      ...(lostAhead.length > 0 && { lostAhead }),
      readWith,
      computeMs: short(computeMs),
      ...(questions && { questions }),
    },
  }
}
