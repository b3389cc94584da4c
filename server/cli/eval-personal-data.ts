import { InputError, UsageError } from '../errors.ts'
import { withIntervals } from '../evaluation/bootstrap.ts'
import { type LabelledSpan, type SpanCase, spanFigures } from '../evaluation/span-metrics.ts'
import { personalKinds, redact } from '../privacy/redact.ts'
import type { Command, Options } from './command.ts'
import { textOf } from './command.ts'
import { cell, type Row, readRows } from './eval-files.ts'

export const evalPersonalDataCommand: Command = {
  name: 'eval personal-data',
  args: '',
  summary: 'what of the personal data in a labelled file is masked, and what else is',
  options: [
    ['--test <file>', 'rows of a text and the spans in it; without spans only what is masked is counted'],
    ['--text-column <name>', 'column of the text', 'text'],
    ['--spans-column <name>', 'column of the spans: a list of {start, end, type or kind}', 'spans'],
    ['--kinds <pairs>', 'what the file calls our kinds: CREDIT_CARD=card,…; other labels are left out'],
  ],
  async run(_, __, given) {
    const file = textOf(given, 'test')
    if (file === undefined) throw new UsageError('--test is needed')
    const [textColumn = 'text', spansColumn = 'spans'] = [textOf(given, 'textColumn'), textOf(given, 'spansColumn')]
    const names = kindsOf(given)
    const rows = await readRows(file)
    const isLabelled = rows.some(({ fields }) => Object.hasOwn(fields, spansColumn))
    const begun = performance.now()
    const cases = rows.map((row): SpanCase => {
      const text = cell(file, row, textColumn)
      return {
        text,
        labels: isLabelled ? labelsOf(file, row, spansColumn, text, names) : [],
        found: redact(text).spans,
      }
    })
    const perItemMs = (performance.now() - begun) / cases.length
    const kinds = personalKinds.filter((kind) =>
      cases.some(({ labels }) => labels.some((label) => label.kind === kind)),
    )
    const figures = Object.fromEntries(
      kinds.map((kind) => [kind, withIntervals(cases, (sample) => ({ ...spanFigures(sample, kind) }))]),
    )
    const masked = withIntervals(cases, (sample) => ({
      masked: sample.filter(({ found }) => found.length > 0).length / sample.length,
    }))
    return {
      json: { n: cases.length, ...masked, kinds: figures, perItemMs },
      text: [
        `n ${cases.length}, texts with anything masked ${masked.masked.toFixed(4)}`,
        ...(kinds.length > 0 ? ['kind         precision   recall       f1'] : []),
        ...Object.entries(figures).map(
          ([kind, { precision, recall, f1 }]) =>
            `${kind.padEnd(12)} ${[precision, recall, f1].map((value) => value.toFixed(4).padStart(8)).join(' ')}`,
        ),
      ].join('\n'),
    }
  },
}

/** @throws {UsageError} for a pair that names no kind of ours. */
function kindsOf(given: Options): ReadonlyMap<string, string> {
  const pairs = textOf(given, 'kinds')?.split(',') ?? personalKinds.map((kind) => `${kind}=${kind}`)
  return new Map(
    pairs.map((pair) => {
      const [name = '', kind = ''] = pair.split('=')
      if (!personalKinds.some((known) => known === kind))
        throw new UsageError(`--kinds: "${pair}" does not end in one of ${personalKinds.join(', ')}`)
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
