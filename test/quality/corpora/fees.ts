import { datesIn } from '../../../server/text/dates.ts'
import { sentences } from '../../../server/text/sentences.ts'
import type { FeeItem, FeeUnit } from './fee-data.ts'
import { chineseNames } from './fee-names-zh.ts'
import { namedIn, namesOf, valuesIn } from './fee-values.ts'
import type { Corpora, SourceDocument } from './load.ts'
import { type Finding, faultless, type Report, told } from './report.ts'

/** Before and after all days, as text that compares like a day. */
const [always, forever] = ['0000-01-01', '9999-12-31']

interface Statement {
  readonly document: SourceDocument
  readonly line: number
  readonly text: string
}

/**
 * A fee has one value per date in every text: whatever sentence names an item of the schedule and a number in its unit states
 * one of the values that the schedule has for the whole time in which the document is in force, or, where the sentence writes
 * out days itself, for one of them. A sentence that names several items may state the values of any of them.
 */
export function checkFees({ documents, fees }: Corpora): Report {
  const names = [...fees.terms, ...chineseNames].flatMap(namesOf)
  const findings: Finding[] = []
  const met = new Set<string>()
  let looked = 0
  for (const statement of documents.flatMap(statementsOf)) {
    const named = namedIn(statement.text, names)
    for (const unit of new Set(named.map((name) => name.unit))) {
      const items = new Set(named.filter((name) => name.unit === unit).map(({ item }) => item))
      const values = valuesIn(statement.text, unit)
      if (values.length > 0 && !statement.document.file.startsWith('fees/')) for (const item of items) met.add(item)
      looked += values.length
      findings.push(...faultsOf(statement, unit, items, values, fees.items))
    }
  }
  const listed = new Set(fees.items.map(({ item }) => item)).size
  return {
    figures: [
      faultless('fees and limits in sentences', looked, findings.length),
      told('items of the fee schedule that other documents state', `${met.size} of ${listed}`),
    ],
    findings: [...unmatched(keysOf(fees.items), keysOf(fees.terms)), ...findings],
  }
}

/** Sentences, list items cut into sentences, and whole table rows: what a customer may be quoted. */
function statementsOf(document: SourceDocument): Statement[] {
  return document.blocks.flatMap(({ kind, units, line = 1 }) =>
    units.flatMap(({ start, end }) => {
      const unit = document.text.slice(start, end)
      return (kind === 'table' ? [unit] : sentences(unit)).map((text) => ({ document, line, text }))
    }),
  )
}

type Period = readonly [from: string, until: string]

/** The document's own time, and each day that the sentence writes out: the value until then and the one from then on. */
function periodsOf({ document: { from = always, until = forever }, text }: Statement): Period[] {
  const written = datesIn(text, '2026-01-01').filter(({ start, end }) => /\d{4}/.test(text.slice(start, end)))
  return [[from, until], ...written.map(({ value }): Period => [value, value])]
}

function faultsOf(
  statement: Statement,
  unit: FeeUnit,
  named: ReadonlySet<string>,
  values: readonly number[],
  schedule: readonly FeeItem[],
): Finding[] {
  const periods = periodsOf(statement)
  const covers = ({ from = always, until = forever }: FeeItem, [start, end]: Period) => from <= start && end <= until
  const right = new Set(
    schedule
      .filter((row) => row.unit === unit && named.has(row.item) && periods.some((period) => covers(row, period)))
      .map(({ value }) => Number(value)),
  )
  const wrong = values.filter((value) => !right.has(value))
  if (wrong.length === 0) return []
  const { document, line, text } = statement
  const time = `from ${document.from ?? 'ever'} until ${document.until ?? 'ever'}`
  const allowed = right.size === 0 ? 'no one value' : [...right].join(' or ')
  const reason = `${[...named].join(', ')} ${time} is ${allowed} (${unit}), not ${wrong.join(', ')}: "${text}"`
  return [{ file: document.file, line, reason }]
}

interface Key {
  readonly file: string
  readonly line?: number
  readonly key: string
}

const keysOf = (rows: readonly { item: string; unit: FeeUnit; file?: string; line?: number }[]): Key[] =>
  rows.map(({ item, unit, file = 'fees/terms.json', line }) => ({
    ...{ file, key: `${item} in ${unit}` },
    ...(line === undefined ? {} : { line }),
  }))

/** An item without its names, or names without their item, would let a wrong value pass unseen. */
function unmatched(items: readonly Key[], terms: readonly Key[]): Finding[] {
  const missing = (keys: readonly Key[], others: readonly Key[], where: string) =>
    keys
      .filter(({ key }) => !others.some((other) => other.key === key))
      .map(({ key, ...place }) => ({ ...place, reason: `${key} is missing in ${where}` }))
  return [...missing(items, terms, 'fees/terms.json'), ...missing(terms, items, 'fees/schedule.csv')]
}
