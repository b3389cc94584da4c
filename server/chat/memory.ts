import type { DurableEvent } from '../protocol/events.ts'
import { emptyProfile, mergeProfiles, type Profile, profileOf } from '../recommend/profile.ts'
import type { Cases } from '../storage/cases.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { createInteractions } from '../storage/interactions.ts'
import type { Right } from '../text/rights-kinds.ts'
import { refOf } from './reference.ts'
import { afterAnswer, type DialogueState, freshState } from './state.ts'

/** What the assistant keeps of one conversation between turns. */
export interface Remembered {
  readonly state: DialogueState
  /** Facts the customer told in this conversation. */
  readonly profile: Profile
  readonly dismissed: ReadonlySet<string>
  /** The customer's messages that no answer has begun for. */
  readonly unanswered: readonly { readonly mid: string; readonly text: string }[]
  /** The customer's words that the answer under way is for. */
  readonly answering: string
  /** Open cases by id, with their rights. */
  readonly cases: ReadonlyMap<string, Right>
  /** The hand-over's reference, once a person has been asked. */
  readonly ref?: string
  /** The reference that was told with the offer of a person. */
  readonly offered?: string
}

const fresh: Remembered = {
  state: freshState,
  profile: emptyProfile,
  dismissed: new Set(),
  unanswered: [],
  answering: '',
  cases: new Map(),
}
/** Events from the end of a log that the memory is read back from. */
const recalledEvents = 500

/** Conversations in use, the least recently used forgotten first. Forgetting loses nothing: the log brings it back. */
export function createMemory(
  size: number,
  conversations: Conversations,
  interactions: Pick<ReturnType<typeof createInteractions>, 'dismissed'>,
  cases: Pick<Cases, 'ofConversation'>,
) {
  const known = new Map<string, Remembered>()

  function keep(conv: string, what: Remembered): void {
    known.delete(conv)
    known.set(conv, what)
    const oldest = known.keys().next().value
    if (known.size > size && oldest !== undefined) known.delete(oldest)
  }

  async function recall(conv: string): Promise<Remembered> {
    const [events, dismissed, stored] = await Promise.all([
      conversations.lastEvents(conv, recalledEvents),
      interactions.dismissed(conv),
      cases.ofConversation(conv),
    ])
    const counting = stored.filter(({ status, type }) => status !== 'closed' || staysClosed(type))
    const told = stored[0] && { offered: stored[0].ref } // the log may reach back less far than the cases
    const memory = events.reduce(after, { ...fresh, ...told })
    return { ...withCases(memory, new Map(counting.map(({ id, type }) => [id, type]))), dismissed }
  }

  return {
    async of(conv: string): Promise<Remembered> {
      const found = known.get(conv) ?? (await recall(conv))
      keep(conv, found)
      return found
    },
    update(conv: string, change: Partial<Remembered>): void {
      const found = known.get(conv)
      if (found) keep(conv, { ...found, ...change })
    },
    /** Take stored events into account; a conversation that is not in memory will read them from the log. */
    heard(conv: string, events: readonly DurableEvent[]): void {
      const found = known.get(conv)
      if (found) keep(conv, events.reduce(after, found))
    },
  }
}

/** The memory after one more event of the log. */
function after(memory: Remembered, event: DurableEvent): Remembered {
  if (event.t === 'case.opened') {
    const cases = new Map(memory.cases).set(event.d.case, event.d.type)
    return withCases({ ...memory, offered: memory.offered ?? event.d.ref }, cases)
  }
  if (event.t === 'case.updated' && event.d.status === 'closed') {
    const { case: id } = event.d
    return withCases(memory, new Map([...memory.cases].filter(([known, type]) => known !== id || staysClosed(type))))
  }
  if (event.t === 'msg.created' && event.d.by === 'customer') {
    const { mid, text = '' } = event.d
    const profile = mergeProfiles(memory.profile, profileOf(text))
    return { ...memory, unanswered: [...memory.unanswered, { mid, text }], profile }
  }
  if (event.t === 'owner.changed' && event.d.owner === 'bot') return afresh(memory)
  if (event.t === 'msg.created' && event.d.by === 'agent') return { ...memory, unanswered: [] }
  if (event.t === 'msg.created') {
    const { re } = event.d
    const answered = memory.unanswered.filter(({ mid }) => re.includes(mid))
    const unanswered = memory.unanswered.filter(({ mid }) => !re.includes(mid))
    return { ...memory, unanswered, answering: answered.map(({ text }) => text).join('\n') }
  }
  if (event.t !== 'msg.completed') return memory
  const ref = refOf(event.d.parts)
  const told = ref === undefined ? {} : event.d.kind === 'handoff' ? { ref } : { offered: ref }
  return { ...memory, state: afterAnswer(memory.state, event.d, memory.answering), answering: '', ...told }
}

/** Back from a person: what was said before is not gone on with, and another hand-over is a new one. */
function afresh({ ref: _, ...memory }: Remembered): Remembered {
  return withCases({ ...memory, state: freshState, unanswered: [], answering: '' }, memory.cases)
}

/** Who wants no marketing wants none after that was seen to. */
const staysClosed = (type: Right): boolean => type === 'opt_out'

function withCases(memory: Remembered, cases: ReadonlyMap<string, Right>): Remembered {
  const { cases: _, ...state } = memory.state
  return { ...memory, cases, state: cases.size === 0 ? state : { ...state, cases: [...new Set(cases.values())] } }
}
