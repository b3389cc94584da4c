import type { Completed, Recommendation } from '../../server/protocol/events.ts'
import type { Message, Pending, State } from '../transport/state.ts'
import { blocksOf } from './answer-parts.ts'
import { button, h, icon, setText } from './dom.ts'
import { quoteView, type Scene } from './source-view.ts'

/** A node that stays while what it shows changes. */
export interface Keyed<T> {
  readonly node: HTMLElement
  update(item: T, state: State): void
}

const rateable: readonly Completed['kind'][] = ['answer', 'recommend', 'abstain']

/** A message of the log. */
export function createMessageView(scene: Scene, by: Message['by']): Keyed<Message> {
  const { strings } = scene
  const body = h('div.body', {})
  const node = h(
    'article',
    { class: `message ${by}`, 'aria-label': by === 'customer' ? strings.you : strings.title },
    body,
  )
  let streamed: Text | undefined
  let shown: Completed | undefined
  let rating: ReturnType<typeof createRating> | undefined
  let cards: ReturnType<typeof createCard>[] = []

  function stream(text: string): void {
    if (!streamed) {
      streamed = document.createTextNode('')
      body.replaceChildren(h('p.say', {}, streamed))
    }
    // Only what is new is written: a browser keeps a selection in text that is merely added to.
    if (text.startsWith(streamed.data)) streamed.appendData(text.slice(streamed.length))
    else streamed.data = text
  }

  function complete(message: Message, completed: Completed): void {
    cards = completed.recs.map((rec) => createCard(rec, quotesFor(rec, completed, scene), scene))
    body.replaceChildren(...wordsOf(completed, scene), ...cards.map((card) => card.node))
    rating?.node.remove()
    rating = rateable.includes(completed.kind) ? createRating(message.mid, scene) : undefined
    if (rating) node.append(rating.node)
  }

  return {
    node,
    update(message, state) {
      node.classList.toggle('streaming', message.streaming)
      if (message.completed === undefined) stream(message.text)
      else if (message.completed !== shown) complete(message, message.completed)
      shown = message.completed
      rating?.update(message.feedback)
      for (const card of cards) card.update(state.dismissed)
    },
  }
}

function wordsOf(completed: Completed, scene: Scene): HTMLElement[] {
  const blocks = blocksOf(completed)
  if (completed.recs.length > 0) {
    // The reasons stand in the cards below, so here only the sentence that leads to them.
    const [lead] = blocks
    return lead && 'say' in lead ? [h('p.say', {}, lead.say.split('\n\n')[0])] : []
  }
  return blocks.map((block) => ('say' in block ? h('p.say', {}, block.say) : quoteView(block.quote, scene)))
}

/** A card's quotes are those that follow the product's title in the answer. */
function quotesFor(rec: Recommendation, { parts, cites }: Completed, scene: Scene): HTMLElement[] {
  let title: string | undefined
  const quotes = parts.flatMap((part) => {
    if ('tpl' in part) title = part.slots.title ?? title
    const quote = 'cite' in part && title === rec.title ? cites.find(({ k }) => k === part.cite) : undefined
    return quote ? [quote] : []
  })
  const quoted = new Set(quotes.map(({ quote }) => quote))
  const others = rec.reasons.filter((reason) => !quoted.has(reason))
  return [...quotes.map((quote) => quoteView(quote, scene)), ...others.map((reason) => h('p', {}, reason))]
}

function createCard(rec: Recommendation, reasons: readonly HTMLElement[], { strings, acts }: Scene) {
  const actions = h(
    'div.actions',
    {},
    button(
      'outline',
      () => acts.askAbout(rec.product, rec.title),
      [strings.tellMore],
      strings.tellMoreAbout(rec.title),
    ),
    button('quiet', () => acts.dismiss(rec.product), [strings.notForMe], strings.notForMeTitle(rec.title)),
  )
  const node = h('section.card', { 'aria-label': rec.title }, h('h3', {}, rec.title), ...reasons, actions)
  return {
    node,
    update(dismissed: readonly string[]): void {
      if (!dismissed.includes(rec.product) || node.classList.contains('dismissed')) return
      node.classList.add('dismissed')
      const note = h('p', { tabindex: '-1' }, strings.notForMeTitle(rec.title))
      const held = node.matches(':focus-within')
      node.replaceChildren(note)
      if (held) note.focus() // the button that had the focus is gone
    },
  }
}

function createRating(mid: string, { strings, acts }: Scene) {
  const thanks = h('span', { role: 'status' })
  const good = button('round', () => acts.rate(mid, 1), [icon('up')], strings.rateGood)
  const bad = button('round.bad', () => acts.rate(mid, -1), [icon('up')], strings.rateBad)
  const node = h('div.rate', { role: 'group', 'aria-label': strings.rateQuestion }, good, bad, thanks)
  return {
    node,
    update(value: -1 | 1 | undefined): void {
      good.ariaPressed = String(value === 1)
      bad.ariaPressed = String(value === -1)
      setText(thanks, value === undefined ? '' : strings.rated)
    },
  }
}

/** A message of the customer that is not in the log yet. */
export function createPendingView({ strings, acts }: Scene, id: string): Keyed<Pending> {
  const text = h('p.say', {})
  const note = h('p.note', {})
  const node = h('article.message.customer.pending', { 'aria-label': strings.you }, h('div.body', {}, text), note)
  const actions = [
    button('quiet', () => acts.retry(id), [strings.retry]),
    button('quiet', () => acts.discard(id), [strings.discard]),
  ]
  return {
    node,
    update(pending, { status }) {
      setText(text, pending.text)
      if (node.classList.toggle('failed', pending.failed)) note.replaceChildren(strings.failed, ...actions)
      else setText(note, status === 'online' ? strings.sending : strings.waitingToSend)
    },
  }
}
