import { percentile } from '../../../server/math/statistics.ts'
import { terms } from '../../../server/text/terms.ts'
import { groupBy } from './group-by.ts'
import { type Corpora, type Golden, isKept, type ManifestSet, type Placed, type SourceDocument } from './load.ts'
import { atMost, type Figure, type Finding, faultless, type Report, shortfalls, told } from './report.ts'

/** Finds documents for a question on a day, best first. */
export type Search = (text: string, day: string, k: number) => readonly string[]

const mostOverlap = 0.4
const mostHits = 0.85
const depth = 5

/**
 * Golden questions: each is answered by passages that stand in documents which customers may read on that day, and those that
 * are scored are neither worded like their passages nor found by their words alone.
 */
export function checkGolden({ golden, documents, sets }: Corpora, search: Search): Report {
  const byId = new Map(documents.map((document) => [document.id, document]))
  const ids = new Map<string, Placed<Golden>>()
  const faults = golden.flatMap((row): Finding[] => {
    const key = `${row.file} ${row.value.id}`
    const twice = ids.has(key) ? [`the id ${row.value.id} is already used in line ${ids.get(key)!.line}`] : []
    ids.set(key, row)
    return [...twice, ...faultsOf(row.value, byId)].map((reason) => ({ file: row.file, line: row.line, reason }))
  })
  const passages = golden.reduce((sum, { value: { gold = [] } }) => sum + gold.length, 0)
  const files = [...groupBy(golden, ({ file }) => file)]
  const hard = files.map(([file, rows]) => ({ file, figures: difficulty(file, rows, sets, search) }))
  return {
    figures: [faultless('golden passages', passages, faults.length), ...hard.flatMap(({ figures }) => figures)],
    findings: [...faults, ...hard.flatMap(({ file, figures }) => shortfalls(figures, file))],
  }
}

function faultsOf(
  { answerable, asOf, about: day = asOf, gold = [] }: Golden,
  byId: ReadonlyMap<string, SourceDocument>,
): string[] {
  if (answerable !== gold.length > 0)
    return [answerable ? 'is answerable but names no passage' : 'is not answerable but names passages']
  return gold.flatMap(({ doc, text }) => {
    const document = byId.get(doc)
    if (!document) return [`there is no document ${doc}`]
    const { from = '', until = '9999' } = document
    return [
      ...(document.text.includes(text) ? [] : [`${doc} does not have the text "${text}"`]),
      ...(from <= day && day < until ? [] : [`${doc} is not in force on ${day}`]),
      ...(document.audience === 'customer' ? [] : [`${doc} is not for customers`]),
    ]
  })
}

/** How hard the questions of a file are; bounds apply to those that are kept for scoring. */
function difficulty(
  file: string,
  rows: readonly Placed<Golden>[],
  sets: readonly ManifestSet[],
  search: Search,
): Figure[] {
  const answerable = rows.map(({ value }) => value).filter((question) => question.answerable)
  const median = percentile(answerable.map(overlapOf), 0.5)
  const hits = answerable.filter(({ text, asOf, about = asOf, gold = [] }) => {
    const found = search(text, about, depth)
    return gold.some(({ doc }) => found.includes(doc))
  }).length
  const scored = sets.some((set) => set.path === file && isKept(set))
  const bounded = (name: string, value: number, bound: number) =>
    scored ? atMost(name, value, bound) : told(name, value)
  return [
    told(`${file}: questions, answerable`, `${rows.length}, ${answerable.length}`),
    bounded(`${file}: median overlap of content words with the passage`, median, mostOverlap),
    bounded(`${file}: BM25 alone, hit@${depth}`, hits / answerable.length, mostHits),
  ]
}

/** Share of the question's content words (stems, without stop words) that stand in its passage; of several the highest. */
function overlapOf({ text, gold = [] }: Golden): number {
  const words = [...new Set(terms(text))]
  if (words.length === 0) return 0
  const shares = gold.map((passage) => {
    const there = new Set(terms(passage.text))
    return words.filter((word) => there.has(word)).length / words.length
  })
  return Math.max(0, ...shares)
}
