import { InputError, UsageError } from '../errors.ts'
import { createReferenceColumn, type Drift, psiLimit } from '../evaluation/drift.ts'
import type { Command } from './command.ts'
import { textOf } from './command.ts'
import { type Row, readRows } from './eval-files.ts'
import { wholeOf } from './questions.ts'

interface WindowDrift {
  /** First and last row of the window, from 1, headers not counted. */
  readonly from: number
  readonly to: number
  readonly features: readonly ({ readonly name: string } & Drift)[]
}

export const driftCommand: Command = {
  name: 'drift',
  args: '',
  summary: 'how far a stream of rows has moved from a reference, window by window',
  options: [
    ['--reference <file>', 'rows of when all was well: .csv, .tsv or .jsonl'],
    ['--stream <file>', 'later rows, in their order'],
    ['--window <n>', 'rows to compare at a time', '2000'],
    ['--ignore <columns>', 'columns that are not compared, with commas between'],
  ],
  async run({ progress }, _, given) {
    const [reference, stream] = [textOf(given, 'reference'), textOf(given, 'stream')]
    if (reference === undefined || stream === undefined) throw new UsageError('--reference and --stream are needed')
    const size = wholeOf(given, 'window', 2_000, 2, 1_000_000)
    const before = await readRows(reference)
    const names = columnsOf(before, (textOf(given, 'ignore') ?? '').split(',').filter(Boolean))
    const valuesOf = (file: string, rows: readonly Row[], name: string) => rows.map((row) => textIn(file, row, name))
    const columns = names.map((name) => createReferenceColumn(name, valuesOf(reference, before, name)))
    const after = await readRows(stream)
    const windows: WindowDrift[] = []
    for (let from = 0; from < after.length; from += size) {
      progress(from / after.length, 'comparing')
      const rows = after.slice(from, from + size)
      const features = columns.map(({ name, compare }) => ({ name, ...compare(valuesOf(stream, rows, name)) }))
      windows.push({ from: from + 1, to: from + rows.length, features })
    }
    return {
      json: { windows },
      text: `${windows.map(tableOf).join('\n\n')}\n\nalarm: psi ≥ ${psiLimit}, and more than chance`,
    }
  },
}

/** Columns that any row has, in the order of their first row. @throws {UsageError} if one that is to be ignored is not there, or none is left. */
function columnsOf(rows: readonly Row[], ignored: readonly string[]): string[] {
  const all = new Set(rows.flatMap(({ fields }) => Object.keys(fields)))
  const unknown = ignored.find((name) => !all.has(name))
  if (unknown !== undefined) throw new UsageError(`--ignore: the reference has no column ${unknown}`)
  const left = [...all].filter((name) => !ignored.includes(name))
  if (left.length === 0) throw new UsageError('no column is left to compare')
  return left
}

/** Objects may leave a field out; a table has all of its columns. */
function textIn(file: string, { fields, line }: Row, column: string): string {
  const value = Object.hasOwn(fields, column) ? fields[column] : undefined
  if (value === undefined && !file.toLowerCase().endsWith('.jsonl'))
    throw new InputError({ file, line, column }, 'is missing')
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') throw new InputError({ file, line, column }, 'is neither text, number nor truth value')
  return String(value)
}

function tableOf({ from, to, features }: WindowDrift): string {
  const width = Math.max(...features.map(({ name }) => name.length))
  const lines = features.map(
    ({ name, psi, ks, alarm }) =>
      `  ${name.padEnd(width)} ${psi.toFixed(3).padStart(8)} ${(ks === null ? '' : ks.toFixed(3)).padStart(6)}${alarm ? '  alarm' : ''}`,
  )
  return [`rows ${from} to ${to}`, `  ${''.padEnd(width)}      psi     ks`, ...lines].join('\n')
}
