import { createComposer } from './composer-view.ts'
import { h, icon, setChildren, setText } from './dom.ts'
import { createMessageView, createPendingView, type Keyed } from './message-view.ts'
import type { Scene } from './source-view.ts'
import { type Message, type Pending, reference, type State, unread } from './state.ts'

export type View = ReturnType<typeof createView>

/** Pixels from the end within which a reader counts as following the conversation. */
const nearEnd = 48

/** The launcher and the panel. Everything received is written as text nodes; nodes are kept, so focus and scroll survive. */
export function createView(scene: Scene) {
  const { strings, acts } = scene
  const messages = new Map<string, Keyed<Message>>()
  const pendings = new Map<string, Keyed<Pending>>()
  let isOpen = false
  let onLatest = true

  const badge = h('span', { class: 'badge' })
  const launcher = h(
    'button',
    {
      type: 'button',
      class: 'launcher',
      'aria-expanded': 'false',
      onclick: () => (isOpen ? acts.close() : acts.open()),
    },
    icon('chat'),
    h('span', { class: 'label' }, strings.launcher),
    badge,
  )
  const header = h(
    'header',
    {},
    h('div', { class: 'name' }, h('h2', { id: 'title' }, strings.title), h('p', {}, strings.subtitle)),
    h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': strings.close, onclick: acts.close },
      icon('close'),
    ),
  )
  const banner = h('div', { class: 'banner', role: 'status', hidden: true })
  const starters = h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': strings.suggestions },
    ...strings.starters.map((text) => chip(text)),
  )
  const greeting = h('div', { class: 'greeting' }, ...strings.greeting.map((text) => h('p', {}, text)))
  const chips = h('div', { class: 'chips', role: 'group', 'aria-label': strings.suggestions })
  const dots = h('p', { class: 'typing' }, h('i'), h('i'), h('i'), h('span', { class: 'sr' }, strings.typing))
  // Not live by itself: streamed pieces would be read out one by one. `announce` speaks once per finished answer.
  const log = h('div', {
    class: 'log',
    role: 'log',
    'aria-live': 'off',
    'aria-label': strings.log,
    tabindex: '0',
    onscroll: follow,
  })
  const latest = h(
    'button',
    { type: 'button', class: 'latest', hidden: true, onclick: toEnd },
    icon('fold'),
    strings.latest,
  )
  const notice = h('div', { class: 'notice', hidden: true })
  const composer = createComposer(scene)
  const ended = h(
    'div',
    { class: 'ended', hidden: true },
    h('p', {}, strings.ended),
    h('button', { type: 'button', class: 'solid', onclick: acts.startNew }, strings.startNew),
  )
  const footer = createFooter(scene)
  const panel = h(
    'section',
    { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', id: 'panel', hidden: true, onkeydown: keyed },
    header,
    banner,
    h('div', { class: 'middle' }, log, latest),
    notice,
    composer.node,
    ended,
    footer.node,
  )
  const spoken = h('p', { class: 'sr', role: 'status' })
  launcher.setAttribute('aria-controls', 'panel')

  function chip(text: string): HTMLElement {
    return h('button', { type: 'button', class: 'chip', onclick: () => acts.send(text) }, text)
  }
  function keyed(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.isComposing) return
    if (event.key === 'Escape') {
      event.stopPropagation()
      acts.close()
    }
    if (event.key === 'Tab' && covers()) keepInside(event)
  }
  /** On a narrow screen the panel lies over the whole page. */
  const covers = (): boolean => panel.clientWidth >= document.documentElement.clientWidth
  function keepInside(event: KeyboardEvent): void {
    const all = [...panel.querySelectorAll<HTMLElement>('button:enabled, a[href], textarea, summary, [tabindex="0"]')]
    const stops = all.filter((one) => one.checkVisibility())
    const [first, last] = [stops[0], stops.at(-1)]
    const here = event.composedPath()[0]
    const beyond = event.shiftKey ? here === first : here === last
    if (!beyond) return
    event.preventDefault()
    ;(event.shiftKey ? last : first)?.focus()
  }

  function follow(): void {
    onLatest = log.scrollHeight - log.clientHeight - log.scrollTop < nearEnd
    if (onLatest) latest.hidden = true
  }
  function toEnd(): void {
    log.scrollTop = log.scrollHeight
    onLatest = true
    latest.hidden = true
  }
  /** Follow the conversation, but never past the beginning of the newest answer: it is read from its top. */
  function scroll(state: State): void {
    if (!onLatest) {
      latest.hidden = false
      return
    }
    const newest = state.messages.at(-1)
    const node =
      newest && newest.by !== 'customer' && state.pending.length === 0 ? messages.get(newest.mid)?.node : undefined
    log.scrollTop = Math.min(log.scrollHeight, node ? node.offsetTop - log.offsetTop - 16 : Number.POSITIVE_INFINITY)
    onLatest = true
  }

  function nodesOf<T>(
    views: Map<string, Keyed<T>>,
    items: readonly T[],
    key: (item: T) => string,
    make: (item: T) => Keyed<T>,
    state: State,
  ) {
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
    const isNew = state.messages.length === 0 && state.pending.length === 0
    const newest = state.messages.at(-1)
    const next = (state.pending.length === 0 && !state.closed && newest?.completed?.next) || []
    if (chips.childElementCount !== next.length || next.some((text, i) => chips.children[i]?.textContent !== text)) {
      chips.replaceChildren(...next.map(chip))
    }
    const writing = state.typing || (newest?.streaming === true && newest.text === '')
    setChildren(log, [
      greeting,
      ...(isNew ? [starters] : []),
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
      ...(writing ? [dots] : []),
      ...(next.length > 0 ? [chips] : []),
    ])
  }

  function renderBanner({ status }: State): void {
    const stopped = status.is === 'stopped' && (status.reason === 'replaced' ? strings.replaced : strings.stopped)
    const text = status.is === 'waiting' ? strings.offline : stopped
    banner.hidden = !text
    if (banner.firstChild?.textContent === (text || undefined)) return
    const again = h('button', { type: 'button', class: 'quiet', onclick: acts.reconnect }, strings.reconnect)
    banner.replaceChildren(...(text ? [h('span', {}, text)] : []), ...(status.is === 'stopped' ? [again] : []))
  }

  function renderNotice(state: State): void {
    const { owner, agent, position } = state
    const handed = !state.closed && (owner === 'queue' || owner === 'agent')
    notice.hidden = !handed
    const ref = reference(state)
    const lines = [
      owner === 'agent' ? strings.personHere(agent ?? '') : strings.waitingForPerson,
      owner === 'queue' && position !== undefined ? strings.position(position) : undefined,
      ref && `${strings.reference} ${ref}`,
    ]
    setText(notice, handed ? lines.filter(Boolean).join(' · ') : '')
  }

  return {
    nodes: [launcher, panel, spoken],
    composer,
    render(state: State): void {
      const count = isOpen ? 0 : unread(state).length
      setText(badge, count === 0 ? '' : String(count))
      launcher.setAttribute('aria-label', count === 0 ? strings.launcher : strings.launcherUnread(count))
      renderBanner(state)
      renderNotice(state)
      renderLog(state)
      composer.node.hidden = state.closed
      ended.hidden = !state.closed
      footer.render(state)
      if (isOpen) scroll(state)
    },
    /** Show or hide the panel. @param focus move the focus along: into the box, or back to the launcher. */
    open(open: boolean, focus: boolean): void {
      const held = panel.matches(':focus-within')
      isOpen = open
      panel.hidden = !open
      launcher.setAttribute('aria-expanded', String(open))
      composer.resize()
      if (open && focus) composer.focus()
      if (!open && held) launcher.focus()
    },
    /** Have a screen reader say this once, when it is idle. */
    announce(text: string): void {
      spoken.textContent = text
    },
  }
}

function createFooter({ strings, acts }: Scene) {
  const quiet = (label: string, act: () => void, ...children: Node[]) =>
    h('button', { type: 'button', class: 'quiet', onclick: act }, ...children, label)
  const human = quiet(strings.human, acts.human, icon('person'))
  const end = quiet(strings.end, () => ask(true))
  const yes = quiet(strings.endYes, () => {
    ask(false)
    acts.end()
  })
  const no = quiet(strings.endNo, () => ask(false))
  const usual = h('div', { class: 'usual' }, human, end)
  const question = h(
    'div',
    { class: 'question', role: 'group', 'aria-label': strings.endQuestion, hidden: true },
    h('span', {}, strings.endQuestion),
    yes,
    no,
  )
  function ask(asking: boolean): void {
    usual.hidden = asking
    question.hidden = !asking
    ;(asking ? no : end).focus()
  }
  return {
    node: h('footer', {}, usual, question),
    render(state: State): void {
      this.node.hidden = state.closed
      human.disabled = state.owner === 'queue' || state.owner === 'agent'
      end.hidden = state.messages.length === 0
    },
  }
}
