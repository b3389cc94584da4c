import { InputError } from '../errors.ts'
import {
  type LateFigures,
  type LateOutcome,
  type LateWindow,
  lateFigures,
  lateWindows,
  type MissedLabel,
  mostMissed,
} from '../evaluation/late-figures.ts'
import { usualWindow } from '../models/monitor/status.ts'
import { usualOosLabel } from '../models/oos-label.ts'
import { labelledServices, type Named, type StoredLabels } from '../operations/late-labels.ts'
import { mostLabels } from '../operations/monitor-table.ts'
import type { LateLabel } from '../storage/late-labels.ts'
import { type Command, oneOf } from './command.ts'
import { readLabels } from './eval-files.ts'

import { wholeOf } from './questions.ts'

/** Windows and labels that are told of. */
const [mostWindows, worstLabels] = [30, 10]

/** How a version did, by the labels that came later. */
interface VersionReport extends LateFigures {
  readonly version: number
  readonly windows: readonly LateWindow[]
  readonly worst: readonly MissedLabel[]
}

export const monitorLabelsCommand: Command = {
  name: 'monitor labels',
  args: '[file]',
  summary:
    'keep labels that came later, rows {id, label}, and tell how right the models were; without a file, only tell',
  options: [
    ['--service <name>', `what the labels are of: ${labelledServices.join(' or ')}`, labelledServices[0]],
    ['--days <n>', 'days of a window', String(usualWindow)],
  ],
  async run({ perform, progress }, [file], given) {
    const service = oneOf(given, 'service', labelledServices) ?? labelledServices[0]
    const days = wholeOf(given, 'days', usualWindow, 1, 90)
    const told = file === undefined ? [] : await readLabels(file)
    if (file !== undefined && told.length > mostLabels)
      throw new InputError({ file }, `has ${told.length} rows, more than ${mostLabels}: divide it`)
    const { stored, strange, labels } = (await perform('monitor.labels', {
      service,
      file: file ?? '',
      labels: told,
    })) as {
      stored: StoredLabels
      strange: string[]
      labels: LateLabel[]
    }
    const versions = reportsOf(labels, days, (share) => progress(share, 'counting'))
    const json = { service, days, ...(file !== undefined && { stored, strange }), versions }
    const text = [...(file === undefined ? [] : storedLines(stored, strange)), ...versions.flatMap(versionLines)].join(
      '\n',
    )
    return { json, text: text || 'there are no labels yet', exitCode: stored.unknown.count > 0 ? 1 : 0 }
  },
}

/** The newest version first. */
function reportsOf(labels: readonly LateLabel[], days: number, onShare: (share: number) => void): VersionReport[] {
  const versions = [...new Set(labels.map(({ version }) => version))].sort((a, b) => b - a)
  return versions.map((version, i) => {
    onShare(i / versions.length)
    const rows = labels.filter((label) => label.version === version).map(outcomeOf)
    const windows = lateWindows(rows, { days, most: mostWindows, oosLabel: usualOosLabel })
    return { version, ...lateFigures(rows, usualOosLabel), windows, worst: mostMissed(rows, worstLabels) }
  })
}

const outcomeOf = ({ at, top, confidence, abstained, label: gold }: LateLabel): LateOutcome => ({
  ...{ day: at.slice(0, '2026-11-22'.length), said: abstained ? usualOosLabel : top, top, confidence, gold },
})

const some = (what: string, { count, ids }: Named): string[] =>
  count === 0 ? [] : [`${count} ${what}: ${ids.join(', ')}${count > ids.length ? ', …' : ''}`]

const storedLines = ({ added, unchanged, replaced, unknown }: StoredLabels, strange: readonly string[]): string[] => [
  `${added} labels added, ${unchanged} known already`,
  ...some('replaced by another label', replaced),
  ...some('ids of no answer that this model read', unknown),
  ...(strange.length > 0 ? [`labels that the live version does not know: ${strange.join(', ')}`] : []),
]

const around = (value: number | null, interval: readonly [number, number] | null): string =>
  value === null || interval === null
    ? '–'
    : `${value.toFixed(3)} [${interval.map((bound) => bound.toFixed(3)).join(', ')}]`
const figuresText = ({ n, accuracy, accuracy_ci, ece, ece_ci }: LateFigures): string =>
  `n ${n}, accuracy ${around(accuracy, accuracy_ci)}, ece ${around(ece, ece_ci)}`

function versionLines({ version, windows, worst, ...all }: VersionReport): string[] {
  return [
    `v${version}: ${figuresText(all)}`,
    ...windows.map((window) => `  ${window.from} to ${window.until}: ${figuresText(window)}`),
    ...worst.map(({ label, n, recall, insteadOf }) => {
      const instead = insteadOf.map(({ said, n: times }) => `${said} ${times}`).join(', ')
      return `  ${label}: ${(recall * n).toFixed(0)} of ${n} right, else ${instead}`
    }),
  ]
}
