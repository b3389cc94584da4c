import { html, nothing, render, type TemplateResult } from 'lit'
import { chatView } from './chat-view.ts'
import { createDesk } from './desk.ts'
import { createKeys } from './keys.ts'
import { listView } from './list-view.ts'
import { en } from './locales/en.ts'
import { zh } from './locales/zh.ts'
import { pastView } from './past-view.ts'
import type { Me } from './people.ts'
import { reportView } from './report-view.ts'
import type { Scene } from './scene.ts'
import { sideView } from './side-view.ts'
import { signInView } from './sign-in-view.ts'
import { type ConsoleState, pages } from './state.ts'

const isChinese = navigator.language.toLowerCase().startsWith('zh')
const [words, lang] = isChinese ? [zh, 'zh-CN'] : [en, navigator.language]
document.documentElement.lang = isChinese ? 'zh-CN' : 'en' // of the words; dates are as the browser has them

const root = document.getElementById('console')
const texts = new Map<string, string>()
let isDrawing = false
let dialogShown: ConsoleState['dialog']
/** Whoever is this near to the end of a conversation is reading its end. */
const nearPx = 80

const desk = createDesk({
  server: location.origin,
  onChange(state, before) {
    if (before.me && !state.me) texts.clear() // nothing stays for the next person at this machine
    draw()
    document.title = state.waiting > 0 ? `(${state.waiting}) ${words.title}` : words.title // also where nothing is drawn
    notify(state, before)
  },
})

/** At most once per frame of the screen, however many events arrive meanwhile. */
function draw(): void {
  if (isDrawing) return
  isDrawing = true
  requestAnimationFrame(() => {
    isDrawing = false
    drawNow()
  })
}

function drawNow(): void {
  const scene: Scene = { state: desk.state(), desk, words, lang, now: Date.now(), texts, redraw: draw }
  const follows = followsEnd()
  if (root) render(page(scene), root)
  if (follows) toEnd()
  if (desk.state().help) document.getElementById('close-help')?.focus()
  else if (desk.state().dialog && !dialogShown) document.getElementById('given')?.focus()
  dialogShown = desk.state().dialog
}

function page(scene: Scene): TemplateResult | typeof nothing {
  const { state } = scene
  if (state.starting) return nothing
  if (!state.me?.permissions.includes('desk:work') || state.status === 'signed-out') return signInView(scene)
  const body =
    state.page === 'desk'
      ? html`${listView(scene)} ${chatView(scene)} ${sideView(scene)}`
      : state.page === 'past'
        ? pastView(scene)
        : state.me.permissions.includes('desk:lead')
          ? reportView(scene)
          : nothing
  return html`${barView(scene)}
    <div class=${state.page === 'desk' ? 'desk' : 'wide-page'} ?inert=${state.help}>${body}</div>
    ${state.help ? helpView(scene) : nothing}`
}

function barView({ state }: Scene): TemplateResult {
  const { status, problem, me } = state
  const mayAsk = 'Notification' in window && Notification.permission === 'default'
  return html`<header class="bar" ?inert=${state.help}>
    <h1>${words.title}</h1>
    ${navView(me)}
    <p class="status ${status}" role="status">${words.status[status]}</p>
    ${status === 'replaced' ? html`<button class="main" @click=${desk.reconnect}>${words.useHere}</button>` : nothing}
    <p class="problem" role="alert">${
      problem === undefined
        ? nothing
        : html`${problem === 'lost' ? words.lost : problem}
            <button @click=${desk.dismissProblem} aria-label=${words.close}>×</button>`
    }</p>
    ${mayAsk ? html`<button @click=${() => void Notification.requestPermission().then(draw)}>${words.notify}</button>` : nothing}
    <button @click=${() => desk.help(true)} aria-label=${words.keys} title=${words.keys}>?</button>
    <span class="me" title=${words.signedInAs(me?.user ?? '')}>${me?.user}</span>
    <button @click=${() => void desk.signOut()}>${words.signOut}</button>
  </header>`
}

function navView(me: Me | undefined): TemplateResult {
  const isLead = me?.permissions.includes('desk:lead') ?? false
  const shown = pages.filter((page) => page !== 'report' || isLead)
  return html`<nav class="pages" aria-label=${words.pagesLabel}>
    ${shown.map(
      (page) => html`<button
        aria-current=${desk.state().page === page ? 'page' : nothing}
        @click=${() => desk.turnTo(page)}
      >${words.pages[page]}</button>`,
    )}
  </nav>`
}

const helpView = (
  _scene: Scene,
): TemplateResult => html`<div class="sheet" role="dialog" aria-modal="true" aria-labelledby="keys">
  <h2 id="keys">${words.keys}</h2>
  <dl>${words.shortcuts.map(([key, does]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}</dl>
  <button class="main" id="close-help" @click=${() => desk.help(false)}>${words.close}</button>
</div>`

let shown: string | undefined
/** Whether the end of the log is to be in view after the next drawing: it is now, or another conversation is opened. */
function followsEnd(): boolean {
  const log = document.querySelector('.log')
  const isNear = !log || log.scrollHeight - log.scrollTop - log.clientHeight < nearPx
  const isOther = desk.state().open !== shown
  shown = desk.state().open
  return isNear || isOther
}

function toEnd(): void {
  const log = document.querySelector('.log')
  if (log) log.scrollTop = log.scrollHeight
}

/** Tell whoever looks at something else. */
function notify(state: ConsoleState, before: ConsoleState): void {
  if (document.visibilityState === 'visible' || !('Notification' in window) || Notification.permission !== 'granted')
    return
  if (state.waiting > before.waiting) new Notification(words.newWaiting, { tag: 'waiting' })
  for (const { conv } of state.mine) {
    const [was, is] = [before.chats.get(conv)?.seen.last ?? 0, state.chats.get(conv)?.seen]
    if (is && was > 0 && is.last > was && is.messages.at(-1)?.by === 'customer')
      new Notification(words.newMessage, { tag: conv })
  }
}

document.addEventListener('keydown', createKeys(desk, drawNow))
document.addEventListener('visibilitychange', desk.look)
setInterval(draw, 30_000) // waiting times grow
void desk.start()
