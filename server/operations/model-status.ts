import { driftOf, type FigureDrift, type ModelSummary, referenceDays, summarise } from '../models/monitor/status.ts'
import type { ModelFigures, VersionSpan } from '../storage/model-figures.ts'
import type { IsoDate } from '../storage/types.ts'
import { addDays } from '../text/calendar.ts'

/** A version as the last days show it. */
export interface VersionStatus extends ModelSummary {
  readonly service: string
  readonly version: number
  /** The day it was asked first, and the last of the days that later ones are compared with. */
  readonly since: IsoDate
  readonly referenceUntil: IsoDate
  /** Beside its first days; empty until later days are over that have rows enough. */
  readonly drift: readonly FigureDrift[]
}

interface Asked {
  readonly service?: string | undefined
  /** Days that are summed up, today included; windows of drift have as many, and end with days that are over. */
  readonly days: number
  /** UTC. */
  readonly today: IsoDate
}

/** Every version that was asked in the last days, by service and number. */
export async function modelStatus(
  figures: Pick<ModelFigures, 'spans' | 'days'>,
  { service, days, today }: Asked,
): Promise<VersionStatus[]> {
  const from = addDays(today, 1 - days)
  const asked = (await figures.spans()).filter(
    (span) => span.last >= from && (service ?? span.service) === span.service,
  )
  const statuses: VersionStatus[] = []
  for (const span of asked) statuses.push(await statusOf(figures, span, from, days, today))
  return statuses
}

async function statusOf(
  figures: Pick<ModelFigures, 'days'>,
  { service, version, first }: VersionSpan,
  from: IsoDate,
  days: number,
  today: IsoDate,
): Promise<VersionStatus> {
  const counts = await figures.days(service, version, first, today)
  return {
    ...{ service, version, since: first, referenceUntil: addDays(first, referenceDays - 1) },
    ...summarise(counts.filter(({ day }) => day >= from)),
    drift: driftOf(counts, first, days, addDays(today, -1)),
  }
}
