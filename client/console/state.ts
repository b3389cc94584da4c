import type {
  AgentEvent,
  AgentFrame,
  AgentSnapshot,
  FoundPassage,
  ShownDeskItem,
  Suggestion,
} from '../../server/protocol/agent-events.ts'
import type { SearchFilters } from '../../server/protocol/agent-messages.ts'
import type { Completed, CustomerFrame } from '../../server/protocol/events.ts'
import type { ConversationReport } from '../../server/protocol/reports.ts'
import { initialState, reduce, type State } from '../transport/state.ts'
import type { LinkStatus } from './link.ts'
import { noFilter, type PastFilter, type PastPage } from './past.ts'
import type { Me } from './people.ts'

export type Note = AgentSnapshot['d']['notes'][number]

/** One conversation as an agent follows it. */
export interface Chat {
  /** What the customer has seen, event by event. */
  readonly seen: State
  readonly notes: readonly Note[]
  /** What colleagues are writing here, by their names. */
  readonly drafts: ReadonlyMap<string, string>
  /** The customer is typing. */
  readonly typing: boolean
  /** The last event that this person has looked at. */
  readonly looked: number
}

export interface Suggested {
  readonly conv: string
  readonly drafts: readonly Suggestion[]
  readonly intent?: Completed['intent'] | undefined
  readonly sentiment?: Completed['sentiment'] | undefined
}

export interface Found {
  readonly q: string
  readonly passages: readonly FoundPassage[]
}

export const panels = ['suggest', 'search', 'canned', 'notes'] as const
export type Panel = (typeof panels)[number]

export const pages = ['desk', 'past', 'report'] as const
export type Page = (typeof pages)[number]

export interface ConsoleState {
  readonly status: LinkStatus
  readonly me: Me | undefined
  /** Nothing is known yet. */
  readonly starting: boolean
  readonly signInFault: 'wrong' | 'later' | undefined
  readonly items: readonly ShownDeskItem[]
  readonly waiting: number
  readonly mine: readonly ShownDeskItem[]
  readonly chats: ReadonlyMap<string, Chat>
  readonly open: string | undefined
  readonly panel: Panel
  readonly suggested: Suggested | undefined
  readonly found: Found | undefined
  readonly canned: Found | undefined
  readonly filters: SearchFilters
  /** What was refused last, in the server's words. */
  readonly problem: string | undefined
  readonly help: boolean
  readonly page: Page
  readonly pastFilter: PastFilter
  readonly past: PastPage | undefined
  /** First and last day of the report. */
  readonly reportDays: { readonly from: string; readonly until: string }
  readonly report: ConversationReport | undefined
  /** What an action still has to be told. */
  readonly dialog: 'close' | 'transfer' | undefined
}

export const emptyConsole: ConsoleState = {
  status: 'connecting',
  me: undefined,
  starting: true,
  signInFault: undefined,
  items: [],
  waiting: 0,
  mine: [],
  chats: new Map(),
  open: undefined,
  panel: 'suggest',
  suggested: undefined,
  found: undefined,
  canned: undefined,
  filters: {},
  problem: undefined,
  help: false,
  page: 'desk',
  pastFilter: noFilter,
  past: undefined,
  reportDays: { from: '', until: '' },
  report: undefined,
  dialog: undefined,
}

const freshChat: Chat = { seen: initialState, notes: [], drafts: new Map(), typing: false, looked: 0 }

/** The state after one more frame. Pure. */
export function receive(state: ConsoleState, frame: AgentFrame): ConsoleState {
  if (frame.t === 'desk.queue') return { ...state, items: frame.d.items, waiting: frame.d.waiting }
  if (!('conv' in frame)) return state
  const chat = state.chats.get(frame.conv)
  if (!chat) return state
  const next = receiveIn(chat, frame)
  return next === chat ? state : withChat(state, frame.conv, next)
}

type Conversational = Extract<AgentFrame, { conv: string }>
const isStaffs = (frame: Conversational): frame is AgentEvent => frame.t === 'note.added' || frame.t === 'draft'

function receiveIn(chat: Chat, frame: Conversational): Chat {
  if (isStaffs(frame)) return receiveStaffs(chat, frame)
  if (frame.t === 'typing') return frame.d.by === 'customer' ? { ...chat, typing: frame.d.on } : chat
  const seen = reduce(chat.seen, frame as CustomerFrame) // what is left is what a customer gets as well
  const more = frame.t === 'snapshot' ? { notes: frame.d.notes, looked: Math.max(chat.looked, frame.d.read.agent) } : {}
  return seen === chat.seen && frame.t !== 'snapshot' ? chat : { ...chat, ...more, ...writtenBy(frame), seen }
}

/** Who has sent what they were writing writes no more. */
function writtenBy(frame: Conversational): Partial<Chat> {
  if (frame.t !== 'msg.created') return {}
  return frame.d.by === 'customer' ? { typing: false } : frame.d.by === 'agent' ? { drafts: new Map() } : {}
}

function receiveStaffs(chat: Chat, frame: AgentEvent): Chat {
  if (frame.t === 'note.added') {
    if (chat.notes.some(({ nid }) => nid === frame.d.nid)) return chat // the snapshot had it
    return { ...chat, notes: [...chat.notes, frame.d] }
  }
  const drafts = new Map(chat.drafts)
  if (frame.d.text === '') drafts.delete(frame.d.name)
  else drafts.set(frame.d.name, frame.d.text)
  return { ...chat, drafts }
}

export const withChat = (state: ConsoleState, conv: string, chat: Chat): ConsoleState => ({
  ...state,
  chats: new Map(state.chats).set(conv, chat),
})

/** Begin to follow a conversation, or go on. */
export const following = (state: ConsoleState, conv: string): ConsoleState =>
  state.chats.has(conv) ? state : withChat(state, conv, freshChat)

export function without(state: ConsoleState, conv: string): ConsoleState {
  const chats = new Map(state.chats)
  chats.delete(conv)
  return { ...state, chats }
}

/** The last message that is not of staff: reading that is what counts, and a read mark is nothing to be read. */
export const lastToRead = ({ seen }: Chat): number => seen.messages.findLast(({ by }) => by !== 'agent')?.seq ?? 0

/** The conversation has been looked at up to that message. */
export function lookedAt(state: ConsoleState, conv: string, upto: number): ConsoleState {
  const chat = state.chats.get(conv)
  return !chat || chat.looked >= upto ? state : withChat(state, conv, { ...chat, looked: upto })
}

/** After a loss nobody knows who is writing. */
export const afresh = (state: ConsoleState): ConsoleState => ({
  ...state,
  chats: new Map([...state.chats].map(([conv, chat]) => [conv, { ...chat, drafts: new Map(), typing: false }])),
})

/** The customer's messages that this person has not looked at. */
export const unreadIn = ({ seen, looked }: Chat): number =>
  seen.messages.filter(({ by, seq }) => by === 'customer' && seq > looked).length

/** Whether this person has the open conversation. */
export const hasIt = (state: ConsoleState, conv: string): boolean =>
  state.mine.some((item) => item.conv === conv && item.agent?.id === state.me?.user)
