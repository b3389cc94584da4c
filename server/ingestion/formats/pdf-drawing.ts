import { colourOf } from './css.ts'
import { createPen, identity, type Matrix, type Run } from './pdf-pen.ts'

/** What a page is drawn with, as the library gives it: numbers of operators, each with its arguments. */
interface Drawing {
  readonly fnArray: readonly number[]
  readonly argsArray: readonly unknown[]
}

type Act = (args: readonly unknown[]) => void

/** The text of a page in the order in which it is drawn, and of each piece whether it can be seen. @param ops numbers of the operators by name. */
export function drawnRuns(ops: Readonly<Record<string, number>>, { fnArray, argsArray }: Drawing): readonly Run[] {
  const pen = createPen()
  const acts = { ...graphics(pen, fillsOf(ops)), ...texts(pen) }
  const table = new Map(Object.entries(acts).map(([name, act]) => [ops[name], act] as const))
  for (const [i, fn] of fnArray.entries()) table.get(fn)?.(listOf(argsArray[i]))
  return pen.runs
}

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : []
const matrixOf = (value: unknown): Matrix => {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = listOf(value).map(Number)
  return [a, b, c, d, e, f]
}

/** Operators of a path that fill it. */
const fillsOf = (ops: Readonly<Record<string, number>>): ReadonlySet<unknown> =>
  new Set(
    ['fill', 'eoFill', 'fillStroke', 'eoFillStroke', 'closeFillStroke', 'closeEOFillStroke'].map((name) => ops[name]),
  )

function graphics(pen: ReturnType<typeof createPen>, fills: ReadonlySet<unknown>): Record<string, Act> {
  return {
    save: pen.save,
    restore: pen.restore,
    beginGroup: pen.save,
    endGroup: pen.restore,
    paintFormXObjectBegin: ([matrix]) => {
      pen.save()
      pen.transform(matrixOf(matrix))
    },
    paintFormXObjectEnd: pen.restore,
    transform: (args) => pen.transform(matrixOf(args)),
    setFillRGBColor: ([colour]) => pen.change({ colour: colourOf(String(colour)) }),
    setFillTransparent: () => pen.change({ colour: 'transparent' }),
    setFillColorN: () => pen.change({ colour: undefined }),
    setGState: ([entries]) => {
      for (const [name, value] of listOf(entries).map(listOf)) if (name === 'ca') pen.change({ alpha: Number(value) })
    },
    constructPath: ([operator, , box]) => {
      const [left = 0, bottom = 0, right = 0, top = 0] = listOf(box).map(Number)
      if (fills.has(operator)) pen.fill([left, bottom, right, top])
    },
    paintImageXObject: pen.paint,
    paintInlineImageXObject: pen.paint,
  }
}

function texts(pen: ReturnType<typeof createPen>): Record<string, Act> {
  const { text } = pen
  return {
    beginText: () => text.set(identity),
    setTextMatrix: (args) => text.set(matrixOf(args.length === 1 ? args[0] : args)),
    moveText: ([x, y]) => text.move(Number(x), Number(y)),
    setLeadingMoveText: ([x, y]) => {
      text.setLeading(Number(y))
      text.move(Number(x), Number(y))
    },
    setLeading: ([leading]) => text.setLeading(-Number(leading)),
    nextLine: () => text.nextLine(),
    setTextRenderingMode: ([mode]) => pen.change({ mode: Number(mode) }),
    setFont: ([font, size]) => pen.change({ font: String(font), size: Number(size) }),
    setCharSpacing: ([charSpacing]) => pen.change({ charSpacing: Number(charSpacing) }),
    setWordSpacing: ([wordSpacing]) => pen.change({ wordSpacing: Number(wordSpacing) }),
    setHScale: ([percent]) => pen.change({ scale: Number(percent) / 100 }),
    showText: ([glyphs]) => pen.show(listOf(glyphs)),
  }
}
