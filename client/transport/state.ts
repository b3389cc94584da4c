import type {
  Completed,
  CustomerFrame,
  DurableEvent,
  DurableType,
  EphemeralEvent,
  ShownCase,
  Snapshot,
  StoredMessage,
} from '../../server/protocol/events.ts'
import type { Status } from './connection.ts'

export interface Message {
  readonly mid: string
  /** Place in the conversation's log, from 1. */
  readonly seq: number
  readonly by: 'bot' | 'agent' | 'customer'
  /** Who of the staff wrote it, where that was seen. */
  readonly author?: string
  readonly text: string
  readonly streaming: boolean
  /** Number of the last piece that was streamed. */
  readonly pieces: number
  readonly completed?: Completed
  readonly feedback?: -1 | 1
}

/** A message of this customer that the log does not hold yet. `mid` is known once the server has acknowledged it. */
export interface Pending {
  readonly id: string
  readonly text: string
  readonly failed: boolean
  readonly mid?: string
}

export interface State {
  readonly status: Status
  /** Empty until the server has said where it stands. */
  readonly epoch: string
  /** The last durable event that was applied. */
  readonly last: number
  /** Events are missing: the connection has to resume from `last`. */
  readonly gap: boolean
  readonly messages: readonly Message[]
  /** There are earlier messages than these. */
  readonly more: boolean
  readonly owner: 'bot' | 'queue' | 'agent' | 'closed'
  readonly agent: string | undefined
  readonly closed: boolean
  /** The customer has seen everything up to this event. */
  readonly read: number
  readonly typing: boolean
  readonly position: number | undefined
  readonly pending: readonly Pending[]
  readonly dismissed: readonly string[]
  /** Rights that the customer has invoked, oldest first. */
  readonly cases: readonly ShownCase[]
}

/** What happens on this side of the wire. */
export type Local =
  | { readonly t: 'local.status'; readonly status: Status }
  | { readonly t: 'local.sent'; readonly id: string; readonly text: string }
  | { readonly t: 'local.failed' | 'local.dropped'; readonly id: string }
  | { readonly t: 'local.rated'; readonly mid: string; readonly value: -1 | 1 }
  | { readonly t: 'local.dismissed'; readonly product: string }
  | { readonly t: 'local.earlier'; readonly messages: readonly StoredMessage[]; readonly more: boolean }
  /** Another conversation begins; what still waits to be sent goes along. */
  | { readonly t: 'local.conversation' }
export type Action = CustomerFrame | Local

export const initialState: State = {
  status: 'idle',
  epoch: '',
  last: 0,
  gap: false,
  messages: [],
  more: false,
  owner: 'bot',
  agent: undefined,
  closed: false,
  read: 0,
  typing: false,
  position: undefined,
  pending: [],
  dismissed: [],
  cases: [],
}

/**
 * The state after one more frame or local act. Pure. A durable event counts only when it is the very next one: an earlier
 * one was seen before, a later one means that something is missing (`gap`).
 */
export function reduce(state: State, action: Action): State {
  if (action.t.startsWith('local.')) return reduceLocal(state, action as Local) // the prefix is what tells them apart
  if ('seq' in action && 'at' in action) return reduceDurable(state, action)
  switch (action.t) {
    case 'snapshot':
      return fromSnapshot(state, action)
    case 'welcome':
      // A conversation that both sides know nothing of needs no replay; any other way in brings one.
      if (action.resume === 'fresh') return { ...state, epoch: action.epoch, gap: action.head > state.last }
      return state
    case 'live':
      return { ...state, epoch: action.epoch, gap: action.head > state.last }
    case 'ack':
      return acknowledged(state, action.re, action.mid)
    case 'err':
      return action.re === undefined || action.temporary ? state : failed(state, action.re)
    case 'msg.delta':
    case 'typing':
    case 'queue':
      return reduceEphemeral(state, action)
    default:
      return state // of a later version
  }
}

function reduceDurable(state: State, event: DurableEvent): State {
  if (event.seq <= state.last) return state
  if (event.seq > state.last + 1) return { ...state, gap: true }
  // The table is complete by type; an event of a later version has no line and only moves the count.
  const apply = durable[event.t] as ((state: State, event: DurableEvent) => State) | undefined
  return { ...(apply?.(state, event) ?? state), last: event.seq }
}

type Apply<T extends DurableType> = (state: State, event: Extract<DurableEvent, { t: T }>) => State
/** One line per durable event: a new one in the protocol does not compile until it has one here. */
const durable: { readonly [T in DurableType]: Apply<T> } = {
  'msg.created': (state, { seq, d }) => ({
    ...state,
    typing: d.by === 'customer' ? state.typing : false,
    messages: [
      ...state.messages,
      {
        ...{ mid: d.mid, seq, by: d.by, text: d.text ?? '', streaming: d.status === 'streaming', pieces: 0 },
        ...(d.by === 'agent' && state.agent !== undefined && { author: state.agent }),
      },
    ],
    pending: state.pending.filter(({ mid }) => mid !== d.mid),
  }),
  'msg.completed': (state, { d }) => ({
    ...change(state, d.mid, { text: d.text, completed: d, streaming: false, pieces: 0 }),
    typing: false,
  }),
  'owner.changed': (state, { d }) => ({
    ...state,
    owner: d.owner,
    agent: d.agent?.name,
    closed: d.owner === 'closed' || state.closed,
    position: undefined,
    typing: false,
  }),
  'case.opened': (state, { d }) => ({ ...state, cases: [...state.cases, { ...d, status: 'open' }] }),
  'case.updated': (state, { d }) => ({
    ...state,
    cases: state.cases.map((one) => (one.case === d.case ? { ...one, ...d } : one)),
  }),
  'rec.shown': (state) => state, // the cards stand in the message itself
  'feedback.saved': (state, { d }) => change(state, d.mid, { feedback: d.value }),
  'conv.state': (state, { d }) => ({ ...state, closed: d.state === 'closed' }),
  read: (state, { d }) => (d.by === 'customer' ? { ...state, read: Math.max(state.read, d.upto) } : state),
}

function reduceEphemeral(state: State, event: EphemeralEvent): State {
  if (event.t === 'typing') return event.d.by === 'customer' ? state : { ...state, typing: event.d.on }
  if (event.t === 'queue') return { ...state, position: event.d.position }
  const { mid, n, off, text, snap } = event.d
  const message = state.messages.find((one) => one.mid === mid)
  if (!message?.streaming) return state
  // A piece that leaves a hole is dropped; the completed message brings the whole text in any case.
  if (!snap && (n !== message.pieces + 1 || off !== message.text.length)) return state
  return change(state, mid, { text: snap ? text : message.text + text, pieces: n })
}

function fromSnapshot(state: State, { epoch, head, d }: Snapshot): State {
  if (epoch === state.epoch && head < state.last) return { ...state, gap: false }
  const messages = d.messages.map(fromStored)
  const known = new Set(messages.map(({ mid }) => mid))
  return {
    ...state,
    epoch,
    last: head,
    gap: false,
    messages,
    cases: d.cases,
    more: d.more,
    owner: d.owner,
    agent: d.agent?.name,
    closed: d.state === 'closed',
    read: d.read.customer,
    typing: false,
    position: undefined,
    pending: state.pending.filter(({ mid }) => mid === undefined || !known.has(mid)),
  }
}

/** A message as a snapshot or the page of earlier messages holds it. */
function fromStored(stored: StoredMessage): Message {
  const { mid, seq, by, completed, feedback } = stored
  return {
    mid,
    seq,
    by,
    text: completed?.text ?? stored.text,
    streaming: by === 'bot' && completed === undefined && stored.text === '',
    pieces: 0,
    ...(completed && { completed }),
    ...(feedback && { feedback }),
  }
}

function reduceLocal(state: State, action: Local): State {
  switch (action.t) {
    case 'local.status':
      return { ...state, status: action.status, typing: false }
    case 'local.sent':
      return { ...state, pending: [...state.pending, { id: action.id, text: action.text, failed: false }] }
    case 'local.failed':
      return failed(state, action.id)
    case 'local.dropped':
      return { ...state, pending: state.pending.filter(({ id }) => id !== action.id) }
    case 'local.rated':
      return change(state, action.mid, { feedback: action.value }) // shown at once, confirmed by the log
    case 'local.dismissed':
      return { ...state, dismissed: [...state.dismissed, action.product] }
    case 'local.earlier': {
      const known = new Set(state.messages.map(({ mid }) => mid))
      const before = action.messages.filter(({ mid }) => !known.has(mid)).map(fromStored)
      return { ...state, messages: [...before, ...state.messages], more: action.more }
    }
    case 'local.conversation':
      return { ...initialState, status: state.status, pending: state.pending }
  }
}

/** The ack names the message; the log may have brought it already. */
function acknowledged(state: State, id: string, mid: string | undefined): State {
  if (mid === undefined || !state.pending.some((one) => one.id === id)) return state
  const there = state.messages.some((message) => message.mid === mid)
  const pending = there
    ? state.pending.filter((one) => one.id !== id)
    : state.pending.map((one) => (one.id === id ? { ...one, mid } : one))
  return { ...state, pending }
}

const failed = (state: State, id: string): State => ({
  ...state,
  pending: state.pending.map((one) => (one.id === id ? { ...one, failed: true } : one)),
})

function change(state: State, mid: string, changes: Partial<Message>): State {
  return { ...state, messages: state.messages.map((one) => (one.mid === mid ? { ...one, ...changes } : one)) }
}

/** Cases that the customer still waits for; that a person was asked for is told elsewhere. */
export const openCases = (state: State): readonly ShownCase[] =>
  state.cases.filter(({ type, status }) => type !== 'human' && status !== 'closed')

/** Finished messages from the other side that the customer has not seen. */
export const unread = (state: State): readonly Message[] =>
  state.messages.filter(({ by, streaming, seq }) => by !== 'customer' && !streaming && seq > state.read)

/** The reference under which a person takes over, from the newest hand-over. */
export function reference(state: State): string | undefined {
  for (const { completed } of state.messages.toReversed()) {
    for (const part of completed?.parts ?? []) if ('tpl' in part && part.slots.ref) return part.slots.ref
  }
  return undefined
}
