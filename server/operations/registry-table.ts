import { z } from 'zod'
import { today } from '../config.ts'
import { type OnProgress, runTask } from '../engine/tasks.ts'
import { messageOf, NotFoundError, UsageError } from '../errors.ts'
import { mainMetric } from '../models/gate.ts'
import { type LedgerLine, type LedgerState, previousOf, stateOf } from '../models/ledger.ts'
import type { Manifest } from '../models/manifest.ts'
import { aboutOf } from '../models/model-card.ts'
import type { Found, ModelRegistry } from '../models/registry.ts'
import { by, reason, reasonText } from './access-table.ts'
import type { House } from './house.ts'
import { columns, versionOf } from './model-table.ts'
import type { Promotions } from './promotion.ts'

/** A name is a folder: nothing outside of the registry can be meant. */
const service = z.string().regex(/^[a-z][a-z-]{0,99}$/, { error: 'is not the name of a service' })
const version = z.int().min(1).max(999_999_999)

/** What commands may ask of the registry. */
export const registryRequests = {
  'models.list': z.object({
    service: service.exactOptional(),
    task: z.string().exactOptional(),
    search: z.string().exactOptional(),
  }),
  'models.show': z.object({ service, version: z.string() }),
  'models.promote': z.object({
    ...{ service, version, reason: reasonText },
    replay: z.int().min(0).max(10_000),
    force: z.boolean(),
    dryRun: z.boolean(),
  }),
  'models.rollback': z.object({ service, reason: reasonText }),
  'models.retire': z.object({ service, version, reason: reasonText }),
  'models.history': z.object({ service: service.exactOptional(), on: z.iso.date().exactOptional() }),
  'models.optimise': z.object({
    ...{ service, version: z.string(), test: z.array(z.string()).min(1), columns },
    compression: z.discriminatedUnion('method', [
      z.object({ method: z.literal('int8') }),
      z.object({ method: z.literal('prune'), share: z.number().gt(0).lt(1) }),
    ]),
    tolerance: z.number().min(0).max(1),
    reason,
  }),
  'models.compare': z.object({ service, a: z.string(), b: z.string(), test: z.string(), columns }),
} as const
type Request<N extends keyof typeof registryRequests> = z.infer<(typeof registryRequests)[N]>

/** `previous` is what a rollback would return to. */
export type VersionState = 'champion' | 'previous' | 'retired' | 'damaged' | 'registered'

export interface ListedVersion {
  readonly service: string
  /** Absent where the manifest cannot be read, as all that follows from it. */
  readonly task?: string
  readonly version: number
  readonly state: VersionState
  readonly created?: string
  /** Rows that it was trained on. */
  readonly rows?: number
  readonly metric?: { readonly name: string; readonly value: number }
  readonly fault?: string
}

/** When a version was live: from a time on, until another time if it is not live any more. */
export interface LiveSpan {
  readonly service: string
  readonly version: number
  readonly from: string
  readonly until: string | null
}

/** The registry, for the table of operations. */
export function createRegistryOperations({ registry, pool, config, day, units, store }: House, promotions: Promotions) {
  const dayOf = (at: string): string => today(config.timeZone, new Date(at))

  /** Those that are there, or the one that is asked for. @throws {NotFoundError} if that is unheard of. */
  async function servicesOf(wanted: string | undefined): Promise<readonly string[]> {
    const all = await registry.services()
    if (wanted === undefined) return all
    if (all.includes(wanted)) return [wanted]
    throw new NotFoundError(`there is no version of ${wanted}${all.length > 0 ? `, only of ${all.join(', ')}` : ''}`)
  }

  return {
    async 'models.list'({ service: wanted, task, search = '' }: Request<'models.list'>) {
      const listed: Awaited<ReturnType<typeof listedOf>> = []
      for (const name of await servicesOf(wanted)) listed.push(...(await listedOf(registry, name)))
      const words = search.toLowerCase().split(/\s+/).filter(Boolean)
      const models = listed.filter((one) => task === undefined || one.listed.task?.includes(task) === true)
      return {
        models: models.filter(({ about }) => words.every((word) => about.includes(word))).map(({ listed: one }) => one),
      }
    },
    async 'models.show'({ service: name, version: wanted }: Request<'models.show'>) {
      await servicesOf(name)
      const number = /^[1-9]\d{0,8}$/.test(wanted) ? Number(wanted) : (await versionOf(registry, name, wanted)).version
      const found = await registry.examine(name, number)
      if (!found) throw new NotFoundError(`there is no version ${number} of ${name}`)
      const { lines, state, fault: broken } = await ledgerOf(registry, name)
      const about = lines.filter((line) => line.version === number || line.from === number)
      return {
        ...{ service: name, state: stateOfVersion(found, state), ...found },
        ...{ ledger: about, ...(broken !== undefined && { ledgerFault: broken }) },
      }
    },
    'models.promote': (
      request: Request<'models.promote'>,
      onProgress: OnProgress,
      actor: string,
      signal?: AbortSignal,
    ) => promotions.promote(request, onProgress, actor, signal),
    'models.rollback': ({ service: name, reason }: Request<'models.rollback'>, _: OnProgress, actor: string) =>
      promotions.rollback(name, reason, actor),
    'models.retire': (request: Request<'models.retire'>, _: OnProgress, actor: string) =>
      promotions.retire(request.service, request.version, request.reason, actor),
    async 'models.history'({ service: wanted, on }: Request<'models.history'>) {
      const names = await servicesOf(wanted)
      const ledgers = await Promise.all(names.map(async (name) => ({ name, lines: await registry.ledger(name) })))
      const history = ledgers.flatMap(({ name, lines }) => lines.map((line) => ({ service: name, ...line })))
      if (on === undefined) return { history: history.sort((a, b) => (a.at < b.at ? -1 : 1)) }
      if (on > day()) throw new UsageError(`${on} has not come yet`)
      const spans = ledgers.flatMap(({ name, lines }) => spansOf(name, lines))
      return {
        on,
        live: spans.filter(({ from, until }) => dayOf(from) <= on && (until === null || dayOf(until) >= on)),
      }
    },
    /** Registers; what is live stays so. */
    async 'models.optimise'(
      { version: wanted, reason: why, columns: given, ...request }: Request<'models.optimise'>,
      onProgress: OnProgress,
      actor: string,
      signal?: AbortSignal,
    ) {
      const { dir } = await versionOf(registry, request.service, wanted)
      const task = {
        kind: 'optimise' as const,
        encoder: pool.generation.encoder,
        registry: registry.root,
        version: dir,
      }
      const done = await runTask({ ...task, ...request, ...(given && { columns: given }) }, onProgress, signal)
      const { accuracy, bytes } = done.bill
      const detail = `version ${done.version} from version ${done.parent} by ${request.compression.method}, ${bytes.before} to ${bytes.after} bytes, accuracy ${accuracy.before.toFixed(4)} to ${accuracy.after.toFixed(4)}`
      const entry = { ...by(actor, why), action: 'models.optimise', subject: done.service, detail }
      await units.run((tx) => store.audit.append(tx, [entry]))
      return done
    },
    async 'models.compare'(
      request: Request<'models.compare'>,
      onProgress: OnProgress,
      _: string,
      signal?: AbortSignal,
    ) {
      const { service: name, a, b, test, columns: given } = request
      const [first, second] = [await versionOf(registry, name, a), await versionOf(registry, name, b)]
      const { encoder } = pool.generation
      const task = {
        kind: 'compare' as const,
        service: name,
        encoder,
        versions: [first.dir, second.dir] as const,
        test,
      }
      const done = await runTask({ ...task, ...(given && { columns: given }) }, onProgress, signal)
      return { service: name, versions: [first.version, second.version], ...done }
    },
  }
}

/** A ledger that is damaged hides no version. */
async function ledgerOf(registry: ModelRegistry, name: string) {
  return registry.ledger(name).then(
    (lines) => ({ lines, state: stateOf(lines), fault: undefined }),
    (reason: unknown) => ({ lines: [], state: stateOf([]), fault: messageOf(reason) }),
  )
}

async function listedOf(registry: ModelRegistry, name: string) {
  const [{ state }, all] = [await ledgerOf(registry, name), await registry.inspect(name)]
  return all.map((found) => ({ listed: listedAs(name, found, state), about: wordsOf(name, found.manifest) }))
}

function listedAs(name: string, found: Found, state: LedgerState): ListedVersion {
  const { version: number, manifest, fault } = found
  const metric = manifest && mainMetric(manifest.metrics)
  return {
    ...{ service: name, version: number, state: stateOfVersion(found, state) },
    ...(manifest && { task: manifest.task, created: manifest.created, rows: rowsOf(manifest) }),
    ...(metric && { metric }),
    ...(fault !== undefined && { fault }),
  }
}

function stateOfVersion({ version: number, fault }: Found, state: LedgerState): VersionState {
  if (fault !== undefined) return 'damaged'
  if (state.retired.has(number)) return 'retired'
  if (state.live.at(-1)?.version === number) return 'champion'
  return previousOf(state) === number ? 'previous' : 'registered'
}

/** Versions of before did not say what their files were used for: then all count. */
function rowsOf({ data: { files } }: Manifest): number {
  const used = files.filter(({ use }) => use === 'train')
  return (used.length > 0 ? used : files).reduce((sum, { rows }) => sum + rows, 0)
}

/** What a search looks at. */
function wordsOf(name: string, manifest: Manifest | undefined): string {
  const { purpose } = aboutOf(name)
  const files = manifest?.data.files.map(({ file }) => file) ?? []
  const labels = manifest && 'labels' in manifest ? manifest.labels : []
  return [name, manifest?.task, purpose, ...labels, ...files].join(' ').toLowerCase()
}

/** Times of what was live, oldest first. */
function spansOf(name: string, lines: readonly LedgerLine[]): LiveSpan[] {
  const changes = lines.filter(({ action }) => action !== 'retire')
  return changes.map(({ version: number, at }, i) => {
    const until = changes[i + 1]?.at ?? null
    return { service: name, version: number, from: at, until }
  })
}
