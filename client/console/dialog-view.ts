import { html, nothing, type TemplateResult } from 'lit'
import type { Scene } from './scene.ts'

/** What has to be told before a conversation ends or goes to a colleague. */
export function dialogView(conv: string, { state, desk, words }: Scene): TemplateResult | typeof nothing {
  const { dialog } = state
  if (!dialog) return nothing
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const given = String(new FormData(event.target).get('given')).trim()
    if (given === '') return
    void (dialog === 'close' ? desk.end(conv, given) : desk.transfer(conv, given.toLowerCase()))
  }
  const label = dialog === 'close' ? words.endWhy : words.transferTo
  return html`<form class="dialog" @submit=${submit}>
    <label>${label}<input id="given" name="given" required maxlength="500" /></label>
    <button class=${dialog === 'close' ? 'danger' : 'main'}>${dialog === 'close' ? words.end : words.transfer}</button>
    <button type="button" @click=${() => desk.ask(undefined)}>${words.cancel}</button>
  </form>`
}
