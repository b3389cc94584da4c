import type { Summary } from '../storage/history.ts'
import type { DurableEvent } from '../storage/types.ts'

const saidChars = 200

/** A conversation that nothing has happened in. */
const unbegun = (conv: string, at: string): Summary => ({
  ...{ conv, startedAt: at, lastAt: at, closedAt: null, said: null },
  ...{ questions: 0, answers: 0, unanswered: 0 },
  ...{ reason: null, queuedAt: null, claimedAt: null, repliedAt: null, agent: null, rating: null },
})

/** The summary after more events of the log, in order; at least one. Pure. */
export function summarise(conv: string, before: Summary | undefined, events: readonly DurableEvent[]): Summary {
  return events.reduce(after, before ?? unbegun(conv, events[0]!.at))
}

function after(summary: Summary, event: DurableEvent): Summary {
  const { at } = event
  const next = { ...summary, lastAt: at }
  switch (event.t) {
    case 'msg.created':
      if (event.d.by === 'customer')
        return { ...next, questions: next.questions + 1, said: next.said ?? cut(event.d.text ?? '') }
      return event.d.by === 'agent' ? { ...next, repliedAt: next.repliedAt ?? at } : next
    case 'msg.completed':
      if (event.d.kind === 'answer' || event.d.kind === 'recommend') return { ...next, answers: next.answers + 1 }
      return event.d.kind === 'abstain' || event.d.kind === 'clarify'
        ? { ...next, unanswered: next.unanswered + 1 }
        : next
    case 'owner.changed':
      if (event.d.owner === 'queue')
        return { ...next, queuedAt: next.queuedAt ?? at, reason: next.reason ?? event.d.reason ?? null }
      return event.d.owner === 'agent'
        ? { ...next, claimedAt: next.claimedAt ?? at, agent: event.d.agent?.id ?? next.agent }
        : next
    case 'feedback.saved':
      return { ...next, rating: event.d.value }
    case 'conv.state':
      return { ...next, closedAt: event.d.state === 'closed' ? at : next.closedAt }
    default:
      return next
  }
}

const cut = (text: string): string => Array.from(text).slice(0, saidChars).join('')
