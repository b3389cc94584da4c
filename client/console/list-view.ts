import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ShownDeskItem } from '../../server/protocol/agent-events.ts'
import { minutesSince, type Scene } from './scene.ts'
import { unreadIn } from './state.ts'

/** Who waits, and what people have. */
export function listView(scene: Scene): TemplateResult {
  const { state, desk, words } = scene
  const [first] = state.items
  const isLead = state.me?.permissions.includes('desk:lead') ?? false
  const more = state.waiting - state.items.length
  return html`<nav class="lists" aria-label=${words.title}>
    <section aria-labelledby="waiting">
      <h2 id="waiting">${words.waiting} <span class="count">${state.waiting}</span></h2>
      ${
        first
          ? html`<button class="main wide" @click=${() => void desk.claim(first.conv)}>${words.takeNext}</button>`
          : html`<p class="none">${words.nobodyWaits}</p>`
      }
      <ol>
        ${repeat(
          state.items,
          ({ conv }) => conv,
          (item) => itemView(item, scene),
        )}
      </ol>
      ${more > 0 ? html`<p class="none">${words.beyond(more)}</p>` : nothing}
    </section>
    <section aria-labelledby="mine">
      <h2 id="mine">${isLead ? words.everybodys : words.mine} <span class="count">${state.mine.length}</span></h2>
      ${state.mine.length === 0 ? html`<p class="none">${words.noChats}</p>` : nothing}
      <ol>
        ${repeat(
          state.mine,
          ({ conv }) => conv,
          (item) => itemView(item, scene),
        )}
      </ol>
    </section>
  </nav>`
}

function itemView(item: ShownDeskItem, scene: Scene): TemplateResult {
  const { state, desk, words } = scene
  const { conv, said, reason, since, mood, agent, lastAt } = item
  const chat = state.chats.get(conv)
  const unread = chat && agent?.id === state.me?.user ? unreadIn(chat) : 0
  const last = chat?.seen.messages.findLast(({ by }) => by === 'customer')?.text ?? said
  const at = since ?? lastAt
  const isMine = agent?.id === state.me?.user
  const heading = reason === undefined ? (isMine ? words.withYou : agent?.name) : (words.reasons[reason] ?? reason)
  const isUpset = mood === 'negative' || mood === 'urgent'
  return html`<li>
    <button
      class="item"
      aria-current=${state.open === conv ? 'true' : nothing}
      @click=${() => void desk.open(conv)}
    >
      <span class="top">
        <span class="why">${heading}</span>
        ${isUpset ? html`<span class="mood ${mood}">${words.moods[mood]}</span>` : nothing}
        ${at === undefined ? nothing : html`<time datetime=${at}>${words.minutes(minutesSince(at, scene))}</time>`}
      </span>
      <span class="said">${last || words.nothingSaid}</span>
      ${unread > 0 ? html`<span class="badge" aria-label=${words.unread(unread)}>${unread}</span>` : nothing}
    </button>
  </li>`
}
