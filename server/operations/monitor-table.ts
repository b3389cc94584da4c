import { z } from 'zod'
import { InputError } from '../errors.ts'
import { isTextManifest } from '../models/manifest.ts'
import { watchedServices } from '../models/monitor/reading-figures.ts'
import { usualOosLabel } from '../models/oos-label.ts'
import type { ModelRegistry } from '../models/registry.ts'
import type { House } from './house.ts'
import { type LabelledService, labelledServices, mostNamed, storeLabels, type ToldLabel } from './late-labels.ts'
import { modelStatus } from './model-status.ts'

/** Labels in one order: more would keep chats waiting, and not fit into an order over the admin socket. */
export const mostLabels = 20_000
/** Stored labels that are told of, the last ones. */
const mostTold = 200_000

/** What commands may ask about live models. */
export const monitorRequests = {
  'monitor.status': z.object({ service: z.enum(watchedServices).exactOptional(), days: z.int().min(1).max(90) }),
  'monitor.labels': z.object({
    service: z.enum(labelledServices),
    /** Where they are from, for messages. */
    file: z.string(),
    labels: z.array(z.object({ id: z.string().min(1).max(100), label: z.string().min(1).max(200) })).max(mostLabels),
  }),
} as const
type Request<N extends keyof typeof monitorRequests> = z.infer<(typeof monitorRequests)[N]>

const todayUtc = (): string => new Date().toISOString().slice(0, 10)

/** Watching of live models, for the table of operations. */
export function createMonitorOperations({ store, units, registry }: House) {
  return {
    async 'monitor.status'({ service, days }: Request<'monitor.status'>) {
      const versions = await modelStatus(store.modelFigures, { service, days, today: todayUtc() })
      const live = new Map<string, number | undefined>()
      for (const name of watchedServices)
        live.set(name, (await registry.champion(name).catch(() => undefined))?.version)
      return { days, versions: versions.map((one) => ({ ...one, live: live.get(one.service) === one.version })) }
    },
    async 'monitor.labels'({ service, file, labels }: Request<'monitor.labels'>) {
      const strange = strangeLabels(file, labels, await knownLabels(registry, service))
      const stored = await storeLabels({ ...store, units }, service, labels)
      return { stored, strange, labels: await store.lateLabels.list(service, mostTold) }
    },
  }
}

/** Labels of the live version; undefined where there is none. */
async function knownLabels(registry: ModelRegistry, service: LabelledService): Promise<readonly string[] | undefined> {
  const manifest = (await registry.champion(service).catch(() => undefined))?.manifest
  return manifest && isTextManifest(manifest) ? [...manifest.labels, usualOosLabel] : undefined
}

/**
 * Labels that the live version does not know, the first of them: they count as missed.
 * @throws {InputError} if it knows none of them at all: then it is the wrong file or service.
 */
function strangeLabels(file: string, told: readonly ToldLabel[], known: readonly string[] | undefined): string[] {
  if (!known) return []
  const labels = [...new Set(told.map(({ label }) => label))]
  const strange = labels.filter((label) => !known.includes(label))
  if (labels.length > 0 && strange.length === labels.length)
    throw new InputError({ file, column: 'label' }, `holds none that the model knows, such as '${known[0]}'`)
  return strange.slice(0, mostNamed)
}
