import type { AgentAck } from '../../server/protocol/agent-events.ts'
import type { SearchFilters } from '../../server/protocol/agent-messages.ts'
import { reduce } from '../transport/state.ts'
import { createLink, RefusedError } from './link.ts'
import { createLookingBack } from './looking-back.ts'
import { readEarlier } from './past.ts'
import { type Me, signIn, signOut, whoAmI } from './people.ts'
import {
  afresh,
  type ConsoleState,
  emptyConsole,
  following,
  hasIt,
  lastToRead,
  lookedAt,
  type Panel,
  receive,
  type Suggested,
  withChat,
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

/** Most that a transfer is seen late. */
const listPauseMs = 500
const searchPauseMs = 60
const typingPauseMs = 3_000

/** The console without a page around it: its state, and what can be done. */
export function createDesk({ server, onChange }: DeskOptions) {
  let state = emptyConsole
  let listing = false
  let isListingSoon = false
  let searching: ReturnType<typeof setTimeout> | undefined
  let typedAt = 0
  /** What is on its way: pressed again, it is not done again. */
  const underWay = new Set<string>()

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
      // Nothing stays for the next person at this machine.
      if (status === 'signed-out') update({ ...emptyConsole, starting: state.starting, status })
      else set({ status })
      if (status === 'online') void catchUp()
    },
    onFrame(frame) {
      update(receive(state, frame))
      if (frame.t === 'desk.queue') listSoon()
      if (frame.t === 'owner.changed') void list()
      if ('conv' in frame && state.chats.get(frame.conv)?.seen.gap) void attempt(follow(frame.conv))
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
      return true
    } catch (reason) {
      const problem = reason instanceof RefusedError && reason.code === 'lost' ? 'lost' : messageOf(reason)
      set({ problem })
      return false
    }
  }

  /** As {@link attempt}, but not while the same is under way, which over a lost connection may take long. */
  async function attemptOnce(what: string, work: () => Promise<unknown>): Promise<boolean> {
    if (underWay.has(what)) return false
    underWay.add(what)
    set({ problem: undefined })
    const isDone = await attempt(work())
    underWay.delete(what)
    return isDone
  }

  /** Load what lies before the first message that is shown. */
  async function earlier(): Promise<void> {
    const { open } = state
    const seen = open === undefined ? undefined : state.chats.get(open)?.seen
    const before = seen?.messages[0]?.seq
    if (open === undefined || before === undefined) return
    await attemptOnce(`earlier ${open}`, async () => {
      const page = await readEarlier(server, open, before)
      const chat = state.chats.get(open)
      if (chat) update(withChat(state, open, { ...chat, seen: reduce(chat.seen, { t: 'local.earlier', ...page }) }))
    })
  }

  /** After a connection: what waits, and what was missed of each conversation that is followed. */
  async function catchUp(): Promise<void> {
    update(afresh(state))
    await list()
    for (const conv of state.chats.keys()) await attempt(follow(conv))
  }

  /** The queue was told whole; what one has changes seldom, and then is told by its own events, but for a transfer. */
  function listSoon(): void {
    if (isListingSoon) return
    isListingSoon = true
    setTimeout(() => {
      isListingSoon = false
      void list()
    }, listPauseMs)
  }

  async function list(): Promise<void> {
    if (listing) return
    listing = true
    try {
      const found = resultOf(await link.ask({ t: 'desk.list', d: {} }), 'mine')
      if (found) set({ items: found.items, mine: found.mine, waiting: found.waiting })
      const mine = new Set(state.mine.map(({ conv }) => conv))
      for (const conv of [...state.chats.keys()]) if (!mine.has(conv) && conv !== state.open) leave(conv)
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
    if (open === undefined || !chat || document.visibilityState !== 'visible') return
    const upto = lastToRead(chat)
    if (upto <= chat.looked) return
    update(lookedAt(state, open, upto))
    if (hasIt(state, open)) link.ask({ t: 'read', conv: open, d: { upto } }).catch(() => undefined)
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

  async function start(): Promise<void> {
    const me = await whoAmI(server).catch(() => undefined)
    begin(me)
  }
  function begin(me: Me | undefined): void {
    set({ me, starting: false, signInFault: undefined, problem: undefined })
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
    ...createLookingBack(server, () => state, set, attempt),
    help: (help: boolean): void => set({ help }),
    dismissProblem: (): void => set({ problem: undefined }),
    /** @returns whether it was done. */
    async claim(conv: string): Promise<boolean> {
      const isDone = await attemptOnce(`claim ${conv}`, () => link.ask({ t: 'desk.claim', conv, d: {} }))
      await list()
      if (isDone) await open(conv)
      return isDone
    },
    release: (conv: string, to: 'bot' | 'queue') =>
      attemptOnce(`release ${conv}`, () => link.ask({ t: 'desk.release', conv, d: { to } })),
    async transfer(conv: string, to: string): Promise<void> {
      if (await attemptOnce(`transfer ${conv}`, () => link.ask({ t: 'desk.transfer', conv, d: { to } })))
        set({ dialog: undefined })
    },
    async end(conv: string, reason: string): Promise<void> {
      if (await attemptOnce(`close ${conv}`, () => link.ask({ t: 'desk.close', conv, d: { reason } })))
        set({ dialog: undefined })
    },
    earlier,
    /** @returns whether it was sent, now. */
    send: (conv: string, text: string): Promise<boolean> =>
      attemptOnce(`send ${conv}`, () => link.ask({ t: 'msg.send', conv, d: { text } })),
    note: (conv: string, text: string): Promise<boolean> =>
      attemptOnce(`note ${conv}`, () => link.ask({ t: 'note.add', conv, d: { text } })),
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
