import { InputError } from '../../errors.ts'

/** What a column held, before anybody knows what it is. */
export interface RawColumn {
  readonly name: string
  /** A number a row; NaN where there is none. */
  readonly numbers: Float32Array
  /** Place in `levels` of each row's text; undefined when there were more different ones than {@link maxLevels}. */
  readonly codes: Uint16Array | undefined
  /** Texts in the order of their first row; '' is a missing value. */
  readonly levels: readonly string[]
  /** Line of the first text that is no number, of the first missing value, and how many rows had either. */
  readonly firstText: number | undefined
  readonly firstMissing: number | undefined
  readonly texts: number
  readonly missing: number
}

export interface ColumnReader {
  /** The value of the next row. @throws {InputError} if it is a list or an object. */
  push(value: unknown, line: number): void
  finish(): RawColumn
}

/** Most different texts of a column: more are names or remarks, not categories. */
export const maxLevels = 10_000

/** @param before rows that had no such column. */
export function createColumnReader(file: string, name: string, before: number): ColumnReader {
  let [numbers, codes]: [Float32Array, Uint16Array | undefined] = [
    new Float32Array(Math.max(1024, before)).fill(Number.NaN, 0, before),
    new Uint16Array(Math.max(1024, before)),
  ]
  const levels = new Map<string, number>(before > 0 ? [['', 0]] : [])
  let [rows, texts, missing] = [before, 0, before]
  let firstText: number | undefined
  let firstMissing: number | undefined
  const grow = (): void => {
    numbers = doubled(numbers, new Float32Array(2 * rows))
    codes &&= doubled(codes, new Uint16Array(2 * rows))
  }
  return {
    push(value, line) {
      if (rows === numbers.length) grow()
      const text = textOf(value, file, name, line)
      const number = text === '' ? Number.NaN : numberOf(text)
      if (text === '') {
        missing++
        firstMissing ??= line
      } else if (Number.isNaN(number)) {
        texts++
        firstText ??= line
      }
      numbers[rows] = number
      if (codes) {
        const code = levels.get(text) ?? levels.size
        if (code < maxLevels) {
          levels.set(text, code)
          codes[rows] = code
        } else codes = undefined
      }
      rows++
    },
    finish: () => ({
      ...{ name, levels: [...levels.keys()], firstText, firstMissing, texts, missing },
      numbers: numbers.slice(0, rows),
      codes: codes?.slice(0, rows),
    }),
  }
}

function doubled<T extends Float32Array | Uint16Array>(old: T, fresh: T): T {
  fresh.set(old)
  return fresh
}

function textOf(value: unknown, file: string, column: string, line: number): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new InputError({ file, line, column }, 'is neither text, number nor truth value')
}

/** What a number of a table looks like; hexadecimal ones, infinities and NaN are text. */
const pattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** @returns NaN for what is no number that float32 can hold. */
function numberOf(text: string): number {
  if (!pattern.test(text)) return Number.NaN
  const value = Math.fround(Number(text))
  return Number.isFinite(value) ? value : Number.NaN
}
