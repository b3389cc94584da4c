const named: Readonly<Record<string, string>> = {
  ...{
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    pound: '£',
    euro: '€',
    yen: '¥',
    cent: '¢',
    deg: '°',
  },
  ...{
    ndash: '–',
    mdash: '—',
    hellip: '…',
    lsquo: '‘',
    rsquo: '’',
    ldquo: '“',
    rdquo: '”',
    bull: '•',
    frac12: '½',
    times: '×',
  },
}
const strikes = /^(del|strike|s)$/i
/** Elements whose content is not text for readers, or no longer holds. */
const hidden = /^<(script|style|template|noscript|textarea|title|iframe|svg|del|strike|s)(?=[\s/>])/i

/**
 * The text of raw HTML that stands in Markdown: tags, comments and scripts removed, a tag counting as a line's end, common
 * character references decoded. One pass; what looks like a tag but never ends is text.
 */
export function htmlText(html: string): string {
  let [text, at] = ['', 0]
  // Behind the last > nothing ends, and each tag that is open would be read up to the end of the text.
  const closed = html.slice(0, html.lastIndexOf('>') + 1)
  for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', at)) {
    const end = endOfTag(html, closed, open)
    if (end === -1) break
    text += `${html.slice(at, open)}\n`
    at = end
  }
  return decode(text + html.slice(at))
}

function endOfTag(html: string, closed: string, open: number): number {
  if (html.startsWith('<!--', open)) return after(html, '-->', open + 4)
  const name = hidden.exec(html.slice(open, open + 12))?.[1]
  if (name === undefined) return after(html, '>', open)
  const tag = new RegExp(`<(/?)${name}(?=[\\s/>])[^>]*>`, 'gi')
  tag.lastIndex = open
  let depth = 0
  for (let found = tag.exec(closed); found !== null; found = tag.exec(closed)) {
    // Only what is struck out can stand in itself; a script's own text is no tag.
    if (found[1] === '/') depth--
    else if (depth === 0 || strikes.test(name)) depth++
    if (depth === 0) return tag.lastIndex
  }
  return html.length
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from)
  return found === -1 ? -1 : found + mark.length
}

function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z0-9]{2,8}));/g,
    (whole: string, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return (Object.hasOwn(named, name) ? named[name] : undefined) ?? whole
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD'
    },
  )
}
