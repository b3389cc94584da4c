import type { Citation } from '../../server/protocol/events.ts'
import { passageOf } from './answer-parts.ts'
import { contextOf, type Stretch } from './context.ts'
import { h, icon } from './dom.ts'
import type { Strings } from './locales/en.ts'

/** What the parts of a message need besides the message. */
export interface Scene {
  readonly strings: Strings
  /** BCP 47, for dates. */
  readonly lang: string
  readonly acts: Acts
}
/** What the customer can do; the view only calls these. */
export interface Acts {
  readonly open: () => void
  readonly close: () => void
  /** @returns false when the message could not be taken; it then stays in the box. */
  readonly send: (text: string) => boolean
  readonly retry: (id: string) => void
  readonly discard: (id: string) => void
  readonly human: () => void
  readonly end: () => void
  readonly startNew: () => void
  readonly reconnect: () => void
  /** Load the messages before the first one shown. */
  readonly earlier: () => void
  readonly rate: (mid: string, value: -1 | 1) => void
  readonly askAbout: (product: string, title: string) => void
  readonly dismiss: (product: string) => void
  readonly draft: (text: string) => void
  readonly textUrl: (citation: Citation) => string
  /** The text of the cited version. Rejects when it cannot be had. */
  readonly loadText: (citation: Citation) => Promise<string>
}

/** A passage of the bank's documents, with its source to unfold. */
export function quoteView(citation: Citation, scene: Scene): HTMLElement {
  const passage = passageOf(citation)
  const words = 'text' in passage ? passage.text : rowsView(passage.rows)
  return h('figure.quote', {}, h('blockquote', {}, words), h('figcaption', {}, sourceView(citation, scene)))
}

function rowsView(rows: readonly (readonly { name: string; value: string }[])[]): HTMLElement {
  const cells = rows.flatMap((row) => row.filter(({ name, value }) => name || value))
  return h(
    'dl.row',
    {},
    ...cells.map(({ name, value }) =>
      h('div', { class: name ? false : 'head' }, h('dt', {}, name || value), name ? h('dd', {}, value) : undefined),
    ),
  )
}

function summaryOf({ k, title, page }: Citation, { strings }: Scene): HTMLElement {
  const name = page === undefined ? title : strings.onPage(title, page)
  return h(
    'summary',
    { 'aria-label': strings.source(k, name) },
    h('span.k', {}, String(k)),
    ' ', // the name above has to hold what is seen, to be found by people who speak to their browser
    h('span', {}, name),
    icon('fold'),
  )
}

function sourceView(citation: Citation, scene: Scene): HTMLElement {
  const { strings } = scene
  const context = h('p.context', {})
  const show = (stretches: readonly Stretch[]): void => {
    const words = stretches.map(({ text, marked }) =>
      h(marked ? 'mark' : 'span', {}, text.replace(/^\t/, '').replaceAll('\t', ' · ')),
    )
    context.replaceChildren(...words)
  }
  show([{ text: citation.quote, marked: true }])
  let asked = false
  const unfolded = (): void => {
    if (asked) return
    asked = true
    // The quote stands there already; around it comes what can be had.
    scene.acts.loadText(citation).then(
      (text) => {
        const found = contextOf(text, citation)
        if (found) show(found)
      },
      () => {
        asked = false
      },
    )
  }
  const link = h('a', { href: scene.acts.textUrl(citation), target: '_blank', rel: 'noopener' }, strings.fullText)
  return h(
    'details.source',
    { ontoggle: unfolded },
    summaryOf(citation, scene),
    h('div.about', {}, validity(citation, scene), context, link),
  )
}

function validity({ ver, from, until }: Citation, { strings, lang }: Scene): HTMLElement {
  const format = new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'UTC' })
  const first = from && format.format(new Date(from))
  // `until` is the first day on which the version no longer counts; people expect the last day on which it does.
  const last = until && format.format(Date.parse(until) - 24 * 60 * 60 * 1000)
  return h('p.dates', {}, strings.validity(ver, first, last))
}
