import { resolve } from 'node:path'
import type { CompareDone } from '../engine/version-tasks.ts'
import { UsageError } from '../errors.ts'
import type { LedgerLine } from '../models/ledger.ts'
import type { Manifest } from '../models/manifest.ts'
import type { Promoted } from '../operations/promotion.ts'
import type { ListedVersion, LiveSpan, VersionState } from '../operations/registry-table.ts'
import type { ChangedReading } from '../receipts/rehearsal.ts'
import { type Command, dayOf, type Options, textOf } from './command.ts'
import { shownFigure } from './figures.ts'
import { optimiseCommand } from './optimise.ts'
import { wholeOf } from './questions.ts'
import { columnOptions, columnsOf } from './text-columns.ts'

const reasonNeeded = ['--reason <text>', 'why, for the ledger and the audit log; needed'] as const

const list: Command = {
  name: 'models list',
  args: '',
  summary: 'every version of every service, and which of them are live; damaged ones too',
  options: [
    ['--service <name>', 'only this service'],
    ['--task <task>', 'only services of this task, such as classification'],
    ['--search <words>', 'only those with all words in service, purpose, labels or data'],
  ],
  async run({ perform }, _, given) {
    const [service, task, search] = ['service', 'task', 'search'].map((name) => textOf(given, name))
    const request = { ...(service !== undefined && { service }), ...(task !== undefined && { task }) }
    const json = (await perform('models.list', { ...request, ...(search !== undefined && { search }) })) as {
      models: ListedVersion[]
    }
    return { json, text: json.models.map(listedLine).join('\n') || 'no versions' }
  },
}

function listedLine({ service, version, state, created = '', rows, metric, fault }: ListedVersion): string {
  const figure = metric ? `${metric.name} ${metric.value.toFixed(4)}` : ''
  const size = rows === undefined ? '' : `${rows} rows`
  return [`${service}@${version}`.padEnd(16), state.padEnd(10), created, size, figure, fault ?? '']
    .filter(Boolean)
    .join('  ')
}

interface Shown {
  readonly service: string
  readonly version: number
  readonly state: VersionState
  readonly dir: string
  readonly manifest?: Manifest
  readonly fault?: string
  readonly ledger: LedgerLine[]
  readonly ledgerFault?: string
}

const show: Command = {
  name: 'models show',
  args: '<version>',
  summary:
    'SERVICE or SERVICE@VERSION: data, figures, thresholds, files and their checksums, and its time in the ledger',
  options: [],
  async run({ perform }, [name = '']) {
    const [, service = '', version = 'champion'] = /^([^@]+)(?:@(.+))?$/.exec(name) ?? []
    const json = (await perform('models.show', { service, version })) as Shown // what the operation returns
    const { manifest, ledger, fault, ledgerFault } = json
    const text = [
      `${json.service}@${json.version}  ${json.state}  ${manifest?.task ?? ''}  ${json.dir}`,
      fault ?? 'every file matches its checksum',
      ...(manifest ? manifestLines(manifest) : []),
      ...(ledgerFault === undefined ? ledger.map(ledgerLine) : [ledgerFault]),
    ]
    return { json, text: text.join('\n') }
  },
}

function manifestLines(manifest: Manifest): string[] {
  const { created, recipe, seed, data, metrics, thresholds, files } = manifest
  const named = (figures: Readonly<Record<string, number>>): string =>
    Object.entries(figures)
      .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(4)}`)
      .join(', ') || 'none'
  return [
    `created ${created}, recipe ${recipe}, seed ${seed}, ${madeFrom(manifest)}`,
    `metrics: ${named(metrics)}`,
    `thresholds: ${named(thresholds)}`,
    ...data.files.map(({ file, rows, use = '', licence = '', sha256 }) =>
      ['data:', file, `${rows} rows`, use, licence, sha256.slice(0, 12)].filter(Boolean).join('  '),
    ),
    ...Object.entries(files).map(([file, { bytes, sha256 }]) => `file: ${file}  ${bytes} bytes  ${sha256}`),
  ]
}

function madeFrom(manifest: Manifest): string {
  if ('columns' in manifest) return `${manifest.method} for ${manifest.target} from ${manifest.columns.length} columns`
  const encoder = 'encoder' in manifest ? `encoder ${manifest.encoder.id.slice(0, 12)}, ` : ''
  return `${encoder}${manifest.labels.length} labels`
}

function ledgerLine({ n, at, action, version, from, by, reason, gate }: LedgerLine): string {
  const what = action === 'retire' ? `version ${version}` : `version ${from ?? 'none'} → ${version}`
  const seen = gate ? `${gate.replayed} questions read again, ${gate.changed} differently` : ''
  const forced = gate?.forced ? 'forced' : ''
  const why = reason === undefined ? '' : `“${reason}”`
  return [`${n}.`, at, action, what, by, seen, forced, why].filter(Boolean).join('  ')
}

/** @throws {UsageError} where there is none. */
function reasonGiven(given: Options): string {
  const reason = textOf(given, 'reason')
  if (reason === undefined || reason.trim() === '') throw new UsageError('--reason is needed')
  return reason
}

/** @throws {UsageError} for what is no version number. */
function numberOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`a version is a number, not "${text}"`)
  return Number(text)
}

const promote: Command = {
  name: 'models promote',
  args: '<service> <version>',
  summary: 'make a version live, after earlier questions were read by it and by the live one; no question is lost',
  options: [
    reasonNeeded,
    ['--replay <n>', 'how many earlier questions both versions read first', '100'],
    ['--force', 'also if its main figure is below the interval of the live version’s'],
    ['--dry-run', 'only show what would change'],
  ],
  async run({ perform }, [service = '', version = ''], given) {
    const dryRun = given.dryRun === true
    const json = (await perform('models.promote', {
      ...{ service, version: numberOf(version), reason: dryRun ? 'dry run' : reasonGiven(given), dryRun },
      ...{ replay: wholeOf(given, 'replay', 100, 0, 10_000), force: given.force === true },
    })) as Promoted // what the operation returns
    const { gate, changes = [] } = json
    const seen = gate ? [`${gate.replayed} questions read again, ${gate.changed} differently`] : []
    const state = gate ? (dryRun ? 'would be live' : 'is live') : 'is live already'
    return {
      json,
      text: [...changes.flatMap(changeLines), ...seen, `${service} v${json.version} ${state}`].join('\n'),
    }
  },
}

function changeLines({ message, question, before, now }: ChangedReading): string[] {
  const fields = Object.entries(before).map(([field, was]) => {
    const is = Object.entries(now).find(([name]) => name === field)?.[1]
    return `   ${field}: ${was || 'none'} → ${is || 'none'}`
  })
  return [`${message}  ${question.replace(/\s+/g, ' ')}`, ...fields]
}

const rollback: Command = {
  name: 'models rollback',
  args: '<service>',
  summary: 'make the version live again that was so before',
  options: [reasonNeeded],
  async run({ perform }, [service = ''], given) {
    const json = (await perform('models.rollback', { service, reason: reasonGiven(given) })) as Promoted
    return { json, text: `${service} v${json.version} is live again, instead of v${json.from}` }
  },
}

const retire: Command = {
  name: 'models retire',
  args: '<service> <version>',
  summary: 'never make a version live again; its files stay',
  options: [reasonNeeded],
  async run({ perform }, [service = '', version = ''], given) {
    const request = { service, version: numberOf(version), reason: reasonGiven(given) }
    const json = (await perform('models.retire', request)) as { service: string; version: number }
    return { json, text: `${service} v${json.version} is retired` }
  },
}

const history: Command = {
  name: 'models history',
  args: '[service]',
  summary: 'every promotion, rollback and retirement; or what was live on a day',
  options: [['--on <date>', 'what was live on this day, in the bank’s time zone']],
  async run({ perform }, [service], given) {
    const on = dayOf(given, 'on')
    const request = { ...(service !== undefined && { service }), ...(on !== undefined && { on }) }
    const json = (await perform('models.history', request)) as
      | { history: (LedgerLine & { service: string })[] }
      | { on: string; live: LiveSpan[] }
    if ('history' in json)
      return { json, text: json.history.map((line) => `${line.service}  ${ledgerLine(line)}`).join('\n') || 'no lines' }
    const spans = json.live.map(({ service: name, version, from, until }) => {
      return `${name}@${version}  live from ${from}${until === null ? ' on' : ` until ${until}`}`
    })
    return { json, text: spans.join('\n') || `nothing was live on ${json.on}` }
  },
}

type Compared = CompareDone & { readonly versions: readonly [number, number] }

const compare: Command = {
  name: 'models compare',
  args: '<service> <a> <b>',
  summary: 'two versions on one labelled file: figures, McNemar’s exact test, and rows on which they differ',
  options: [['--test <file>', 'labelled rows to score'], ...columnOptions.compare],
  async run({ perform }, [service = '', a = '', b = ''], given) {
    const test = textOf(given, 'test')
    if (test === undefined) throw new UsageError('--test is needed')
    const request = { service, a, b, test: resolve(test), columns: columnsOf(given) }
    const json = (await perform('models.compare', request)) as Compared // what the operation returns
    const { n, onlyA, onlyB, p, different, rows } = json
    const [nameA, nameB] = json.versions.map((version) => `v${version}`)
    const figures = Object.keys(json.a).filter((name) => !name.endsWith('_ci'))
    const text = [
      ...figures.map((name) => {
        const [inA, inB] = [json.a, json.b].map((of) => shownFigure(of, name, [' (', ')']))
        return `${name.padEnd(16)} ${nameA} ${inA}   ${nameB} ${inB}`
      }),
      `of ${n} rows only ${nameA} has ${onlyA} right, only ${nameB} ${onlyB}: McNemar p = ${p.toPrecision(3)}`,
      `${different} rows are labelled differently`,
      ...rows.flatMap((row) => [
        `${row.row}. ${row.text.replace(/\s+/g, ' ')}`,
        `   ${nameA} ${labels(row.a)}   ${nameB} ${labels(row.b)}   right ${labels(row.gold)}`,
      ]),
      ...(rows.length < different ? [`… and ${different - rows.length} more`] : []),
    ]
    return { json, text: text.join('\n') }
  },
}

const labels = (of: readonly string[]): string => of.join(', ') || 'none'

/** `bursar models` for versions of services. */
export const registryCommands: readonly Command[] = [
  list,
  show,
  promote,
  rollback,
  retire,
  history,
  compare,
  optimiseCommand,
]
