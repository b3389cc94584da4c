import type { Desk } from './desk.ts'
import { hasIt, type Panel } from './state.ts'

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement

/** Single letters act while nothing is being written; none has a modifier, so that none of the browser's is taken. */
export function createKeys(desk: Desk, drawNow: () => void): (event: KeyboardEvent) => void {
  /** At once, or the next letter would be taken for a command. */
  const focus = (id: string): void => {
    drawNow()
    document.getElementById(id)?.focus()
  }
  const show = (panel: Panel, field: string): void => {
    desk.show(panel)
    focus(field)
  }

  function step(by: 1 | -1): void {
    const { items, mine, open } = desk.state()
    const all = [...items, ...mine].map(({ conv }) => conv)
    const at = open === undefined ? -1 : all.indexOf(open)
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by]
    if (next !== undefined) void desk.open(next)
  }

  const acts: Readonly<Record<string, () => void>> = {
    j: () => step(1),
    k: () => step(-1),
    t: () => {
      const [first] = desk.state().items
      if (first) void desk.claim(first.conv)
    },
    c: () => {
      const { open } = desk.state()
      if (open !== undefined && !hasIt(desk.state(), open)) void desk.claim(open)
    },
    r: () => focus('reply'),
    n: () => show('notes', 'note'),
    '/': () => show('search', 'search'),
    s: () => show('suggest', 'tab-suggest'),
    '?': () => desk.help(true),
  }

  return (event) => {
    if (event.key === 'Escape') {
      if (desk.state().help) desk.help(false)
      else if (desk.state().dialog) desk.ask(undefined)
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      return
    }
    const { me, page, help } = desk.state()
    if (isField(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    if (!me || help || page !== 'desk') return
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
}
