import { UsageError } from '../errors.ts'
import type { GapReport } from '../receipts/gaps.ts'
import type { Impact } from '../receipts/impact.ts'
import type { Difference, Replayed } from '../receipts/replay.ts'
import type { Why } from '../receipts/why.ts'
import type { ReadingReceipt } from '../storage/receipts.ts'
import { diffLines } from '../text/line-diff.ts'
import { type Command, dayOf } from './command.ts'
import { wholeOf } from './questions.ts'

const indent = (text: string): string => text.replaceAll('\n', '\n   ')
const excerptLength = 100
/** One line of at most a hundred characters. */
const excerpt = (text: string): string => {
  const line = text.replace(/\s+/g, ' ')
  return line.length > excerptLength ? `${line.slice(0, excerptLength - 1)}…` : line
}
const dates = ({ from, until }: { from?: string | undefined; until?: string | undefined }): string =>
  [from && `from ${from}`, until && `until ${until}`].filter(Boolean).join(' ')

const why: Command = {
  name: 'why',
  args: '<message>',
  summary: 'why an answer is what it is: what was understood, the candidates, the versions',
  options: [],
  async run({ perform }, [message = '']) {
    const json = (await perform('why', { message })) as Why // what the operation returns
    const { receipt, answer, because, at, conv } = json
    const cites = answer.cites.map(({ k, title, doc, ver, quote, ...cite }) =>
      [`[${k}] ${title}  ${doc}@${ver}  ${dates(cite)}`.trimEnd(), `   ${indent(quote)}`].join('\n'),
    )
    const text = [
      `${json.message}  ${at}  in ${conv}`,
      ...(receipt.how === 'read' ? understood(receipt) : []),
      `${answer.kind}: ${because}`,
      ...cites,
      ...(json.candidates.length > 0 ? ['candidates:  probability  score  cosine  keywords'] : []),
      ...json.candidates.map(candidateLine),
    ]
    return { json, text: text.join('\n') }
  },
}

function understood(receipt: ReadingReceipt): string[] {
  const { question, lookedUp, intent, sentiment, entities, before, readWith, lang, day, role } = receipt
  const beside = readWith.second === undefined ? '' : ` and ${readWith.second.slice(0, 12)}`
  const { intent: i, sentiment: s, answerable: a } = readWith.heads
  const name = intent.outOfScope ? 'out of scope' : intent.name
  const facts = Object.entries(before.facts).map(([fact, value]) => `${fact} ${value}`)
  return [
    `asked: ${indent(question)}`,
    `looked up: ${indent([lookedUp.text, lookedUp.synonyms].filter(Boolean).join('  + '))}`,
    `${role}, ${day}, ${lang}; intent ${name} ${intent.confidence.toFixed(3)}, mood ${sentiment.label} ${sentiment.score.toFixed(3)}`,
    ...(entities.length > 0 ? [`named: ${entities.map(({ type, value }) => `${type} ${value}`).join(', ')}`] : []),
    ...(facts.length > 0 ? [`told before: ${facts.join(', ')}`] : []),
    `index ${indexOf(readWith)}, encoder ${readWith.encoder.slice(0, 12)}${beside}, intent v${i}, sentiment v${s}, answerable v${a}`,
  ]
}

function indexOf({ generation, index, delta }: ReadingReceipt['readWith']): string {
  const below = `${generation} (${index.slice(0, 12)})`
  return delta ? `${below} with delta ${delta.number} (${delta.index.slice(0, 12)})` : below
}

function candidateLine(candidate: Why['candidates'][number], i: number): string {
  const { probability, score, dense, keyword, doc, ver, text, quotable } = candidate
  const figures = [probability, score, dense, keyword].map((value) => value.toFixed(3)).join('  ')
  return `${i + 1}. ${figures}  ${doc}@${ver}${quotable ? '' : '  (not quotable)'}\n   ${excerpt(text)}`
}

const replay: Command = {
  name: 'replay',
  args: '<message>',
  summary: 'answer an earlier message again, with the index and models of then if they are kept',
  options: [['--verify', 'exit code 1 unless the answer is byte for byte the same, from what was in force then']],
  async run({ perform }, [message = ''], given) {
    const json = (await perform('replay', { message })) as Replayed // what the operation returns
    const { equal, snapshot, missing, generation, answer, differences } = json
    const place =
      snapshot === 'stored'
        ? 'with what was in force then'
        : `${missing.join(', ')}: no longer kept; replayed against generation ${generation.now}`
    const verdict = equal ? 'byte-equal' : `differs in ${differences.map(({ field }) => field).join(', ')}`
    const body = given.verify === true ? [] : [answer.text, '']
    const text = [...body, `${verdict}, ${place}`, ...differences.flatMap(differenceLines)].join('\n')
    const holds = equal && snapshot === 'stored'
    return { json, text, exitCode: given.verify === true && !holds ? 1 : 0 }
  },
}

const signs = { same: ' ', removed: '-', added: '+' } as const

function differenceLines({ field, before, now }: Difference): string[] {
  // Fields come as JSON; laid out over lines, the difference is small enough to be read.
  const laidOut = (json: string | null): string => (json === null ? '' : JSON.stringify(JSON.parse(json), null, 1))
  const changed = diffLines(laidOut(before), laidOut(now)).filter(({ kind }) => kind !== 'same')
  return [`${field}:`, ...changed.map(({ kind, text }) => `${signs[kind]} ${text}`)]
}

const impact: Command = {
  name: 'impact',
  args: '<version>',
  summary: 'every conversation that was told DOC@VERSION, and what has become of that version',
  options: [['--limit <n>', 'answers listed at most; all are counted', '10000']],
  async run({ perform }, [name = ''], given) {
    const [, doc, ver] = /^(.+)@([1-9]\d{0,8})$/.exec(name) ?? []
    if (doc === undefined) throw new UsageError('name the version as DOC@VERSION, as documents history prints it')
    const limit = wholeOf(given, 'limit', 10_000, 0, 1_000_000)
    const json = (await perform('impact', { doc, ver: Number(ver), limit })) as Impact // what the operation returns
    const { title, state, since, by, answers, conversations, told } = json
    const fate = [state, by && `by @${by}`, since && `since ${since}`].filter(Boolean).join(' ')
    const lines = told.flatMap(({ conv, mid, at, kind, quotes }) => [
      `${at}  ${conv}  ${mid}  ${kind}`,
      ...quotes.map(({ quote }) => `   ${indent(quote)}`),
    ])
    const head = `${doc}@${ver}  ${title}  ${dates(json)}`.trimEnd()
    const more = told.length < answers ? [`… and ${answers - told.length} more: --limit ${answers}`] : []
    const counts = `told in ${answers} answers, in ${conversations} conversations`
    return { json, text: [head, `${fate}; ${counts}`, ...lines, ...more].join('\n') }
  },
}

const gaps: Command = {
  name: 'gaps',
  args: '',
  summary: 'questions that were not answered or rated poorly, those that ask for the same together',
  options: [
    ['--since <date>', 'asked on this day or later'],
    ['--limit <n>', 'clusters shown at most', '20'],
  ],
  async run({ perform }, _, given) {
    const since = dayOf(given, 'since')
    const limit = wholeOf(given, 'limit', 20, 1, 10_000)
    const json = (await perform('gaps', { limit, ...(since !== undefined && { since }) })) as GapReport
    const lines = json.clusters.flatMap(({ count, unanswered, poorlyRated, last, examples }) => [
      `${count}  ${unanswered} unanswered, ${poorlyRated} rated poorly, last ${last}`,
      ...examples.map(({ message, kind, question }) => `   ${excerpt(question)}  (${kind}, ${message})`),
    ])
    const head = `${json.questions} questions in ${json.total} clusters`
    return { json, text: json.questions === 0 ? 'no gaps' : [head, ...lines].join('\n') }
  },
}

/** What can be asked about answers that were given. */
export const receiptCommands: readonly Command[] = [why, replay, impact, gaps]
