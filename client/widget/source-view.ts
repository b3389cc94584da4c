import type { Citation } from '../../server/protocol/events.ts'
import { passageOf } from './answer-parts.ts'
import { type Context, contextOf } from './context.ts'
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
  return h('figure', { class: 'quote' }, h('blockquote', {}, words), h('figcaption', {}, sourceView(citation, scene)))
}

function rowsView(rows: readonly (readonly { name: string; value: string }[])[]): HTMLElement {
  const cells = rows.flatMap((row) => row.filter(({ name, value }) => name || value))
  return h(
    'dl',
    { class: 'row' },
    ...cells.map(({ name, value }) =>
      h('div', { class: name ? false : 'head' }, h('dt', {}, name || value), name ? h('dd', {}, value) : undefined),
    ),
  )
}

function sourceView(citation: Citation, scene: Scene): HTMLElement {
  const { strings } = scene
  const context = h('div', { class: 'context' }, h('p', {}, h('mark', {}, citation.quote.replaceAll('\t', ' — '))))
  let asked = false
  const unfolded = (): void => {
    if (asked) return
    asked = true
    // The quote stands there already; around it comes what can be had.
    scene.acts.loadText(citation).then(
      (text) => {
        const found = contextOf(text, citation)
        if (found) context.replaceChildren(contextView(found))
      },
      () => {
        asked = false
      },
    )
  }
  const summary = h(
    'summary',
    { 'aria-label': strings.source(citation.k, citation.title) },
    h('span', { class: 'k' }, String(citation.k)),
    h('span', { class: 'doc' }, citation.title),
    icon('fold'),
  )
  const link = h(
    'a',
    { href: withHighlight(scene.acts.textUrl(citation), citation), target: '_blank', rel: 'noopener' },
    strings.fullText,
    h('span', { class: 'sr' }, ` (${strings.newTab})`),
    icon('out'),
  )
  return h(
    'details',
    { class: 'source', ontoggle: unfolded },
    summary,
    h('div', { class: 'about' }, validity(citation, scene), context, link),
  )
}

function validity({ ver, from, until }: Citation, { strings, lang }: Scene): HTMLElement {
  const format = new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'UTC' })
  const first = from && format.format(new Date(from))
  // `until` is the first day on which the version no longer counts; people expect the last day on which it does.
  const last = until && format.format(Date.parse(until) - 24 * 60 * 60 * 1000)
  const dates =
    first && last
      ? strings.inForce(first, last)
      : first
        ? strings.inForceFrom(first)
        : last
          ? strings.inForceUntil(last)
          : undefined
  return h('p', { class: 'dates' }, [strings.version(ver), dates].filter(Boolean).join(' · '))
}

function contextView(context: Context): HTMLElement {
  if ('paragraph' in context) {
    return h('p', {}, ...context.paragraph.map(({ text, marked }) => (marked ? h('mark', {}, text) : text)))
  }
  const cell = (tag: 'th' | 'td') => (text: string) => h(tag, tag === 'th' ? { scope: 'col' } : {}, text)
  return h(
    'table',
    {},
    h('thead', {}, h('tr', {}, ...context.header.map(cell('th')))),
    h(
      'tbody',
      {},
      ...context.rows.map(({ cells, marked }) => h('tr', { class: marked && 'marked' }, ...cells.map(cell('td')))),
    ),
  )
}

/** A text fragment, so that browsers which know it scroll to the quoted words. */
function withHighlight(url: string, { quote }: Citation): string {
  const [words = ''] = quote.split(/[\t\n]| · /)
  const escaped = encodeURIComponent(words.slice(0, 200).replace(/\s\S*$/, '')).replaceAll('-', '%2D')
  return escaped ? `${url}#:~:text=${escaped}` : url
}
