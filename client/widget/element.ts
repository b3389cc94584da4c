import type { Completed } from '../../server/protocol/events.ts'
import { createStore, type Store } from '../transport/store.ts'
import { en, type Strings } from './locales/en.ts'
import { zh } from './locales/zh.ts'
import { createSession, type Session } from './session.ts'
import type { Acts } from './source-view.ts'
import baseStyles from './styles/base.css?inline'
import messageStyles from './styles/message.css?inline'
import panelStyles from './styles/panel.css?inline'
import { createView, type View } from './view.ts'

// Read while the script runs: later there is no current script.
const scriptUrl = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : ''
const sheet = new CSSStyleSheet()
sheet.replaceSync(baseStyles + panelStyles + messageStyles)

const draftKey = 'bursar:draft'
const locales: Readonly<Record<string, Strings>> = { en, zh }

/**
 * `<bursar-chat server? lang? open?>`: the chat as a launcher in the corner of a page and a panel above it.
 * `server`: origin of the chat's server, by default that of this script. `lang`: `en` or `zh`, by default the page's.
 * `open`: there while the panel is open. Fires `bursar:answer` (detail: the content of `msg.completed`) for each finished
 * answer. Nothing is sent to the server before a visitor opens the panel for the first time.
 */
export class BursarChat extends HTMLElement {
  static readonly observedAttributes = ['lang', 'open']
  readonly #root = this.attachShadow({ mode: 'open' })
  #session: Session | undefined
  #view: View | undefined
  #tab: Store | undefined
  #mounted: AbortController | undefined
  #strings = en
  #frame = 0

  connectedCallback(): void {
    if (this.#mounted) {
      this.#render() // moved within the page: everything goes on, but the browser forgets how far it was scrolled
      return
    }
    this.#mounted = new AbortController()
    this.#root.adoptedStyleSheets = [sheet]
    this.#begin(this.#mounted.signal)
  }

  disconnectedCallback(): void {
    // Pages move widgets between tabs and dialogs. Only one still detached a microtask later is really gone.
    queueMicrotask(() => {
      if (this.isConnected) return
      this.#mounted?.abort()
      this.#session?.connection.close()
      cancelAnimationFrame(this.#frame)
      this.#root.replaceChildren()
      this.#mounted = this.#session = this.#view = this.#tab = undefined
    })
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#session || before === now) return
    if (name === 'lang') this.#show()
    else this.#opened(now !== null, true)
  }

  /** Show the panel and put the cursor in the box. */
  open(): void {
    this.setAttribute('open', '')
  }

  /** Hide the panel; the conversation goes on. */
  close(): void {
    this.removeAttribute('open')
  }

  /** Show the panel and send this question as the customer's. */
  ask(question: string): void {
    this.open()
    this.#session?.send(question)
  }

  get #lang(): string {
    return this.closest('[lang]')?.getAttribute('lang') || navigator.language
  }

  #begin(signal: AbortSignal): void {
    const kept = createStore(() => localStorage)
    const server = new URL(this.getAttribute('server') || scriptUrl || location.href, location.href).origin
    this.#tab = createStore(() => sessionStorage)
    const session = createSession({
      server,
      kept,
      tab: this.#tab,
      lang: () => this.#lang,
      openSocket: (url, protocol) => new WebSocket(url, protocol),
      fetch: (url, init) => fetch(url, init),
      onChange: () => this.#render(),
      onAnswer: (completed) => this.#answered(completed),
    })
    this.#session = session
    addEventListener('online', () => session.connection.wake(), { signal })
    addEventListener('offline', () => session.connection.sleep(), { signal })
    addEventListener('storage', (event) => session.followStorage(event.key), { signal })
    document.addEventListener('visibilitychange', () => this.#backInView(), { signal })
    this.#show()
    session.resume()
  }

  /** Build the view in the current language, from the state as it is. */
  #show(): void {
    const session = this.#session
    if (!session) return
    const lang = this.#lang
    this.#strings = locales[lang.toLowerCase().split('-')[0] ?? ''] ?? en
    this.#view = createView({ strings: this.#strings, lang, acts: this.#acts(session) })
    this.#root.replaceChildren(...this.#view.nodes)
    this.#view.composer.fill(this.#tab?.get(draftKey) ?? '')
    this.#opened(this.hasAttribute('open'), false)
  }

  #acts(session: Session): Acts {
    return {
      ...session,
      open: () => this.open(),
      send: (text) => {
        this.#view?.follow()
        return session.send(text)
      },
      reconnect: session.connection.restart,
      earlier: () => void session.earlier(),
      close: () => this.close(),
      askAbout: (product, title) => {
        session.product(product, 'click')
        this.#view?.follow()
        session.send(this.#strings.tellMoreAbout(title))
      },
      dismiss: (product) => session.product(product, 'dismiss'),
      draft: (text) => (text ? this.#tab?.set(draftKey, text) : this.#tab?.remove(draftKey)),
      loadText: (citation) => loadText(session.textUrl(citation)),
    }
  }

  #opened(open: boolean, focus: boolean): void {
    if (open) this.#session?.connection.start()
    this.#view?.open(open, focus)
    this.#renderNow()
  }

  /** At most once per frame of the screen, however many pieces of an answer arrive meanwhile. */
  #render(): void {
    this.#frame ||= requestAnimationFrame(() => this.#renderNow())
  }

  #renderNow(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    const session = this.#session
    if (!session) return
    const state = session.state()
    this.#view?.render(state)
    if (this.hasAttribute('open') && document.visibilityState === 'visible') session.seen()
  }

  #backInView(): void {
    if (document.visibilityState !== 'visible') return
    this.#session?.connection.wake()
    this.#render()
  }

  #answered(completed: Completed): void {
    const open = this.hasAttribute('open')
    this.#view?.announce(open ? completed.text.replaceAll('\t', ', ') : this.#strings.newMessages(1))
    this.dispatchEvent(new CustomEvent('bursar:answer', { detail: completed, bubbles: true, composed: true }))
  }
}

async function loadText(url: string): Promise<string> {
  const response = await fetch(url, { credentials: 'omit' })
  if (!response.ok) throw new Error(`the document answered ${response.status}`)
  return response.text()
}
