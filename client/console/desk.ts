import type { AgentAck } from '../../server/protocol/agent-events.ts'
import type { SearchFilters } from '../../server/protocol/agent-messages.ts'
import { createLink, RefusedError } from './link.ts'
import { type PastFilter, readPast, readReport } from './past.ts'
import { type Me, signIn, signOut, whoAmI } from './people.ts'
import {
  type ConsoleState,
  emptyConsole,
  following,
  lookedAt,
  type Page,
  type Panel,
  receive,
  type Suggested,
  without,
} from './state.ts'

export interface DeskOptions {
  readonly server: string
  readonly onChange: (state: ConsoleState, before: ConsoleState) => void
}

type Result<K extends string> = Extract<NonNullable<AgentAck['result']>, Record<K, unknown>>
/** The part of an ack that this question is answered by. */
const resultOf = <K extends string>(ack: AgentAck, key: K): Result<K> | undefined =>
  ack.result && key in ack.result ? (ack.result as Result<K>) : undefined // cast: the key tells the answers apart

const messageOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason))

/** Days that a report is of at first. */
const reportedDays = 30
const searchPauseMs = 60
const typingPauseMs = 3_000

/** The console without a page around it: its state, and what can be done. */
export function createDesk({ server, onChange }: DeskOptions) {
  let state = emptyConsole
  let listing = false
  let searching: ReturnType<typeof setTimeout> | undefined
  let typedAt = 0

  function set(change: Partial<ConsoleState>): void {
    update({ ...state, ...change })
  }
  function update(next: ConsoleState): void {
    const before = state
    state = next
    if (next !== before) onChange(next, before)
  }

  const link = createLink({
    server,
    onStatus(status) {
      set({ status, ...(status === 'signed-out' && { me: undefined }) })
      if (status === 'online') void catchUp()
    },
    onFrame(frame) {
      update(receive(state, frame))
      if (frame.t === 'desk.queue') void list()
      if ('conv' in frame && frame.conv === state.open) {
        if (frame.t === 'msg.created' && frame.d.by === 'customer') void suggest()
        look()
      }
    },
  })

  /** Do what may be refused, and show the refusal. @returns whether it was done. */
  async function attempt(work: Promise<unknown>): Promise<boolean> {
    try {
      await work
      set({ problem: undefined })
      return true
    } catch (reason) {
      const problem = reason instanceof RefusedError && reason.code === 'lost' ? 'lost' : messageOf(reason)
      set({ problem })
      return false
    }
  }

  /** After a connection: what waits, and what was missed of each conversation that is followed. */
  async function catchUp(): Promise<void> {
    await list()
    for (const conv of state.chats.keys()) await attempt(follow(conv))
  }

  async function list(): Promise<void> {
    if (listing) return
    listing = true
    try {
      const found = resultOf(await link.ask({ t: 'desk.list', d: {} }), 'mine')
      if (found) set({ items: found.items, mine: found.mine, waiting: found.waiting })
      for (const { conv, agent } of state.mine)
        if (agent?.id === state.me?.user && !state.chats.has(conv)) await attempt(follow(conv))
    } catch {
      // The next connection asks again.
    } finally {
      listing = false
    }
  }

  async function follow(conv: string): Promise<void> {
    update(following(state, conv))
    const seen = state.chats.get(conv)?.seen
    const point = seen && seen.epoch !== '' ? { epoch: seen.epoch, after: seen.last } : {}
    await link.ask({ t: 'desk.open', conv, d: point })
  }

  /** The open conversation has been seen as it is now; for the customer it is read by whoever has it. */
  function look(): void {
    const { open } = state
    const chat = open === undefined ? undefined : state.chats.get(open)
    if (open === undefined || !chat || document.visibilityState !== 'visible' || chat.looked >= chat.seen.last) return
    update(lookedAt(state, open))
    if (chat.seen.owner === 'agent')
      link.ask({ t: 'read', conv: open, d: { upto: chat.seen.last } }).catch(() => undefined)
  }

  async function open(conv: string): Promise<void> {
    const left = state.open
    set({ page: 'desk', open: conv, suggested: undefined, dialog: undefined, problem: undefined })
    if (left !== undefined && left !== conv && !state.mine.some((item) => item.conv === left)) leave(left)
    if (await attempt(follow(conv))) look()
    if (state.panel === 'suggest') void suggest()
  }

  function leave(conv: string): void {
    update(without(state, conv))
    link.ask({ t: 'desk.leave', conv, d: {} }).catch(() => undefined)
  }

  async function suggest(): Promise<void> {
    const conv = state.open
    if (conv === undefined) return
    try {
      const found = resultOf(await link.ask({ t: 'suggest', conv, d: {} }), 'drafts')
      if (found && state.open === conv) set({ suggested: { ...found, conv } satisfies Suggested })
    } catch {
      // What was suggested before stays.
    }
  }

  /** @param q as it is typed; asked for a moment after the last letter. */
  function find(what: 'found' | 'canned', q: string, filters = state.filters): void {
    clearTimeout(searching)
    set({ filters })
    if (q.trim() === '') {
      set(what === 'found' ? { found: undefined } : { canned: undefined })
      return
    }
    searching = setTimeout(() => void searchNow(), searchPauseMs)
    async function searchNow(): Promise<void> {
      await attempt(
        what === 'found'
          ? link.ask({ t: 'search', d: { q: q.trim(), filters } }).then((ack) => {
              set({ found: { q, passages: resultOf(ack, 'passages')?.passages ?? [] } })
            })
          : link.ask({ t: 'canned.find', d: { q: q.trim() } }).then((ack) => {
              set({ canned: { q, passages: resultOf(ack, 'replies')?.replies ?? [] } })
            }),
      )
    }
  }

  async function lookBack(pastFilter: PastFilter): Promise<void> {
    set({ pastFilter })
    await attempt(readPast(server, pastFilter).then((past) => set({ past })))
  }
  async function morePast(): Promise<void> {
    const { past, pastFilter } = state
    if (past?.next === undefined) return
    await attempt(
      readPast(server, pastFilter, past.next).then((more) => {
        if (state.past === past)
          set({ past: { ...more, conversations: [...past.conversations, ...more.conversations] } })
      }),
    )
  }
  async function report(from: string, until: string): Promise<void> {
    set({ reportDays: { from, until } })
    await attempt(readReport(server, from, until).then((found) => set({ report: found })))
  }

  function turnTo(page: Page): void {
    set({ page })
    if (page === 'past') void lookBack(state.pastFilter)
    if (page !== 'report') return
    const { from, until } = state.reportDays
    const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
    void report(from || day(reportedDays - 1), until || day(0))
  }

  async function start(): Promise<void> {
    const me = await whoAmI(server).catch(() => undefined)
    begin(me)
  }
  function begin(me: Me | undefined): void {
    set({ me, starting: false, signInFault: undefined })
    if (me?.permissions.includes('desk:work')) link.connect()
    else set({ status: 'signed-out' })
  }

  return {
    state: (): ConsoleState => state,
    start,
    reconnect: link.connect,
    async signIn(user: string, password: string): Promise<void> {
      const fault = await signIn(server, user, password)
      if (fault) set({ signInFault: fault })
      else await start()
    },
    async signOut(): Promise<void> {
      link.close()
      await signOut(server)
      update({ ...emptyConsole, starting: false, status: 'signed-out' })
    },
    open,
    look,
    suggest,
    find,
    filter: (filters: SearchFilters, q: string): void => find('found', q, filters),
    show: (panel: Panel): void => {
      set({ panel })
      if (panel === 'suggest') void suggest()
    },
    ask: (dialog: ConsoleState['dialog']): void => set({ dialog }),
    turnTo,
    lookBack,
    morePast,
    report,
    help: (help: boolean): void => set({ help }),
    dismissProblem: (): void => set({ problem: undefined }),
    /** @returns whether it was done. */
    async claim(conv: string): Promise<boolean> {
      const isDone = await attempt(link.ask({ t: 'desk.claim', conv, d: {} }))
      await list()
      if (isDone) await open(conv)
      return isDone
    },
    release: (conv: string, to: 'bot' | 'queue') => attempt(link.ask({ t: 'desk.release', conv, d: { to } })),
    async transfer(conv: string, to: string): Promise<void> {
      if (await attempt(link.ask({ t: 'desk.transfer', conv, d: { to } }))) set({ dialog: undefined })
    },
    async end(conv: string, reason: string): Promise<void> {
      if (await attempt(link.ask({ t: 'desk.close', conv, d: { reason } }))) set({ dialog: undefined })
    },
    send: (conv: string, text: string): Promise<boolean> => attempt(link.ask({ t: 'msg.send', conv, d: { text } })),
    note: (conv: string, text: string): Promise<boolean> => attempt(link.ask({ t: 'note.add', conv, d: { text } })),
    closeCase: (conv: string, id: string, reason: string): Promise<boolean> =>
      attempt(link.ask({ t: 'case.update', conv, d: { case: id, status: 'closed', reason } })),
    /** Colleagues see the draft, the customer that somebody types; at most every three seconds. */
    drafting(conv: string, text: string): void {
      const now = Date.now()
      if (text !== '' && now - typedAt < typingPauseMs) return
      typedAt = text === '' ? 0 : now
      link.tell({ t: 'draft', conv, d: { text } })
      link.tell({ t: 'typing', conv, d: { on: text !== '' } })
    },
  }
}
export type Desk = ReturnType<typeof createDesk>
