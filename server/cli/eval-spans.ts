import { InputError, UsageError } from '../errors.ts'
import type { Interval } from '../evaluation/bootstrap.ts'
import { withIntervals } from '../evaluation/bootstrap.ts'
import { type LabelledSpan, type SpanCase, spanFigures } from '../evaluation/span-metrics.ts'
import { type Options, textOf } from './command.ts'
import { cell, type Row, readRows } from './eval-files.ts'

/** Options of the commands that measure spans. */
export const spanOptions = [
  ['--test <file>', 'rows of a text and the spans in it'],
  ['--text-column <name>', 'column of the text', 'text'],
  ['--spans-column <name>', 'column of the spans: a list of {start, end, type or kind}', 'spans'],
  ['--kinds <pairs>', 'what the file calls our kinds: CREDIT_CARD=card,…; other labels are left out'],
] as const

export interface SpanRows {
  readonly cases: readonly SpanCase[]
  /** Whether any row has the column of the spans. */
  readonly isLabelled: boolean
  /** Milliseconds to read a text. */
  readonly perItemMs: number
}

/**
 * Read the rows of `--test` and find spans in each.
 * @throws {UsageError} without a file, or for a kind that is none of ours. @throws {InputError} naming file, line and column.
 */
export async function readSpanCases(
  given: Options,
  own: readonly string[],
  find: (text: string) => readonly LabelledSpan[],
): Promise<SpanRows> {
  const file = textOf(given, 'test')
  if (file === undefined) throw new UsageError('--test is needed')
  const [textColumn = 'text', spansColumn = 'spans'] = [textOf(given, 'textColumn'), textOf(given, 'spansColumn')]
  const names = kindsOf(given, own)
  const rows = await readRows(file)
  const isLabelled = rows.some(({ fields }) => Object.hasOwn(fields, spansColumn))
  const begun = performance.now()
  const cases = rows.map((row): SpanCase => {
    const text = cell(file, row, textColumn)
    return { text, labels: isLabelled ? labelsOf(file, row, spansColumn, text, names) : [], found: find(text) }
  })
  return { cases, isLabelled, perItemMs: (performance.now() - begun) / cases.length }
}

type KindFigures = Readonly<Record<'precision' | 'recall' | 'f1', number>> & Readonly<Record<string, number | Interval>>

/** Figures of each kind that is labelled, with intervals. */
export function figuresByKind(
  cases: readonly SpanCase[],
  own: readonly string[],
): Readonly<Record<string, KindFigures>> {
  const kinds = own.filter((kind) => cases.some(({ labels }) => labels.some((label) => label.kind === kind)))
  return Object.fromEntries(
    kinds.map((kind) => [kind, withIntervals(cases, (sample) => ({ ...spanFigures(sample, kind) }))]),
  )
}

/** The same as a table for people; no line if nothing is labelled. */
export function shownByKind(figures: Readonly<Record<string, KindFigures>>): string[] {
  const lines = Object.entries(figures).map(
    ([kind, { precision, recall, f1 }]) =>
      `${kind.padEnd(12)} ${[precision, recall, f1].map((value) => value.toFixed(4).padStart(8)).join(' ')}`,
  )
  return lines.length > 0 ? ['kind         precision   recall       f1', ...lines] : []
}

/** @throws {UsageError} for a pair that names no kind of ours. */
function kindsOf(given: Options, own: readonly string[]): ReadonlyMap<string, string> {
  const pairs = textOf(given, 'kinds')?.split(',') ?? own.map((kind) => `${kind}=${kind}`)
  return new Map(
    pairs.map((pair) => {
      const [name = '', kind = ''] = pair.split('=')
      if (!own.includes(kind)) throw new UsageError(`--kinds: "${pair}" does not end in one of ${own.join(', ')}`)
      return [name, kind]
    }),
  )
}

function labelsOf(
  file: string,
  row: Row,
  column: string,
  text: string,
  names: ReadonlyMap<string, string>,
): LabelledSpan[] {
  const bad = (what: string) => new InputError({ file, line: row.line, column }, what)
  const list = listIn(row.fields[column])
  if (!Array.isArray(list)) throw bad('has to be a list of {start, end, type or kind}')
  return list.flatMap((item: unknown): LabelledSpan[] => {
    const { start, end, type, kind = type } = (item ?? {}) as Readonly<Record<string, unknown>>
    const isPlace = Number.isInteger(start) && Number.isInteger(end)
    if (!isPlace || typeof kind !== 'string') throw bad('has to be a list of {start, end, type or kind}')
    const [from, to] = [Number(start), Number(end)]
    if (!(from >= 0 && from < to && to <= text.length)) throw bad(`${from} to ${to} is not in the text`)
    const own = names.get(kind)
    return own === undefined ? [] : [{ start: from, end: to, kind: own }]
  })
}

/** Tables hold a list as JSON; none is an empty one. */
function listIn(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return []
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
