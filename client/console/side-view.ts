import { html, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { foundView } from './found-view.ts'
import { openChat, type Scene, timeOf } from './scene.ts'
import { hasIt, type Panel, panels } from './state.ts'

/** Beside the conversation: what might be answered, what the bank's texts say, what colleagues noted. */
export function sideView(scene: Scene): TemplateResult {
  const { state, desk, words } = scene
  const tab = (panel: Panel): TemplateResult => html`<button
    role="tab"
    id="tab-${panel}"
    aria-selected=${state.panel === panel}
    aria-controls="panel"
    tabindex=${state.panel === panel ? 0 : -1}
    @click=${() => desk.show(panel)}
  >${words.panels[panel]}</button>`
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    const next = panels[(panels.indexOf(state.panel) + step + panels.length) % panels.length] ?? 'suggest'
    desk.show(next)
    document.getElementById(`tab-${next}`)?.focus()
  }
  return html`<aside class="side">
    <div role="tablist" class="tabs" @keydown=${onKey}>${panels.map(tab)}</div>
    <div role="tabpanel" id="panel" aria-labelledby="tab-${state.panel}" tabindex="0">${panelView(scene)}</div>
  </aside>`
}

function panelView(scene: Scene): TemplateResult {
  switch (scene.state.panel) {
    case 'suggest':
      return suggestView(scene)
    case 'search':
    case 'canned':
      return foundView(scene)
    case 'notes':
      return notesView(scene)
  }
}

function suggestView(scene: Scene): TemplateResult {
  const { state, desk, words, texts, redraw } = scene
  const open = openChat(scene)
  const { suggested } = state
  if (!open || suggested?.conv !== open.conv) return html`<p class="hint">${words.suggestHint}</p>`
  const mine = hasIt(state, open.conv)
  const edit = (text: string): void => {
    texts.set(open.conv, text)
    redraw()
    document.getElementById('reply')?.focus()
  }
  const { drafts, intent, sentiment } = suggested
  return html`
    ${
      intent
        ? html`<dl class="reading">
            <div><dt>${words.intent}</dt><dd>${intent.name.replaceAll('_', ' ')} · ${words.sure(intent.confidence)}</dd></div>
            ${sentiment ? html`<div><dt>${words.mood}</dt><dd>${words.moods[sentiment.label]}</dd></div>` : nothing}
          </dl>`
        : nothing
    }
    <p class="hint">${drafts.length === 0 ? words.noSuggestion : words.suggestHint}</p>
    <ol class="cards">
      ${drafts.map(
        ({ text, cites, probability }) => html`<li class="card">
          <p class="words">${text}</p>
          <p class="from">${cites.map(({ title, ver }) => `${title} · ${words.version(ver)}`).join(' · ')} · ${words.sure(probability)}</p>
          ${
            mine
              ? html`<div class="acts">
                  <button @click=${() => edit(text)}>${words.useIt}</button>
                  <button class="main" @click=${() => void desk.send(open.conv, text)}>${words.sendIt}</button>
                </div>`
              : nothing
          }
        </li>`,
      )}
    </ol>
  `
}

function notesView(scene: Scene): TemplateResult {
  const { desk, words, texts, redraw } = scene
  const open = openChat(scene)
  if (!open) return html`<p class="hint">${words.choose}</p>`
  const { conv, chat } = open
  const field = `note ${conv}`
  const add = async (event: Event): Promise<void> => {
    event.preventDefault()
    const text = texts.get(field) ?? ''
    if (text.trim() === '' || !(await desk.note(conv, text))) return
    texts.delete(field)
    redraw()
  }
  const onInput = (event: Event): void => {
    if (event.target instanceof HTMLTextAreaElement) texts.set(field, event.target.value)
  }
  return html`
    ${casesView(scene)}
    ${chat.notes.length === 0 ? html`<p class="hint">${words.noNotes}</p>` : nothing}
    <ol class="cards">
      ${chat.notes.map(
        ({ by, at, text }) => html`<li class="card note">
          <p class="from"><b>${by}</b> <time datetime=${at}>${timeOf(at, scene)}</time></p>
          <p class="words">${text}</p>
        </li>`,
      )}
    </ol>
    <form class="composer" @submit=${add}>
      <textarea id="note" rows="3" maxlength="4000" aria-label=${words.note} placeholder=${words.note}
        .value=${live(texts.get(field) ?? '')} @input=${onInput}></textarea>
      <button>${words.addNote}</button>
    </form>
  `
}

function casesView(scene: Scene): TemplateResult | typeof nothing {
  const { desk, words } = scene
  const open = openChat(scene)
  if (!open || open.chat.seen.cases.length === 0) return nothing
  const close = (event: SubmitEvent, id: string): void => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    void desk.closeCase(open.conv, id, String(new FormData(event.target).get('why')))
  }
  return html`<section aria-labelledby="cases">
    <h3 id="cases">${words.cases}</h3>
    <ol class="cards">
      ${open.chat.seen.cases.map(
        ({ case: id, type, ref, status, due }) => html`<li class="card case ${status}">
          <p><b>${type.replaceAll('_', ' ')}</b> ${ref}</p>
          <p class="from">${status}${due === undefined ? '' : ` · ${words.due(due)}`}</p>
          ${
            status === 'closed'
              ? nothing
              : html`<form class="acts" @submit=${(event: SubmitEvent) => close(event, id)}>
                  <input name="why" required maxlength="500" aria-label=${words.closeWhy} placeholder=${words.closeWhy} />
                  <button>${words.closeCase}</button>
                </form>`
          }
        </li>`,
      )}
    </ol>
  </section>`
}
