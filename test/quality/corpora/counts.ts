import { rights } from '../../../server/text/rights-kinds.ts'
import type { Corpora, Golden, Placed, SourceDocument } from './load.ts'
import { isKept, topicOfFile } from './load.ts'
import { atLeast, type Figure, type Report, shortfalls, told } from './report.ts'

/** The day on which the golden questions are asked. */
export const today = '2026-11-22'

const under = (documents: readonly SourceDocument[], folder: string) =>
  documents.filter(({ file }) => file.startsWith(`${folder}/`))

/** How much there is of everything, against what was set. */
export function checkCounts(corpora: Corpora, customers: number): Report {
  const { documents, catalogue, golden, labelled, sets } = corpora
  const listsOf = (service: string) =>
    labelled.filter(({ value }) => value.service === service).map(({ value }) => value.labels)
  const kept = new Set(sets.filter(isKept).map(({ path }) => path))
  const [policies, faqs] = [under(documents, 'policies'), under(documents, 'faqs')]
  const figures: Figure[] = [
    atLeast('products', catalogue.length, 30),
    told('product sheets', under(documents, 'products').length),
    atLeast('policy documents', policies.length, 25),
    ...validity(policies),
    atLeast('agent-only documents', documents.filter(({ audience }) => audience === 'agent').length, 3),
    told('rows of the fee schedule', under(documents, 'fees').length),
    atLeast('FAQ entries', faqs.length, 150),
    atLeast('entries in Chinese', faqs.filter(({ lang }) => lang === 'zh').length, 40),
    ...utterances(listsOf('intent').flat()),
    atLeast('sentiment rows', listsOf('sentiment').length, 1_500),
    ...sentiments(listsOf('sentiment').flat()),
    ...rightsFigures(listsOf('rights')),
    ...questions(
      'scored questions',
      golden.filter(({ file }) => kept.has(file)),
      1,
    ),
    ...questions(
      `scored questions of ${neverTuned}`,
      golden.filter(({ file }) => file === neverTuned),
      0.5,
    ),
    atLeast('customers', customers, 500),
  ]
  return { figures, findings: shortfalls(figures, 'manifest.json') }
}

/** The half of the scored questions that nothing was or is chosen with: no setting, no threshold, no rule. */
const neverTuned = 'golden/scoring.jsonl'
/** The fewest scored questions, in all and of the kinds that are hard in a way of their own. */
const fewest = 300
const fewestOfKind = new Map([
  ['unanswerable', 80],
  ['date', 40],
  ['table', 40],
  ['typo', 30],
])

/** Questions by kind. @param share of the minimums that these have to reach by themselves, 0 to 1. */
function questions(name: string, rows: readonly Placed<Golden>[], share: number): Figure[] {
  const counts = countsOf(rows.map(({ value }) => value.kind))
  const kinds = new Set([...fewestOfKind.keys(), ...counts.keys()])
  return [
    atLeast(name, rows.length, fewest * share),
    ...[...kinds].map((kind) => {
      const [count, wanted] = [counts.get(kind) ?? 0, fewestOfKind.get(kind)]
      return wanted === undefined ? told(`  ${kind}`, count) : atLeast(`  ${kind}`, count, wanted * share)
    }),
  ]
}

/** Policies by what the day makes of them. */
function validity(policies: readonly SourceDocument[]): Figure[] {
  const expired = policies.filter(({ until = '9999' }) => until <= today)
  const future = policies.filter(({ from = '' }) => from > today)
  const topics = new Map<string, number>()
  for (const { file } of policies) topics.set(topicOfFile(file), (topics.get(topicOfFile(file)) ?? 0) + 1)
  const versions = [...topics.values()].filter((count) => count > 1).length
  const inForce = policies.length - expired.length - future.length
  return [
    told(`policies expired, in force, future on ${today}`, `${expired.length}, ${inForce}, ${future.length}`),
    atLeast('topics in two or more dated versions', versions, 3),
    atLeast('expired policies', expired.length, 1),
    atLeast('future policies', future.length, 1),
  ]
}

function utterances(intents: readonly string[]): Figure[] {
  const counts = countsOf(intents)
  const outOfScope = counts.get('oos') ?? 0
  counts.delete('oos')
  return [
    atLeast('intents', counts.size, 60),
    atLeast('utterances of the rarest intent', Math.min(...counts.values()), 20),
    told('utterances', intents.length - outOfScope),
    atLeast('out-of-scope utterances', outOfScope, 300),
  ]
}

function sentiments(labels: readonly string[]): Figure[] {
  const counts = countsOf(labels)
  return ['positive', 'neutral', 'negative', 'urgent'].map((label) =>
    atLeast(`  of them ${label}`, counts.get(label) ?? 0, 1),
  )
}

/** Sentences by the rights that they invoke. @param lists the rights of each sentence. */
function rightsFigures(lists: readonly (readonly string[])[]): Figure[] {
  const counts = countsOf(lists.flat())
  const none = lists.filter((list) => list.length === 0).length
  return [
    atLeast('sentences about rights', lists.length, 600),
    atLeast('  share of them that invoke none', lists.length === 0 ? 0 : none / lists.length, 0.4),
    atLeast('  of the rarest right', Math.min(...rights.map((right) => counts.get(right) ?? 0)), 40),
  ]
}

function countsOf(labels: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return counts
}
