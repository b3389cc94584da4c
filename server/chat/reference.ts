import { textOf } from '../answers/citations.ts'
import type { Citation, Part } from '../protocol/events.ts'
import type { NewEvent } from '../storage/types.ts'

/** The reference that an answer gives, if it gives one. */
export const refOf = (parts: readonly Part[]): string | undefined =>
  parts.flatMap((part) => ('tpl' in part ? [part.slots.ref] : [])).find(Boolean)

/** The events with `ref` for every reference in them: a conversation has one, however often it is told. */
export function withReference(events: readonly NewEvent[], ref: string): NewEvent[] {
  const renamed = (part: Part): Part =>
    'tpl' in part && part.slots.ref !== undefined ? { ...part, slots: { ...part.slots, ref } } : part
  return events.map((event) => {
    if (!isCompleted(event)) return event
    const parts = event.d.parts.map(renamed)
    return { ...event, d: { ...event.d, parts, text: textOf(parts, event.d.cites) } }
  })
}

/** Everything that the answers among the events cite. */
export const citesOf = (events: readonly NewEvent[]): Citation[] =>
  events.flatMap((event) => (isCompleted(event) ? event.d.cites : []))

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
