import { type Message, openCases, type Pending, reference, type State, unread } from '../transport/state.ts'
import { createComposer } from './composer-view.ts'
import { button, h, icon, setChildren, setText } from './dom.ts'
import { createFooter } from './footer-view.ts'
import { createMessageView, createPendingView, type Keyed } from './message-view.ts'
import type { Scene } from './source-view.ts'

export type View = ReturnType<typeof createView>

/** Pixels from the end within which a reader counts as following the conversation. */
const nearEnd = 48

/** The launcher and the panel. Everything received is written as text nodes; nodes are kept, so focus and scroll survive. */
export function createView(scene: Scene) {
  const { strings, acts } = scene
  const messages = new Map<string, Keyed<Message>>()
  const pendings = new Map<string, Keyed<Pending>>()
  let isOpen = false
  let follows = true
  let placed = 0 // where the log was scrolled to by itself

  const badge = h('span.badge', {})
  const launcher = button('launcher.solid', acts.open, [icon('chat'), strings.launcher, badge])
  // Plain divisions: the page has its own header and footer.
  const header = h(
    'div.top',
    {},
    h('div', {}, h('h2', { id: 'title' }, strings.title), h('p', {}, strings.subtitle)),
    button('round', acts.close, [icon('close')], strings.close),
  )
  const banner = h('div.banner', { role: 'status', hidden: true })
  const greeting = h('div.greeting', {}, ...strings.greeting.map((text) => h('p', {}, text)))
  const starters = chipsOf(strings.starters)
  const earlier = button('quiet', acts.earlier, [strings.earlier])
  let chips = chipsOf([])
  let chipTexts: readonly string[] = []
  const dots = h('p.typing', {}, h('i'), h('i'), h('i'), h('span.sr', {}, strings.typing))
  // Not live by itself: streamed pieces would be read out one by one. `announce` speaks once per finished answer.
  const log = h('div.log', {
    role: 'log',
    'aria-live': 'off',
    'aria-label': strings.log,
    tabindex: '0',
    onscroll: scrolled,
  })
  const latest = button('round.latest', toEnd, [icon('fold')], strings.latest)
  const notice = h('div.notice', { hidden: true })
  const composer = createComposer(scene)
  const startNew = button('solid', acts.startNew, [strings.startNew])
  const ended = h('div.ended', { hidden: true }, strings.ended, startNew)
  const footer = createFooter(scene)
  const panel = h(
    'section.panel',
    { role: 'dialog', 'aria-labelledby': 'title', hidden: true, onkeydown: keyed },
    header,
    banner,
    h('div.middle', {}, log, latest),
    notice,
    composer.node,
    ended,
    footer.node,
  )
  const spoken = h('p.sr', { role: 'status' })

  function chipsOf(texts: readonly string[]): HTMLElement {
    const ask = (text: string) => button('chip', () => acts.send(text), [text])
    return h('div.chips', { role: 'group', 'aria-label': strings.suggestions }, ...texts.map(ask))
  }

  function keyed(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.isComposing) return
    if (event.key === 'Escape') {
      event.stopPropagation()
      acts.close()
    }
    // On a narrow screen the panel lies over the whole page, where the focus would get lost.
    if (event.key === 'Tab' && panel.clientWidth >= document.documentElement.clientWidth) keepInside(event)
  }
  function keepInside(event: KeyboardEvent): void {
    const all = panel.querySelectorAll<HTMLElement>('button:enabled, a, textarea, summary, .log')
    const stops = [...all].filter((one) => one.checkVisibility())
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]]
    if (event.composedPath()[0] !== from) return
    event.preventDefault()
    to?.focus()
  }

  function scrolled(): void {
    const rest = log.scrollHeight - log.clientHeight - log.scrollTop
    follows = rest < nearEnd || log.scrollTop >= placed - 1
    latest.hidden = rest < nearEnd
  }
  function toEnd(): void {
    log.scrollTop = log.scrollHeight
  }
  /** Follow the conversation, but never past the beginning of the newest answer: it is read from its top. */
  function scroll({ messages: all, pending }: State): void {
    const newest = all.at(-1)
    const answer = newest?.by !== 'customer' && pending.length === 0 ? messages.get(newest?.mid ?? '')?.node : undefined
    if (follows) {
      log.scrollTop = answer ? answer.offsetTop - 16 : log.scrollHeight
      placed = log.scrollTop
    }
    scrolled()
  }

  function nodesOf<T>(
    views: Map<string, Keyed<T>>,
    items: readonly T[],
    key: (item: T) => string,
    make: (item: T) => Keyed<T>,
    state: State,
  ): Node[] {
    const keys = new Set(items.map(key))
    for (const old of views.keys()) if (!keys.has(old)) views.delete(old)
    return items.map((item) => {
      const view = views.get(key(item)) ?? make(item)
      views.set(key(item), view)
      view.update(item, state)
      return view.node
    })
  }

  function renderLog(state: State): void {
    const newest = state.messages.at(-1)
    const next = (state.pending.length === 0 && !state.closed && newest?.completed?.next) || []
    if (next !== chipTexts) chips = chipsOf(next)
    chipTexts = next
    const nodes = [
      ...nodesOf(
        messages,
        state.messages,
        ({ mid }) => mid,
        ({ by }) => createMessageView(scene, by),
        state,
      ),
      ...nodesOf(
        pendings,
        state.pending,
        ({ id }) => id,
        ({ id }) => createPendingView(scene, id),
        state,
      ),
    ]
    if (nodes.length === 0) nodes.push(starters)
    if (state.typing || (newest?.streaming && newest.text === '')) nodes.push(dots)
    if (next.length > 0) nodes.push(chips)
    setChildren(log, [state.more ? earlier : greeting, ...nodes])
  }

  function renderBanner({ status }: State): void {
    if (status === 'connecting') return // an attempt is no news yet: no flicker between one and the next
    const stopped = status === 'stopped' || status === 'erased' ? strings.stopped : ''
    const text = status === 'waiting' ? strings.offline : stopped
    banner.hidden = !text
    if (banner.firstChild?.textContent === text) return
    banner.replaceChildren(
      h('span', {}, text),
      ...(stopped ? [button('quiet', acts.reconnect, [strings.reconnect])] : []),
    )
  }

  function renderNotice(state: State): void {
    const { owner, agent, position } = state
    const ref = reference(state)
    const who = owner === 'agent' ? strings.personHere(agent ?? '') : strings.waitingForPerson
    const place = owner === 'queue' && position ? ` · ${strings.position(position)}` : ''
    const waits = owner === 'queue' || owner === 'agent'
    const cases = openCases(state).map(({ type, due }) =>
      h('p', {}, strings.caseOf[type] + (due ? strings.until(dayOf(due)) : '')),
    )
    notice.hidden = state.closed || (!waits && cases.length === 0)
    notice.replaceChildren(
      h('div', {}, waits ? h('p', {}, who + place) : '', ...cases),
      h('b', {}, ref ? `${strings.reference} ${ref}` : ''),
    )
  }

  /** A day as people write it. */
  const dayOf = (day: string): string =>
    new Date(day).toLocaleDateString(scene.lang, { dateStyle: 'long', timeZone: 'UTC' })

  function renderEnd(state: State): void {
    const held = panel.matches(':focus-within')
    const changed = ended.hidden === state.closed
    composer.node.hidden = state.closed
    ended.hidden = !state.closed
    footer.render(state)
    if (changed && held) (state.closed ? startNew : composer).focus() // what had the focus is hidden now
  }

  return {
    nodes: [launcher, panel, spoken],
    composer,
    render(state: State): void {
      const held = panel.matches(':focus-within')
      const count = unread(state).length
      setText(badge, count === 0 ? '' : String(count))
      launcher.ariaLabel = count === 0 ? strings.launcher : `${strings.launcher}, ${strings.newMessages(count)}`
      renderBanner(state)
      renderNotice(state)
      renderLog(state)
      renderEnd(state)
      // A pressed chip is gone, a used button disabled: the keyboard goes on in the log, where Escape still closes.
      if (held && !panel.querySelector(':focus:not(:disabled)')) log.focus({ preventScroll: true })
      if (isOpen) scroll(state)
    },
    /** Show or hide the panel. @param focus move the focus along: into the box, or back to the launcher. */
    open(open: boolean, focus: boolean): void {
      const held = panel.matches(':focus-within')
      isOpen = open
      panel.hidden = !open
      launcher.hidden = open
      composer.resize()
      if (open && focus) composer.focus()
      if (!open && held) launcher.focus()
    },
    /** The customer has sent something: go on to the end, wherever they were reading. */
    follow(): void {
      follows = true
    },
    /** Have a screen reader say this once, when it is idle. */
    announce(text: string): void {
      spoken.textContent = text
    },
  }
}
