import { html, nothing, type TemplateResult } from 'lit'
import type { Scene } from './scene.ts'

/** The page of whoever is not signed in, or may not work here. */
export function signInView({ state, desk, words }: Scene): TemplateResult {
  if (state.me)
    return html`<main class="door">
      <h1>${words.title}</h1>
      <p>${words.noDesk(state.me.user)}</p>
      <button class="main" @click=${() => void desk.signOut()}>${words.signOut}</button>
    </main>`
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const given = new FormData(event.target)
    void desk.signIn(String(given.get('user')).trim().toLowerCase(), String(given.get('password')))
  }
  const fault = state.signInFault
  return html`<main class="door">
    <h1>${words.title}</h1>
    <form @submit=${submit}>
      <label>${words.user}<input name="user" autocomplete="username" required autocapitalize="none" spellcheck="false" autofocus /></label>
      <label>${words.password}<input name="password" type="password" autocomplete="current-password" required /></label>
      <p class="fault" role="alert">${fault === undefined ? nothing : fault === 'wrong' ? words.wrong : words.later}</p>
      <button class="main">${words.signIn}</button>
    </form>
  </main>`
}
