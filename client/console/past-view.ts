import { html, nothing, type TemplateResult } from 'lit'
import type { ConversationSummary } from '../../server/protocol/reports.ts'
import type { PastFilter } from './past.ts'
import { type Scene, timeOf } from './scene.ts'

/** Past conversations: a search, and a table of what became of them. */
export function pastView(scene: Scene): TemplateResult {
  const { state, desk, words } = scene
  const { past } = state
  return html`<main class="page" aria-label=${words.pages.past}>
    ${searchView(scene)}
    <div aria-live="polite">
      ${past && past.conversations.length === 0 ? html`<p class="hint">${words.nothingFound}</p>` : nothing}
    </div>
    ${past && past.conversations.length > 0 ? tableView(past.conversations, scene) : nothing}
    ${past?.next === undefined ? nothing : html`<button @click=${() => void desk.morePast()}>${words.more}</button>`}
  </main>`
}

function searchView({ state, desk, words }: Scene): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const given = new FormData(event.target)
    const field = (name: keyof PastFilter): string => String(given.get(name) ?? '').trim()
    void desk.lookBack({
      ...{ q: field('q'), intent: field('intent').replaceAll(' ', '_'), agent: field('agent') },
      ...{ reason: field('reason'), from: field('from'), until: field('until') },
    })
  }
  const { q, intent, agent, reason, from, until } = state.pastFilter
  return html`<form class="search" role="search" @submit=${submit}>
    <label class="wide">${words.pastWords}<input type="search" name="q" id="past" .value=${q} maxlength="500" /></label>
    <label>${words.intent}<input name="intent" .value=${intent.replaceAll('_', ' ')} maxlength="64" /></label>
    <label>${words.colleague}<input name="agent" .value=${agent} maxlength="64" /></label>
    <label>${words.handedOver}<select name="reason">
      <option value="">${words.anyReason}</option>
      <option value="none" ?selected=${reason === 'none'}>${words.notHandedOver}</option>
      ${Object.entries(words.reasons).map(
        ([value, name]) => html`<option value=${value} ?selected=${reason === value}>${name}</option>`,
      )}
    </select></label>
    <label>${words.firstDay}<input type="date" name="from" .value=${from} /></label>
    <label>${words.lastDay}<input type="date" name="until" .value=${until} /></label>
    <button class="main">${words.find}</button>
  </form>`
}

function tableView(all: readonly ConversationSummary[], scene: Scene): TemplateResult {
  const { desk, words } = scene
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.pages.past}><table>
    <thead>
      <tr><th>${words.began}</th><th>${words.firstWords}</th><th>${words.handedOver}</th><th>${words.colleague}</th>
        <th class="number">${words.answersOf}</th><th>${words.ended}</th></tr>
    </thead>
    <tbody>
      ${all.map(
        ({ conv, startedAt, said, reason, agent, answers, questions, closedAt }) => html`<tr>
          <td>${timeOf(startedAt, scene)}</td>
          <td><button class="link" @click=${() => void desk.open(conv)}>${said || words.nothingSaid}</button></td>
          <td>${reason === undefined ? '' : (words.reasons[reason] ?? reason)}</td>
          <td>${agent}</td>
          <td class="number">${answers} / ${questions}</td>
          <td>${closedAt === undefined ? '' : timeOf(closedAt, scene)}</td>
        </tr>`,
      )}
    </tbody>
  </table></div>`
}
