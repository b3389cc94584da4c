import { watchedServices } from '../models/monitor/reading-figures.ts'
import { usualWindow } from '../models/monitor/status.ts'
import type { VersionStatus } from '../operations/model-status.ts'
import { type Command, oneOf } from './command.ts'
import { monitorLabelsCommand } from './monitor-labels.ts'

import { wholeOf } from './questions.ts'

type LiveStatus = VersionStatus & { readonly live: boolean }

const status: Command = {
  name: 'monitor status',
  args: '',
  summary: 'what the live models were asked and said, and how far that has moved from their first days',
  options: [
    ['--service <name>', `only this one: ${watchedServices.join(', ')}`],
    ['--days <n>', 'days to sum up, and in a window of drift', String(usualWindow)],
  ],
  async run({ perform }, _, given) {
    const service = oneOf(given, 'service', watchedServices)
    const days = wholeOf(given, 'days', usualWindow, 1, 90)
    const json = (await perform('monitor.status', { days, ...(service && { service }) })) as { versions: LiveStatus[] }
    const text = json.versions.map(statusText).join('\n\n')
    return { json, text: text || `no model was asked in the last ${days} days` }
  },
}

const figure = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits))
const shownLabels = 5

function statusText(status: LiveStatus): string {
  const { service, version, live, since, requests, errors, meanMs, p95Ms, meanConfidence, abstainRate } = status
  const labels = Object.entries(status.labels).slice(0, shownLabels)
  return [
    `${service} v${version}${live ? ' (live)' : ''}, first asked ${since}`,
    `  requests ${requests}, errors ${errors}, mean ${figure(meanMs, 1)} ms, p95 ${figure(p95Ms, 1)} ms`,
    `  confidence ${figure(meanConfidence, 3)}, abstained ${figure(abstainRate, 3)}`,
    `  labels ${labels.map(([label, count]) => `${label} ${count}`).join(', ')}`,
    ...driftLines(status),
  ].join('\n')
}

function driftLines({ drift, referenceUntil }: LiveStatus): string[] {
  if (drift.length === 0)
    return [`  drift: nothing to tell yet; later days are compared with those to ${referenceUntil}`]
  return drift.map(
    ({ figure: name, psi, chance, alarm, until }) =>
      `  drift of ${name}: psi ${psi.toFixed(3)} to ${until}, by chance up to ${chance.toFixed(3)}${alarm ? '  alarm' : ''}`,
  )
}

/** Watching of live models. */
export const monitorCommands: readonly Command[] = [status, monitorLabelsCommand]
