import type { Logger } from '../logger.ts'
import { usualWindow } from '../models/monitor/status.ts'
import type { Alarm, Alarms } from '../storage/alarms.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { ModelFigures } from '../storage/model-figures.ts'
import { modelStatus, type VersionStatus } from './model-status.ts'

/** What is told of an alarm, to the log and to whoever wants to know. */
export interface Alert {
  readonly event: 'model.drift'
  readonly state: 'raised' | 'cleared'
  readonly service: string
  readonly version: number
  readonly figure: Alarm['figure']
  /** Of the last window; null where the version is not asked any more. */
  readonly psi: number | null
  /** The day (UTC) whose window raised it. */
  readonly since: string
  /** When it was found, ISO time in UTC. */
  readonly at: string
}

interface WatchParts {
  readonly figures: Pick<ModelFigures, 'spans' | 'days'>
  readonly alarms: Alarms
  readonly units: UnitOfWork
  /** Takes what was found, for gauges. */
  readonly show: (versions: readonly VersionStatus[]) => void
  readonly send: (alert: Alert) => void
  /** Wall clock. */
  readonly now: () => Date
  readonly logger: Logger
}

/** Looks at the drift of all versions that are asked, and tells of each alarm once when it is raised and once when it is cleared. */
export function createAlarmWatch({ figures, alarms, units, show, send, now, logger }: WatchParts) {
  async function check(): Promise<void> {
    const at = now().toISOString()
    const versions = await modelStatus(figures, { days: usualWindow, today: at.slice(0, 10) })
    show(versions)
    const looked = versions.flatMap(({ service, version, drift }) =>
      drift.map(({ figure, psi, alarm, until }) => ({ service, version, figure, psi, alarm, since: until })),
    )
    const known = await alarms.list()
    const raised = looked.filter((one) => one.alarm && !known.some((alarm) => isSame(alarm, one)))
    const cleared = known.filter((alarm) => !looked.some((one) => one.alarm && isSame(alarm, one)))
    if (raised.length + cleared.length === 0) return
    await units.run(async (tx) => {
      for (const { service, version, figure, since } of raised)
        await alarms.raise(tx, { service, version, figure, since })
      for (const alarm of cleared) await alarms.clear(tx, alarm)
    })
    for (const { service, version, figure, psi, since } of raised)
      tell({ event: 'model.drift', state: 'raised', service, version, figure, psi, since, at })
    for (const alarm of cleared) {
      const psi = looked.find((one) => isSame(alarm, one))?.psi ?? null
      tell({ event: 'model.drift', state: 'cleared', ...alarm, psi, at })
    }
  }

  function tell(alert: Alert): void {
    const { state, event, ...facts } = alert
    if (state === 'raised') logger.warn({ event, ...facts }, 'a model drifts: an alarm was raised')
    else logger.info({ event, ...facts }, 'a model is as before: its alarm was cleared')
    send(alert)
  }

  return { check }
}

type Place = Pick<Alarm, 'service' | 'version' | 'figure'>
const isSame = (a: Place, b: Place): boolean =>
  a.service === b.service && a.version === b.version && a.figure === b.figure
