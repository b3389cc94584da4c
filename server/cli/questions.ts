import { templates } from '../answers/templates.ts'
import type { Draft } from '../chat/compose.ts'
import { UsageError } from '../errors.ts'
import { type SearchMode, searchModes } from '../retrieval/types.ts'
import type { Command, Options } from './command.ts'
import { dayOf, flagOf, oneOf, textOf } from './command.ts'
import { audienceOf } from './documents.ts'

interface FoundPassage {
  readonly doc: string
  readonly title: string
  readonly text: string
  readonly score: number
}

/** An option's search mode; hybrid unless said. @throws {UsageError} */
export const modeOf = (given: Options): SearchMode => oneOf(given, 'mode', searchModes) ?? 'hybrid'

/** An option's whole number within bounds. @throws {UsageError} */
export function wholeOf(given: Options, name: string, fallback: number, low: number, high: number): number {
  const text = textOf(given, name) ?? String(fallback)
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= low && value <= high))
    throw new UsageError(`${flagOf(name)} has to be a whole number from ${low} to ${high}, not "${text}"`)
  return value
}

export const searchCommand: Command = {
  name: 'search',
  args: '<query...>',
  summary: 'ranked passages for a query',
  options: [
    ['--k <n>', 'how many', '10'],
    ['--collection <name>', 'only this collection'],
    ['--mode <mode>', 'hybrid, dense or keyword', 'hybrid'],
    ['--as-of <date>', 'as if asked on this day'],
    ['--role <role>', 'who reads: customer or agent', 'customer'],
  ],
  async run({ perform }, words, given) {
    const [asOf, collection] = [dayOf(given, 'asOf'), textOf(given, 'collection')]
    const json = (await perform('search', {
      text: words.join(' '),
      k: wholeOf(given, 'k', 10, 1, 1_000),
      mode: modeOf(given),
      role: audienceOf(given, 'role') ?? 'customer',
      ...(asOf && { asOf }),
      ...(collection && { collection }),
    })) as { passages: FoundPassage[] }
    const lines = json.passages.map(
      ({ doc, title, text, score }, i) =>
        `${i + 1}. ${score.toFixed(3)}  ${title}  [${doc}]\n   ${text.replaceAll('\n', '\n   ')}`,
    )
    return { json, text: lines.join('\n\n') || 'nothing found' }
  },
}

export const askCommand: Command = {
  name: 'ask',
  args: '<question...>',
  summary: 'what the chat would answer',
  options: [
    ['--as-of <date>', 'as if asked on this day'],
    ['--role <role>', 'who asks: customer or agent', 'customer'],
  ],
  async run({ perform }, words, given) {
    const asOf = dayOf(given, 'asOf')
    const role = audienceOf(given, 'role') ?? 'customer'
    const json = (await perform('ask', { text: words.join(' '), role, ...(asOf && { asOf }) })) as Draft & {
      probability: number
      tookMs: number
    }
    const sources = json.cites.map(({ k, title, doc, ver }) => `[${k}] ${title} (${doc}@${ver})`)
    const why = `${json.kind}, intent ${json.intent.name} ${json.intent.confidence.toFixed(2)}, mood ${json.sentiment.label}, probability ${json.probability.toFixed(2)}, ${json.tookMs.toFixed(1)} ms`
    return { json, text: [json.text, '', ...sources, why].join('\n') }
  },
}

export const templatesCommand: Command = {
  name: 'templates',
  args: '',
  summary: 'every text that an answer may hold besides quotes',
  options: [],
  run: async () => ({
    json: { templates },
    text: templates.map(({ id, text }) => `${id}\n  ${text.trim().replaceAll('\n', '\n  ')}`).join('\n'),
  }),
}
