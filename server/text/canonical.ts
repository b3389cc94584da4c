/** Half-open span in UTF-16 code units. */
export type Span = readonly [start: number, end: number]

// A joiner ends a run itself, so that a text that was made safe stays as it is.
const longRun = /(?:(?!\u034F)\p{M}){30}(?=(?!\u034F)\p{M})/gu

/**
 * A text that can be normalised in linear time: putting the marks above and below one letter in order takes the square of their
 * number, and no writing has more than 30. Behind as many stands a combining grapheme joiner, U+034F.
 * Source: Unicode Standard Annex 15, Stream-Safe Text Format.
 */
export const streamSafe = (text: string): string => text.replace(longRun, '$&\u034F')

/**
 * One form for every text: NFC, line ends as LF, no byte order mark. A lone surrogate or NUL, which UTF-8 or the store
 * could not give back unchanged, becomes U+FFFD.
 */
export function normalise(text: string): string {
  return streamSafe(text)
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Surrogate}\0]/gu, '\uFFFD')
    .normalize('NFC')
}

/** The text on one line: every run of white space is one space, none at the ends. */
export function oneLine(text: string): string {
  return normalise(text).split(/\s+/).filter(Boolean).join(' ')
}

/** The paragraphs of a plain text, normalised: what stands between lines that are empty or blank. */
export function paragraphs(text: string): string[] {
  const found: string[] = []
  let open: string[] = []
  for (const line of [...normalise(text).split('\n'), '']) {
    if (line.trim() !== '') open.push(line)
    else if (open.length > 0) {
      found.push(open.join('\n').trim())
      open = []
    }
  }
  return found
}

/** A piece of a canonical text, and where it stands in the whole. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A canonical text under construction. */
export interface CanonicalText {
  /**
   * Add one block: its pieces, one below the other (a paragraph is one piece; of a list or table each line is one).
   * @returns the pieces as they stand in the text; blank ones are left out of both.
   */
  addBlock(pieces: readonly string[]): Piece[]
  toString(): string
}

/**
 * Builds a canonical text as the wire contract defines it: blocks separated by one empty line, pieces of a block by LF.
 * Pieces are normalised before they are measured, so that the spans hold in the text that is stored.
 */
export function createCanonicalText(): CanonicalText {
  const parts: string[] = []
  let length = 0
  const append = (part: string) => {
    parts.push(part)
    length += part.length
  }
  return {
    addBlock(pieces) {
      // Tabs stay: at the ends of a table row they are its empty cells.
      const texts = pieces.map((piece) => trimmed(normalise(piece))).filter((text) => text.trim() !== '')
      return texts.map((text, i) => {
        if (length > 0) append(i === 0 ? '\n\n' : '\n')
        append(text)
        return { start: length - text.length, end: length, text }
      })
    },
    toString: () => parts.join(''),
  }
}

/** Without spaces and line ends around. Loops, as a pattern anchored at the end is quadratic on long runs. */
function trimmed(text: string): string {
  const blank = (char: string | undefined) => char === ' ' || char === '\n'
  let [start, end] = [0, text.length]
  while (start < end && blank(text[start])) start++
  while (end > start && blank(text[end - 1])) end--
  return text.slice(start, end)
}
