import { maxTextChars } from '../../server/protocol/limits.ts'
import { button, h, icon, setText } from './dom.ts'
import type { Scene } from './source-view.ts'

/** The count is shown when so many characters are left. */
const warnChars = 500

/** The box for a new message. */
export function createComposer({ strings, acts }: Scene) {
  const count = h('p.count', { id: 'count', role: 'status' })
  const box = h('textarea', {
    rows: '1',
    'aria-label': strings.placeholder,
    'aria-describedby': 'count',
    placeholder: strings.placeholder,
    enterkeyhint: 'send',
    oninput: () => {
      acts.draft(box.value)
      resize()
    },
    onkeydown: (event) => {
      if (event instanceof KeyboardEvent) pressed(event)
    },
  })
  const submitter = button('round.send', undefined, [icon('send')], strings.send)
  const node = h(
    'form',
    {
      onsubmit: (event) => {
        event.preventDefault()
        submit()
      },
    },
    h('div.box', {}, box, submitter),
    count,
  )

  function pressed(event: KeyboardEvent): void {
    // While an input method is composing, Enter picks a word; 229 is how Safari reports the key that ends it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    submit()
  }

  function submit(): void {
    const text = box.value
    if (text.trim() === '' || text.length > maxTextChars) return
    if (!acts.send(text)) {
      setText(count, strings.full)
      return
    }
    box.value = ''
    acts.draft('')
    resize()
    box.focus()
  }

  function resize(): void {
    box.style.height = 'auto'
    box.style.height = `${box.scrollHeight}px`
    const left = maxTextChars - box.value.length
    count.classList.toggle('over', left < 0)
    setText(count, left <= warnChars ? strings.left(left) : '')
    submitter.disabled = left < 0 || box.value.trim() === ''
  }

  return {
    node,
    focus: (): void => box.focus(),
    /** Bring back what was being written before the page was reloaded. */
    fill(text: string): void {
      box.value = text
      resize()
    },
    /** Measure again, after the panel became visible. */
    resize,
  }
}
