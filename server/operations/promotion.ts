import { assertWanted, type OnProgress } from '../engine/tasks.ts'
import { ModelError } from '../errors.ts'
import { metricGate, missed } from '../models/gate.ts'
import { type Decision, type GateResult, previousOf, stateOf } from '../models/ledger.ts'
import { encoderIdOf } from '../models/manifest.ts'
import type { Version } from '../models/registry.ts'
import { readVersion } from '../models/version-folder.ts'
import { type ChangedReading, type Rehearsal, rehearse } from '../receipts/rehearsal.ts'
import { by } from './access-table.ts'
import { heads } from './generations.ts'
import type { House } from './house.ts'
import { type LedgerAction, placeOf } from './ledger-check.ts'

export interface PromotionRequest {
  readonly service: string
  readonly version: number
  readonly reason: string
  /** Earlier questions that are read by both versions first; 0 for none. */
  readonly replay: number
  /** Make it live although its main metric is lower. */
  readonly force: boolean
  /** Only show what would change. */
  readonly dryRun: boolean
}

export interface Promoted {
  readonly service: string
  readonly version: number
  /** What was live before; null if nothing was, or nothing that can be read. */
  readonly from: number | null
  /** False if it was live already, or this was only shown. */
  readonly changed: boolean
  readonly gate?: GateResult
  readonly changes?: readonly ChangedReading[]
}

/** Who is told how far it is, and may go. */
interface Asker {
  readonly onProgress: OnProgress
  readonly signal: AbortSignal | undefined
}

type Head = (typeof heads)[number]
const isHead = (service: string): service is Head => heads.some((head) => head === service)

/** Has one thing done after the other. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
}

/** What makes versions live, one after the other. */
export function createPromotions(house: House) {
  const { registry, pool, generations, units, store, logger, catalogue, termsOf } = house
  // A rehearsal takes minutes and changes nothing: it keeps no rollback waiting, only the next rehearsal.
  const [inTurn, rehearsals] = [createTurns(), createTurns()]

  /** A version that the engines could load now. @throws {ModelError} saying what of it is another one than they have. */
  async function usable(service: string, number: number): Promise<Version> {
    const version = await registry.find(service, number)
    await readVersion(version.dir, service)
    const { manifest } = version
    const name = `version ${number} of ${service}`
    const { recipeOf } = await import('../engine/train.ts') // what trains is not in memory unless it is needed
    if (manifest.recipe !== recipeOf(service))
      throw new ModelError(`${name} was made by another release: bursar train ${service}`)
    const encoderId = encoderIdOf(manifest)
    if (encoderId !== undefined && encoderId !== (await pool.facts()).encoderId)
      throw new ModelError(`${name} was trained with another encoder: bursar train ${service}`)
    return version
  }

  /** Engines load the version, then the ledger names it, then they are asked. Without engines that answer, all that are live are tried. */
  async function goLive({ service, version, dir }: Version, decision: Decision, action: 'promote' | 'rollback') {
    const commit = async () => void (await registry.promote(service, version, decision, action))
    const live = pool.generation.heads
    if (live && isHead(service) && live[service] !== dir)
      return generations.adoptHeads(pool, { ...live, [service]: dir }, commit)
    await commit()
    if (!live && isHead(service)) await generations.adoptHeads(pool)
  }

  async function rehearsed({ service, dir }: Version, most: number, { onProgress, signal }: Asker): Promise<Rehearsal> {
    const live = pool.generation.heads
    if (!live || most === 0 || !isHead(service)) return { replayed: 0, changes: [] }
    const other = { ...pool.generation, heads: { ...live, [service]: dir } }
    const { receipts, passages, documents } = store
    const parts = {
      receipts,
      passages,
      pool,
      logger,
      signal,
      recommender: catalogue.current,
      current: documents.current,
      termsOf,
    }
    return rehearse(parts, other, most, onProgress)
  }

  async function gateOf(request: PromotionRequest, live: Version | undefined, next: Version, asker: Asker) {
    const { service, version, force, replay } = request
    const { thresholdsOf } = await import('../engine/train.ts')
    const [failed] = missed(next.manifest.metrics, thresholdsOf(service))
    if (failed !== undefined) throw new ModelError(`version ${version} of ${service}: ${failed}`)
    const metric = live && metricGate(live.manifest.metrics, next.manifest.metrics)
    if (metric?.isLower && !force) throw new ModelError(lower(request, live?.version, metric))
    const { replayed, changes } = await rehearsals(() => rehearsed(next, replay, asker))
    const forced = metric?.isLower === true
    const gate = { replayed, changed: changes.length, ...(metric && { metric }), ...(forced && { forced }) }
    return { gate, changes }
  }

  async function log(
    action: LedgerAction,
    service: string,
    actor: string,
    reason: string,
    detail: string,
  ): Promise<void> {
    // The chain of the audit log holds the head of the ledger: whoever cuts its end off is found out.
    const head = (await registry.ledger(service)).at(-1)
    const place = head ? `, ${placeOf(head)}` : ''
    const entry = { ...by(actor, reason), action, subject: service, detail: `${detail}${place}` }
    await units.run((tx) => store.audit.append(tx, [entry]))
  }

  /** One that is broken is no reason against another: it is what brings somebody here. */
  const liveOf = (service: string): Promise<Version | undefined> => registry.champion(service).catch(() => undefined)

  async function promote(request: PromotionRequest, actor: string, asker: Asker): Promise<Promoted> {
    const { service, version, reason, dryRun } = request
    const next = await usable(service, version)
    const live = await liveOf(service)
    const told = { service, version, from: live?.version ?? null }
    if (live?.version === version) return { ...told, changed: false }
    const { retired } = stateOf(await registry.ledger(service)) // a damaged one cannot tell what must not go live
    if (retired.has(version)) throw new ModelError(`version ${version} of ${service} is retired`)
    const { gate, changes } = await gateOf(request, live, next, asker)
    if (dryRun) return { ...told, changed: false, gate, changes }
    await inTurn(async () => {
      assertWanted(asker.signal)
      if ((await liveOf(service))?.version !== live?.version)
        throw new ModelError(`another version of ${service} went live meanwhile: compare again, then promote`)
      await goLive(next, { by: actor, reason, gate }, 'promote')
      await log('models.promote', service, actor, reason, detailOf(told, gate))
    })
    return { ...told, changed: true, gate, changes }
  }

  /** Engines that answer load it first; without such, all heads are adopted at once when the last is there. */
  async function takeUp(service: string, number: number, reason: string, actor: string): Promise<void> {
    const version = await registry.find(service, number)
    const live = await liveOf(service)
    const decision = { by: actor, reason }
    if (pool.generation.heads && isHead(service)) await goLive(version, decision, 'promote')
    else await registry.promote(service, number, decision)
    if (live?.version === number) return
    await log('models.promote', service, actor, reason, `version ${live?.version ?? 'none'} to version ${number}`)
  }

  async function rollback(service: string, reason: string, actor: string): Promise<Promoted> {
    const state = stateOf(await registry.ledger(service))
    const [version, from] = [previousOf(state), state.live.at(-1)?.version ?? null]
    if (version === undefined) throw new ModelError(`${service} has no earlier live version to return to`)
    await goLive(await usable(service, version), { by: actor, reason }, 'rollback')
    await log('models.rollback', service, actor, reason, `version ${from} to version ${version}`)
    return { service, version, from, changed: true }
  }

  return {
    /** Wait for changes under way, then do something that no other may come between. */
    inTurn,
    /** @throws {ModelError} if the version may not go live: why stands in the message; nothing has changed then. */
    promote: (request: PromotionRequest, onProgress: OnProgress, actor: string, signal?: AbortSignal) =>
      promote(request, actor, { onProgress, signal }),
    /** Make live what was trained just now, without rehearsal. @throws {ModelError} as above; {EngineLostError} at the signal. */
    takeUp: (trained: Pick<Version, 'service' | 'version'>, reason: string, actor: string, signal?: AbortSignal) =>
      inTurn(async () => {
        assertWanted(signal)
        await takeUp(trained.service, trained.version, reason, actor)
      }),
    /** Return to the version that was live before, without rehearsal. @throws {ModelError} */
    rollback: (service: string, reason: string, actor: string) => inTurn(() => rollback(service, reason, actor)),
    retire: (service: string, version: number, reason: string, actor: string) =>
      inTurn(async () => {
        await registry.retire(service, version, { by: actor, reason })
        await log('models.retire', service, actor, reason, `version ${version}`)
        return { service, version }
      }),
  }
}
export type Promotions = ReturnType<typeof createPromotions>

const figure = (value: number): string => value.toFixed(4)

function lower(
  { service, version }: PromotionRequest,
  live: number | undefined,
  metric: NonNullable<GateResult['metric']>,
) {
  const { name, champion, challenger, interval } = metric
  const [low, high] = interval
  return `${name} of version ${version} of ${service} is ${figure(challenger)}, below the interval of version ${live}, ${figure(champion)} (${figure(low)} to ${figure(high)}): see bursar models compare, or add --force`
}

function detailOf(
  { from, version }: { from: number | null; version: number },
  { replayed, changed, metric, forced }: GateResult,
) {
  const figures = metric && `${metric.name} ${figure(metric.champion)} to ${figure(metric.challenger)}`
  const parts = [
    `version ${from ?? 'none'} to version ${version}`,
    `${replayed} questions read again, ${changed} differently`,
    ...(figures ? [figures] : []),
    ...(forced ? ['forced'] : []),
  ]
  return parts.join(', ')
}
