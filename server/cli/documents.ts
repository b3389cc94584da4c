import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import type { IngestReport } from '../ingestion/ingest.ts'
import { type Audience, audiences, type Version } from '../storage/types.ts'
import type { Command, Context, Options } from './command.ts'
import { dayOf, textOf } from './command.ts'

/** An option's audience. @throws {UsageError} */
export function audienceOf(given: Options, name: string): Audience | undefined {
  const value = textOf(given, name)
  const audience = audiences.find((known) => known === value)
  if (value !== undefined && !audience)
    throw new UsageError(`--${name} has to be ${audiences.join(' or ')}, not "${value}"`)
  return audience
}

export const ingestCommand: Command = {
  name: 'ingest',
  args: '<paths...>',
  summary: 'put files or folders into the store and the index',
  options: [
    ['--collection <name>', 'collection of the documents; default: the name of the folder'],
    ['--audience <role>', 'who may read documents that do not say so: customer or agent'],
    ['--from <date>', 'first day in force of documents that do not say so'],
    ['--until <date>', 'first day no longer in force of documents that do not say so'],
    ['--sync', 'remove documents of the collection that the folder no longer holds'],
    ['--watch', 'as --sync, then go on with what changes in the folders until Ctrl-C'],
    ['--reason <text>', 'why, for the audit log'],
  ],
  async run(context, paths, given) {
    const [collection, audience, from, until, reason] = [
      textOf(given, 'collection'),
      audienceOf(given, 'audience'),
      dayOf(given, 'from'),
      dayOf(given, 'until'),
      textOf(given, 'reason'),
    ]
    const request = {
      paths: paths.map((path) => resolve(path)),
      sync: given.sync === true,
      ...(collection !== undefined && { collection }),
      ...(audience && { audience }),
      ...(from && { from }),
      ...(until && { until }),
      ...(reason !== undefined && { reason }),
    }
    if (given.watch === true) return (await import('./ingest-watch.ts')).ingestAndWatch(context, request, printed)
    // The operation returns the report of this very command.
    const report = (await context.perform('ingest', request)) as IngestReport
    return { json: report, text: printed(report), exitCode: report.rejected.length > 0 ? 1 : 0 }
  },
}

function printed(report: IngestReport): string {
  const lines = [
    `${report.documents} documents, ${report.passages} new passages, ${report.unchanged} unchanged, ${report.updated} updated, ${report.removed} removed`,
    ...(report.quarantined > 0
      ? [`${report.quarantined} held back until somebody looks at them: bursar documents list --held`]
      : []),
    `${report.tokens} tokens in ${report.seconds.toFixed(1)} s (${Math.round(report.tokensPerSecond)} a second)`,
    ...report.rejected.map(({ reason }) => `rejected: ${reason}`),
    ...skippedLines(report.skipped),
  ]
  return lines.join('\n')
}

/** Skipped files named to people; a folder may hold thousands of pictures. */
const skippedShown = 10

function skippedLines(skipped: IngestReport['skipped']): string[] {
  const more = skipped.length - skippedShown
  const named = skipped.slice(0, skippedShown).map(({ reason }) => `skipped: ${reason}`)
  return more > 0 ? [...named, `skipped: ${more} more, which --json lists`] : named
}

export const documentsListCommand: Command = {
  name: 'documents list',
  args: '',
  summary: 'documents that are current',
  options: [
    ['--collection <name>', 'only this collection'],
    ['--held', 'instead those that are held back, and why'],
  ],
  async run({ perform }, _, given) {
    if (given.held === true) return heldDocuments(perform)
    const collection = textOf(given, 'collection')
    const json = (await perform('documents.list', collection ? { collection } : {})) as { documents: Version[] }
    const lines = json.documents.map(({ doc, ver, title, audience, from, until }) =>
      [`${doc}@${ver}`, audience, `${from ?? '…'} – ${until ?? '…'}`, title].join('  '),
    )
    return { json, text: lines.join('\n') || 'no documents yet: bursar ingest FOLDER' }
  },
}

/** What waits for a person, with every reason. */
async function heldDocuments(perform: Context['perform']) {
  const json = (await perform('documents.held', {})) as {
    held: { doc: string; at: string; holds: { reason: string; line?: number; found: string }[] }[]
  }
  const lines = json.held.flatMap(({ doc, at, holds }) => [
    `${doc}  held since ${at.slice(0, 16).replace('T', ' ')}`,
    ...holds.map(({ reason, line, found }) => `  ${reason}${line === undefined ? '' : `, line ${line}`}: ${found}`),
  ])
  return { json, text: lines.join('\n') || 'nothing is held back' }
}

/** What became of a document that was let pass. @param waits for another person, who publishes it. */
export const released = (doc: string, waits: true | undefined): string =>
  waits ? `${doc} is a draft, which another person publishes: bursar documents drafts` : `${doc} is published`

export const documentsReleaseCommand: Command = {
  name: 'documents release',
  args: '<document>',
  summary: 'let a document pass that was held back, as it was read',
  options: [['--reason <text>', 'why it may pass; kept with the release']],
  async run({ perform }, [doc = ''], given) {
    const reason = textOf(given, 'reason')
    if (reason === undefined) throw new UsageError('--reason is needed: say why the document may pass')
    const json = (await perform('documents.release', { doc, reason })) as {
      doc: string
      by: string
      reason: string
      waits?: true
    }
    return { json, text: released(doc, json.waits) }
  },
}

export const documentsShowCommand: Command = {
  name: 'documents show',
  args: '<document>',
  summary: 'one document, DOC or DOC@VERSION',
  options: [['--text', 'print the canonical text that citations point into']],
  async run({ perform }, [name = ''], given) {
    const [, doc = name, ver] = name.match(/^(.*)@(\d+)$/) ?? []
    const version = (await perform('documents.show', { doc, ...(ver && { ver: Number(ver) }) })) as Version
    const { text, ...facts } = version
    const head = Object.entries(facts).map(([field, value]) => `${field}: ${String(value)}`)
    return { json: given.text === true ? version : facts, text: given.text === true ? text : head.join('\n') }
  },
}
