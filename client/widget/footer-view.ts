import type { State } from '../transport/state.ts'
import { button, h, icon } from './dom.ts'
import type { Scene } from './source-view.ts'

/** The line below the box: a person is always one press away, and so is the end of the chat, after one question. */
export function createFooter({ strings, acts }: Scene) {
  const human = button('quiet', acts.human, [icon('person'), strings.human])
  const end = button('quiet.end', () => ask(true), [strings.end])
  const no = button('quiet', () => ask(false), [strings.endNo])
  const yes = button('quiet', confirmed, [strings.endYes])
  const question = [h('span', {}, strings.endQuestion), yes, no]
  const node = h('div.foot', {}, human, end)

  function ask(asking: boolean): void {
    node.replaceChildren(...(asking ? question : [human, end]))
    ;(asking ? no : end).focus()
  }
  function confirmed(): void {
    ask(false)
    acts.end()
  }

  return {
    node,
    render({ closed, owner, messages }: State): void {
      node.hidden = closed
      human.disabled = owner === 'queue' || owner === 'agent'
      end.hidden = messages.length === 0
    },
  }
}
