import { html, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Message } from '../transport/state.ts'
import { dialogView } from './dialog-view.ts'
import { openChat, type Scene } from './scene.ts'
import { type Chat, hasIt } from './state.ts'

/** The open conversation: who has it, what was said, and what is answered. */
export function chatView(scene: Scene): TemplateResult {
  const { desk, words } = scene
  const open = openChat(scene)
  if (!open) return html`<main class="chat empty"><p>${words.choose}</p></main>`
  const { conv, chat } = open
  return html`<main class="chat" aria-label=${words.owners[chat.seen.owner] ?? nothing}>
    ${headView(conv, chat, scene)} ${dialogView(conv, scene)}
    <div class="log" role="log" tabindex="0" aria-label=${words.who.customer ?? nothing}>
      ${chat.seen.more ? html`<button @click=${() => void desk.earlier()}>${words.earlier}</button>` : nothing}
      <ol>
        ${repeat(
          chat.seen.messages,
          ({ mid }) => mid,
          (message) => messageView(message, scene),
        )}
      </ol>
      ${chat.typing ? html`<p class="typing">${words.typing}</p>` : nothing}
      ${[...chat.drafts.keys()].map((name) => html`<p class="collision" role="status">${words.writes(name)}</p>`)}
    </div>
    ${composerView(conv, chat, scene)}
  </main>`
}

function headView(conv: string, { seen }: Chat, scene: Scene): TemplateResult {
  const { state, desk, words } = scene
  const mine = hasIt(state, conv)
  const isLead = state.me?.permissions.includes('desk:lead') ?? false
  const held = seen.owner === 'agent'
  const who = mine ? words.withYou : held && seen.agent ? words.withOther(seen.agent) : words.owners[seen.owner]
  const acts = held && (mine || isLead)
  return html`<header class="head">
    <p class="owner ${seen.owner}">${who}</p>
    <div class="acts">
      ${
        seen.owner === 'queue' || seen.owner === 'bot'
          ? html`<button class="main" @click=${() => void desk.claim(conv)}>${words.take}</button>`
          : nothing
      }
      ${
        acts
          ? html`<button @click=${() => void desk.release(conv, 'bot')}>${words.toBot}</button>
              <button @click=${() => void desk.release(conv, 'queue')}>${words.release}</button>
              <button @click=${() => desk.ask('transfer')}>${words.transfer}</button>
              <button class="danger" @click=${() => desk.ask('close')}>${words.end}</button>`
          : nothing
      }
    </div>
  </header>`
}

function messageView(message: Message, { words }: Scene): TemplateResult {
  const { by, text, completed } = message
  const name = message.author ?? words.who[by]
  const cites = completed?.cites ?? []
  const isUpset = completed && completed.sentiment.label !== 'neutral'
  return html`<li class="message ${by}">
    <span class="name">${name}</span>
    <p class="words">${text}</p>
    ${
      cites.length > 0
        ? html`<details>
            <summary>${words.sources(cites.length)}</summary>
            ${cites.map(
              ({ title, ver, quote, from, until }) => html`<blockquote>
                <p>${quote}</p>
                <cite>${title} · ${words.version(ver)}${from === undefined ? '' : ` · ${words.from(from)}`}${
                  until === undefined ? '' : ` · ${words.until(until)}`
                }</cite>
              </blockquote>`,
            )}
          </details>`
        : nothing
    }
    ${
      completed
        ? html`<p class="read">${completed.intent.name.replaceAll('_', ' ')}${
            isUpset ? ` · ${words.moods[completed.sentiment.label]}` : ''
          }</p>`
        : nothing
    }
  </li>`
}

function composerView(conv: string, { seen }: Chat, scene: Scene): TemplateResult {
  const { state, desk, words, texts, redraw } = scene
  if (seen.closed) return html`<p class="foot">${words.endedNote}</p>`
  if (!hasIt(state, conv)) return html`<p class="foot">${words.takeFirst}</p>`
  const write = (text: string): void => {
    texts.set(conv, text)
    desk.drafting(conv, text)
    redraw()
  }
  const send = async (): Promise<void> => {
    const text = texts.get(conv) ?? ''
    if (text.trim() === '') return
    if (!(await desk.send(conv, text))) return
    if (texts.get(conv) === text) write('')
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void send()
  }
  const onInput = (event: Event): void => {
    if (event.target instanceof HTMLTextAreaElement) write(event.target.value)
  }
  return html`<form class="composer" @submit=${(event: Event) => {
    event.preventDefault()
    void send()
  }}>
    <textarea
      id="reply"
      rows="3"
      maxlength="4000"
      aria-label=${words.reply}
      placeholder=${words.reply}
      .value=${live(texts.get(conv) ?? '')}
      @input=${onInput}
      @keydown=${onKey}
    ></textarea>
    <button class="main">${words.send}</button>
  </form>`
}
