import { type Colour, vanishes } from './css.ts'

/** Maps points of one frame to another: a, b, c, d, e, f as in the PDF standard. */
export type Matrix = readonly [number, number, number, number, number, number]
export const identity: Matrix = [1, 0, 0, 1, 0, 0]

/** Text that was drawn in one go. */
export interface Run {
  readonly text: string
  /** Where it begins on the page, in points, and which way it goes, as a unit of that way. */
  readonly start: readonly [x: number, y: number]
  readonly way: readonly [x: number, y: number]
  readonly width: number
  readonly size: number
  /** The library's id of the font. */
  readonly font: string
  /** Why nobody sees it. */
  readonly how: string | undefined
}

/** What `q` stores and `Q` brings back. */
interface State {
  readonly matrix: Matrix
  /** Undefined for a pattern. */
  readonly colour: Colour | undefined
  readonly alpha: number
  readonly mode: number
  readonly size: number
  readonly font: string
  readonly charSpacing: number
  readonly wordSpacing: number
  /** Share of the usual width. */
  readonly scale: number
}

interface Area {
  readonly left: number
  readonly bottom: number
  readonly right: number
  readonly top: number
  /** Undefined where it is not known, as of a picture. */
  readonly colour: Colour | undefined
}

/** Areas that are remembered, the latest; of what lies below them text is seen against white. */
const maxAreas = 3_000
/** Rendering modes that draw nothing. */
const invisible = new Set([3, 7])
const white: Colour = [255, 255, 255]

const multiply = (m: Matrix, n: Matrix): Matrix => [
  m[0] * n[0] + m[2] * n[1],
  m[1] * n[0] + m[3] * n[1],
  m[0] * n[2] + m[2] * n[3],
  m[1] * n[2] + m[3] * n[3],
  m[0] * n[4] + m[2] * n[5] + m[4],
  m[1] * n[4] + m[3] * n[5] + m[5],
]
const at = (m: Matrix, x: number, y: number): [number, number] => [
  m[0] * x + m[2] * y + m[4],
  m[1] * x + m[3] * y + m[5],
]

/** Keeps what is drawn so far, and with it what can be seen of the text that comes next. */
export function createPen() {
  let state: State = {
    ...{
      matrix: identity,
      colour: [0, 0, 0],
      alpha: 1,
      mode: 0,
      size: 1,
      font: '',
      charSpacing: 0,
      wordSpacing: 0,
      scale: 1,
    },
  }
  const states: State[] = []
  const areas: Area[] = []
  const text = createTextPlace()
  const runs: Run[] = []
  const cover = ([left, bottom, right, top]: readonly [number, number, number, number], colour: Colour | undefined) => {
    const corners = (
      [
        [left, bottom],
        [left, top],
        [right, bottom],
        [right, top],
      ] as const
    ).map(([x, y]) => at(state.matrix, x, y))
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
    areas.push({ left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys), colour })
    if (areas.length > 2 * maxAreas) areas.splice(0, maxAreas)
  }
  return {
    runs,
    text,
    change(more: Partial<State>): void {
      state = { ...state, ...more }
    },
    transform(matrix: Matrix): void {
      state = { ...state, matrix: multiply(state.matrix, matrix) }
    },
    save(): void {
      states.push(state)
    },
    restore(): void {
      state = states.pop() ?? state
    },
    /** Fill a box in the present colour. */
    fill(box: readonly [number, number, number, number]): void {
      if (state.alpha > 0.5) cover(box, state.colour)
    },
    /** A picture: the square of one unit. */
    paint(): void {
      cover([0, 0, 1, 1], undefined)
    },
    show(glyphs: readonly unknown[]): void {
      for (const { words, before, width } of stretchesOf(glyphs, state)) {
        text.advance(before)
        const start = multiply(state.matrix, text.place())
        text.advance(width)
        if (words.trim() === '') continue
        const stretch = Math.hypot(start[0], start[1]) || 1
        runs.push({
          text: words,
          start: at(start, 0, 0),
          way: [start[0] / stretch, start[1] / stretch],
          width: width * stretch,
          size: Math.abs(state.size) * Math.hypot(start[2], start[3]),
          font: state.font,
          how: unseen(state, start, areas),
        })
      }
    },
  }
}

/** Where the next text begins, in the frame of the text object. */
function createTextPlace() {
  let [line, place, leading]: [Matrix, Matrix, number] = [identity, identity, 0]
  const move = (x: number, y: number): void => {
    line = multiply(line, [1, 0, 0, 1, x, y])
    place = line
  }
  return {
    place: () => place,
    set(matrix: Matrix): void {
      line = matrix
      place = matrix
    },
    move,
    setLeading(value: number): void {
      leading = value
    },
    nextLine: () => move(0, leading),
    advance(x: number): void {
      place = multiply(place, [1, 0, 0, 1, x, 0])
    },
  }
}

/** Gaps inside a string that are a space, and those behind which another stretch begins; in text sizes. */
const spaceGap = 0.2
const wideGap = 0.6

/** The characters of a string of glyphs, between which numbers move the pen back by thousandths of the size. */
function stretchesOf(glyphs: readonly unknown[], { size, charSpacing, wordSpacing, scale }: State) {
  const found = [{ words: '', before: 0, width: 0 }]
  for (const glyph of glyphs) {
    const last = found.at(-1)!
    if (typeof glyph === 'number') {
      const gap = -glyph / 1_000
      if (gap > wideGap) found.push({ words: '', before: gap * size * scale, width: 0 })
      else last.width += gap * size * scale
      if (gap > spaceGap && gap <= wideGap) last.words += ' '
    } else if (isGlyph(glyph)) {
      last.words += glyph.unicode
      last.width += ((glyph.width * size) / 1_000 + charSpacing + (glyph.unicode === ' ' ? wordSpacing : 0)) * scale
    }
  }
  return found
}

const isGlyph = (value: unknown): value is { unicode: string; width: number } =>
  typeof value === 'object' && value !== null && 'unicode' in value && 'width' in value

function unseen({ mode, alpha, colour, size }: State, start: Matrix, areas: readonly Area[]): string | undefined {
  if (invisible.has(mode)) return 'rendering mode 3'
  if (alpha < 0.1) return 'transparent'
  if (Math.abs(size) * Math.hypot(start[2], start[3]) <= 1) return 'size'
  // Text that is drawn as outlines has another colour.
  if (colour === undefined || mode !== 0) return undefined
  const [x, y] = at(start, 1 / Math.max(Math.abs(start[0]), 1e-6), size / 4)
  const below = areas.findLast(({ left, right, bottom, top }) => left <= x && x <= right && bottom <= y && y <= top)
  const ground = below ? below.colour : white
  return ground && vanishes(colour, ground) ? 'colour of the background' : undefined
}
