import { html, nothing, type TemplateResult } from 'lit'
import type { FoundPassage } from '../../server/protocol/agent-events.ts'
import type { SearchFilters } from '../../server/protocol/agent-messages.ts'
import { openChat, type Scene } from './scene.ts'
import { hasIt } from './state.ts'

/** Searching: policies with filters, or what is usually said. */
export function foundView(scene: Scene): TemplateResult {
  const { state, desk, words, texts } = scene
  const isPolicy = state.panel === 'search'
  const field = isPolicy ? 'search' : 'canned'
  const found = isPolicy ? state.found : state.canned
  const onInput = (event: Event): void => {
    if (!(event.target instanceof HTMLInputElement)) return
    texts.set(field, event.target.value)
    desk.find(isPolicy ? 'found' : 'canned', event.target.value)
  }
  const label = isPolicy ? words.searchFor : words.cannedFor
  return html`
    <input type="search" id=${field} maxlength="500" aria-label=${label} placeholder=${label}
      .value=${texts.get(field) ?? ''} @input=${onInput} />
    ${isPolicy ? filtersView(scene) : nothing}
    <div aria-live="polite">
      ${
        found === undefined
          ? html`<p class="hint">${isPolicy ? words.searchHint : words.cannedHint}</p>`
          : found.passages.length === 0
            ? html`<p class="hint">${words.nothingFound}</p>`
            : nothing
      }
    </div>
    <ol class="cards">${found?.passages.map((passage) => passageView(passage, scene))}</ol>
  `
}

function filtersView({ state, desk, words, texts }: Scene): TemplateResult {
  const set = (change: Partial<Record<keyof SearchFilters, string>>): void => {
    const all = { ...state.filters, ...change }
    const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
    desk.filter(kept, texts.get('search') ?? '')
  }
  const given = (event: Event): string =>
    event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement ? event.target.value : ''
  const { audience = '', collection = '', asOf = '', product = '' } = state.filters
  return html`<div class="filters">
    <label>${words.audience}<select @change=${(event: Event) => set({ audience: given(event) })}>
      ${(
        [
          ['', words.anybody],
          ['customer', words.forCustomers],
          ['agent', words.forStaff],
        ] as const
      ).map(([value, name]) => html`<option value=${value} ?selected=${audience === value}>${name}</option>`)}
    </select></label>
    <label>${words.collection}<input .value=${collection} maxlength="128" @change=${(event: Event) => set({ collection: given(event) })} /></label>
    <label>${words.product}<input .value=${product} maxlength="64" @change=${(event: Event) => set({ product: given(event) })} /></label>
    <label>${words.asOf}<input type="date" .value=${asOf} @change=${(event: Event) => set({ asOf: given(event) })} /></label>
  </div>`
}

/** A passage with the words that were looked for marked; text nodes only. */
function passageView(passage: FoundPassage, scene: Scene): TemplateResult {
  const { state, words, texts, redraw } = scene
  const { doc, ver, title, heading, text, audience, from, until } = passage
  const open = openChat(scene)
  const where = [title, words.version(ver), from && words.from(from), until && words.until(until)]
    .filter(Boolean)
    .join(' · ')
  const insert = (): void => {
    if (!open) return
    texts.set(open.conv, text)
    redraw()
    document.getElementById('reply')?.focus()
  }
  // What is for staff alone, or holds on another day, is not put into a reply.
  const mayUse = state.panel === 'canned' || (audience === 'customer' && state.filters.asOf === undefined)
  const address = `/v1/documents/${encodeURIComponent(doc)}/versions/${ver}/text`
  return html`<li class="card">
    <p class="heading">${heading}</p>
    <p class="words">${marked(passage)}</p>
    <p class="from">${where}${audience === 'agent' ? html` · <b>${words.forStaff}</b>` : nothing}</p>
    <div class="acts">
      ${open && hasIt(state, open.conv) && mayUse ? html`<button @click=${insert}>${words.insert}</button>` : nothing}
      <button @click=${(event: Event) => void copy(event, `${text}\n(${where})`, words.copied)}>${words.copy}</button>
      <a href=${address} target="_blank" rel="noreferrer">${words.wholeText}</a>
    </div>
  </li>`
}

function marked({ text, marks }: FoundPassage): (string | TemplateResult)[] {
  const pieces: (string | TemplateResult)[] = []
  let at = 0
  for (const [start, end] of marks) {
    pieces.push(text.slice(at, start), html`<mark>${text.slice(start, end)}</mark>`)
    at = end
  }
  return [...pieces, text.slice(at)]
}

async function copy(event: Event, text: string, done: string): Promise<void> {
  const button = event.target
  await navigator.clipboard.writeText(text)
  if (button instanceof HTMLElement) button.textContent = done
}
