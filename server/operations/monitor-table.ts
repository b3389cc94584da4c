import { z } from 'zod'
import { watchedServices } from '../models/monitor/reading-figures.ts'
import type { House } from './house.ts'
import { modelStatus } from './model-status.ts'

/** What commands may ask about live models. */
export const monitorRequests = {
  'monitor.status': z.object({ service: z.enum(watchedServices).exactOptional(), days: z.int().min(1).max(90) }),
} as const
type Request<N extends keyof typeof monitorRequests> = z.infer<(typeof monitorRequests)[N]>

const todayUtc = (): string => new Date().toISOString().slice(0, 10)

/** Watching of live models, for the table of operations. */
export function createMonitorOperations({ store, registry }: House) {
  return {
    async 'monitor.status'({ service, days }: Request<'monitor.status'>) {
      const versions = await modelStatus(store.modelFigures, { service, days, today: todayUtc() })
      const live = new Map<string, number | undefined>()
      for (const name of watchedServices)
        live.set(name, (await registry.champion(name).catch(() => undefined))?.version)
      return { days, versions: versions.map((one) => ({ ...one, live: live.get(one.service) === one.version })) }
    },
  }
}
