import { textOf } from '../answers/citations.ts'
import { say, type TemplateLang } from '../answers/templates.ts'
import type { Citation, Part } from '../protocol/events.ts'
import type { Wait } from '../storage/desk.ts'
import type { NewEvent } from '../storage/types.ts'
import type { Draft } from './compose.ts'

/** The reference that an answer gives, if it gives one. */
export const refOf = (parts: readonly Part[]): string | undefined =>
  parts.flatMap((part) => ('tpl' in part ? [part.slots.ref] : [])).find(Boolean)

/** The events with `ref` for every reference in them: a conversation has one, however often it is told. */
export function withReference(events: readonly NewEvent[], ref: string): NewEvent[] {
  const renamed = (part: Part): Part =>
    'tpl' in part && part.slots.ref !== undefined ? { ...part, slots: { ...part.slots, ref } } : part
  return events.map((event) => {
    if (isOpened(event)) return { t: event.t, d: { ...event.d, ref } }
    if (!isCompleted(event)) return event
    const parts = event.d.parts.map(renamed)
    return { ...event, d: { ...event.d, parts, text: textOf(parts, event.d.cites) } }
  })
}

/** Advice that nobody may have to wait for. */
const urgentReasons: readonly (string | undefined)[] = ['fraud', 'crisis']

/** The wait that the events begin, if they do: whoever is being robbed or in danger comes before all others. */
export function waitFor(events: readonly NewEvent[], at: string): Wait | undefined {
  const asked = events.find((event): event is NewEvent<'owner.changed'> => event.t === 'owner.changed')
  if (!asked) return undefined
  const { reason = 'human' } = asked.d
  return { at, reason, priority: urgentReasons.includes(reason) ? 0 : 1 }
}

/** Why the answer among the events cannot wait, if it is told so. */
export const urgencyIn = (events: readonly NewEvent[]): string | undefined =>
  events.flatMap((event) => (isCompleted(event) && urgentReasons.includes(event.d.reason) ? [event.d.reason] : []))[0]

export const isCallForPerson = (event: NewEvent): boolean => isOpened(event) && event.d.type === 'human'

const isCaseNote = (part: Part): boolean => 'tpl' in part && part.tpl.startsWith('case.')

/**
 * What is said to somebody who waits for a person already: what the documents answer, what must not wait, and what was noted
 * as a case; nothing else. Undefined if that is nothing but the notice that a person has been asked.
 */
export function whileWaiting(draft: Draft, ref: string, lang: TemplateLang): Draft | undefined {
  const noted = draft.parts.filter(isCaseNote)
  if (draft.kind === 'handoff' && urgentReasons.includes(draft.reason)) return draft
  if (draft.kind !== 'answer') return noted.length === 0 ? undefined : waitingWith(draft, noted, ref, lang)
  const told = draft.parts.filter((part) => !('tpl' in part) || part.slots.ref === undefined || isCaseNote(part)) // no second offer of a person
  const parts = [...told, say('answer.also', lang), say('handoff.waiting', lang, { ref })]
  return { ...draft, parts, text: textOf(parts, draft.cites), human: true }
}

function waitingWith(draft: Draft, noted: readonly Part[], ref: string, lang: TemplateLang): Draft {
  const parts = [say('handoff.waiting', lang, { ref }), ...noted]
  return {
    ...draft,
    kind: 'handoff',
    reason: 'human',
    parts,
    text: textOf(parts, []),
    ...{ cites: [], recs: [], next: [] },
    human: true,
  }
}

/** Everything that the answers among the events cite. */
export const citesOf = (events: readonly NewEvent[]): Citation[] =>
  events.flatMap((event) => (isCompleted(event) ? event.d.cites : []))

export const isOpened = (event: NewEvent): event is NewEvent<'case.opened'> => event.t === 'case.opened'
const isCompleted = (event: NewEvent): event is NewEvent<'msg.completed'> => event.t === 'msg.completed'

/** Runs work of one conversation one after the other, of several side by side. */
export function createQueue() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(conv: string, work: () => Promise<T>): Promise<T> => {
    const next = (last.get(conv) ?? Promise.resolve()).then(work)
    const ended = next
      .catch(() => undefined) // whoever waits for `next` sees it
      .then(() => {
        if (last.get(conv) === ended) last.delete(conv)
      })
    last.set(conv, ended)
    return next
  }
}
