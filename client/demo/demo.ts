import type { BursarChat } from '../widget/element.ts'

/** The demo page's buttons: some open the chat, some put a question to it. */
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-open], [data-ask]') : null
  const chat = document.querySelector<BursarChat>('bursar-chat')
  if (!button || !chat) return
  const question = button.getAttribute('data-ask')
  if (question === null) chat.open()
  else chat.ask(question)
})
