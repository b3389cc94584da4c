import { join } from 'node:path'
import { Registry } from 'prom-client'
import { createAccess } from '../access/access.ts'
import { createCaseDesk } from '../cases/cases.ts'
import { readCaseRules, termsOf } from '../cases/rules.ts'
import { createChat } from '../chat/chat.ts'
import { createCommands } from '../chat/commands.ts'
import { createHub } from '../chat/hub.ts'
import { createReadings } from '../chat/readings.ts'
import { createResponder } from '../chat/responder.ts'
import { createRooms } from '../chat/rooms.ts'
import type { Config } from '../config.ts'
import { today } from '../config.ts'
import { createCreditDesk } from '../credit/overrides.ts'
import { createDesk } from '../desk/desk.ts'
import { createHistory } from '../desk/history.ts'
import { compareCanaries } from '../embedding/canaries.ts'
import { encoderDir } from '../embedding/model-files.ts'
import { LoadError } from '../engine/load-error.ts'
import { createPool, type Pool, type PoolOptions } from '../engine/pool.ts'
import { endTasks, type OnProgress } from '../engine/tasks.ts'
import { BursarError, messageOf } from '../errors.ts'
import { createIngest } from '../ingestion/ingest.ts'
import type { Logger } from '../logger.ts'
import { createRegistry } from '../models/registry.ts'
import type { AgentEvent } from '../protocol/agent-events.ts'
import { createRecommender, type Recommender } from '../recommend/recommender.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { createUnitOfWork, type UnitOfWork } from '../storage/group-commit.ts'
import type { Meta } from '../storage/meta.ts'
import type { Ownership } from '../storage/ownership.ts'
import type { Right } from '../text/rights-kinds.ts'
import { createAlarmWatch } from './alarm-watch.ts'
import { createDocumentJobs } from './document-jobs.ts'
import { createFigures, type Figures } from './figures.ts'
import { createGenerations, type Generations } from './generations.ts'
import { createModelMeter } from './model-meter.ts'
import { createMonitor } from './monitor.ts'
import { createStore, type Store } from './store.ts'
import { createWebhook } from './webhook.ts'

/**
 * Put the parts together in an owned data directory. Nothing listens yet.
 * @param registry gets the figures of the house. @param ownership released when the house is closed, or cannot be opened.
 * @throws {StorageError} if the directory is unreadable, damaged or newer; {@link ModelError} if the encoder is missing.
 */
export async function openHouse(config: Config, logger: Logger, ownership: Ownership, registry = new Registry()) {
  try {
    const db = await openDatabase({ dir: config.dataDir })
    return await createHouse(config, logger, db, createFigures(registry), ownership.release)
  } catch (reason) {
    ownership.release()
    throw reason
  }
}
export type House = Awaited<ReturnType<typeof openHouse>>

/** Folder of the encoder in use: the one that is named, else the one that Bursar builds. */
export const encoderOf = ({ encoder, modelsDir }: Config): string => encoder ?? encoderDir(modelsDir)

/** Build every part once; each gets what it needs as arguments. */
async function createHouse(config: Config, logger: Logger, db: Database, figures: Figures, release: () => void) {
  const units = createUnitOfWork(db, { onCommit: figures.commit })
  const store = createStore(db, units)
  const registry = createRegistry(join(config.dataDir, 'models'))
  const { dataDir } = config
  const readings = createReadings()
  const generations = createGenerations({
    dataDir,
    encoder: encoderOf(config),
    second: config.secondEncoder,
    meta: store.meta,
    products: store.products,
    passages: store.passages,
    receipts: store.receipts,
    keptIndexes: config.keptIndexes,
    readingSince: readings.since,
    synonyms: store.synonyms,
    secondVectors: store.secondVectors,
    units,
    registry,
    toleratedError: config.toleratedError,
    logger,
  })
  const catalogue = createCatalogue(store)
  const engines = { size: config.engines, logger, onJob: figures.job, onRestart: figures.restart }
  const [pool] = await Promise.all([startPool(generations, store.meta, units, engines), catalogue.refresh()])
  figures.watch(pool)
  const day = (): string => today(config.timeZone)
  const now = () => new Date()
  const { modelFigures, receipts } = store
  const monitor = createMonitor({ units, figures: modelFigures, receipts, now, logger })
  const webhook = config.alert && createWebhook({ ...config.alert, logger })
  const alarmWatch = createAlarmWatch({
    ...{ units, figures: modelFigures, alarms: store.alarms, show: figures.drift, now, logger },
    send: (alert) => webhook?.send(alert),
  })
  const ask = monitor.watched(
    (job) => pool.run(job),
    () => pool.generation,
  )
  const rules = readCaseRules(config.caseRules)
  const terms = (type: Right, on: string) => termsOf(type, on, rules)
  const responder = createResponder({
    ask,
    readable: store.passages.readable,
    recommender: catalogue.current,
    current: store.documents.current,
    termsOf: terms,
    logger,
  })
  const hub = createHub((event) => {
    figures.event(event)
    if (event.t === 'owner.changed' || (event.t === 'msg.completed' && event.d.kind === 'handoff')) desk.changed()
  })
  const chat = createChat({
    units,
    ...store,
    ...{ receipts: monitor, responder, ask, termsOf: terms },
    readings,
    hub,
    today: day,
    logger,
  })
  const creditDesk = createCreditDesk({ units, ...store, now })
  const caseDesk = createCaseDesk({ units, ...store, publish: chat.heard, today: day, now, logger })
  const desk = createDesk({
    ...{ units, ...store, responder, logger, now, today: day, readable: store.passages.readable },
    ...{ capacity: config.deskCapacity, graceMs: config.deskGraceMs, clock: () => performance.now() },
    ...{ publish: hub.publish, rooms: createRooms<AgentEvent>(), closeCase: caseDesk.close },
    once: createCommands(units, store.conversations, chat.heard),
    search: (job) => pool.run(job),
  })
  const history = createHistory({ units, ...store, logger })
  const { allowedContacts, fourEyes } = config
  const { ingest, release: releaseHeld } = createIngest({
    ...{ units, pool, allowedContacts, fourEyes, logger },
    ...store,
  })
  const access = createAccess({ units, ...store, now })
  const modelMeter = createModelMeter({ units, usage: store.modelUsage, now })
  /** Bring the index, and what is recommended, up to the store. */
  async function index(onProgress: OnProgress = () => undefined): Promise<void> {
    await generations.publish(pool, onProgress)
    await catalogue.refresh()
  }
  const documentJobs = createDocumentJobs({
    ...{ units, ...store, logger, index, fourEyes: config.fourEyes, uploads: join(dataDir, 'uploads') },
    ingest: (request) => ingest(request, () => undefined),
  })
  await documentJobs.tidy()
  return {
    ...{ config, logger, db, units, store, registry, generations, pool, responder, chat, catalogue, day },
    ...{
      access,
      caseDesk,
      creditDesk,
      history,
      staffDesk: desk,
      termsOf: terms,
      modelMeter,
      monitor,
      alarmWatch,
      index,
      documentJobs,
      ingest,
      releaseHeld,
    },
    /** Stop in order: turns first, then who answers them, then where they are stored. */
    async close(): Promise<void> {
      desk.closed()
      await Promise.all([chat.settled(), webhook?.close()])
      endTasks() // a training would go on for as long as it takes, and this process with it
      await pool.stop()
      await generations.close()
      await documentJobs.close() // what it was at has just lost its engines
      await units.close()
      release()
    },
  }
}

/** Engines of the stored generation; an index that is damaged under them is built anew from the store. */
async function startPool(generations: Generations, meta: Meta, units: UnitOfWork, options: PoolOptions): Promise<Pool> {
  let isHealing = false
  const onDamage = (reason: string): void => {
    if (isHealing) return
    isHealing = true
    options.logger.error({ reason }, 'the index was damaged while it was in use; it is built anew')
    generations
      .rebuild(pool, reason)
      .catch((failure: unknown) => options.logger.error({ reason: messageOf(failure) }, 'the index was not built anew'))
      .finally(() => {
        isHealing = false
      })
  }
  const pool = createPool(await generations.current(), { ...options, onDamage })
  try {
    await bringUp(pool, generations, options.logger)
    await keepCanaries(pool, meta, units)
    return pool
  } catch (reason) {
    await pool.stop()
    throw reason
  }
}

/**
 * Wait until an engine serves. An index that cannot be loaded, or is older than the store, is built anew, as the store is the
 * truth. Heads that cannot be loaded are left out, so that the command that makes new ones can run.
 */
async function bringUp(pool: Pool, generations: Generations, logger: Logger): Promise<void> {
  let rebuilding = false
  let load: () => Promise<unknown> = () => pool.facts()
  for (let loaded = false; !loaded; ) {
    try {
      await load()
      loaded = true
    } catch (reason) {
      if (rebuilding && isOtherEncoder(reason)) return logger.warn({ reason: messageOf(reason) }, 'there is no index')
      const part = reason instanceof LoadError ? reason.part : 'snapshot'
      if (part === 'heads' && !generations.headsFault()) generations.doWithoutHeads(reason)
      else if (part === 'snapshot' && !rebuilding && pool.generation.snapshot !== undefined) rebuilding = true
      else throw reason
      logger.warn({ part, reason: messageOf(reason) }, 'a part of the generation cannot be used')
      load = rebuilding
        ? () => generations.rebuild(pool, messageOf(reason))
        : async () => pool.switchTo(await generations.current())
    }
  }
  if (!(await generations.isBehind())) return
  logger.warn('the index is older than the documents and is brought up to them')
  await generations.publish(pool)
}

/**
 * What another encoder gives for known texts is kept at its first start here, and has to be the same at every later one.
 * @throws {ModelError} if it is not: another tokenizer, for one, leaves the encoder's id as it is.
 */
async function keepCanaries(pool: Pool, meta: Meta, units: UnitOfWork): Promise<void> {
  const { second, ...first } = await pool.facts()
  for (const { encoderId, canaries } of second ? [first, second] : [first]) {
    if (!canaries) continue
    const key = `canaries.${encoderId}`
    const kept = await meta.get(key)
    const folder = encoderId === first.encoderId ? pool.generation.encoder : (pool.generation.second ?? '')
    if (kept === undefined) await units.run((tx) => meta.set(tx, key, canaries.join(' ')))
    else compareCanaries(folder, kept.split(' '), canaries)
  }
}

/** All that is stored was embedded by another encoder. The engines go on without an index, so that it can be ingested again. */
const isOtherEncoder = (reason: unknown): boolean =>
  reason instanceof BursarError && reason.code === 'model_unavailable' && !(reason instanceof LoadError)

/** The recommender over the catalogue and the product sheets as they are stored now. */
function createCatalogue({ products, sheets }: Store) {
  let recommender: Recommender = createRecommender({ products: [], sheets: new Map() })
  return {
    current: (): Recommender => recommender,
    async refresh(): Promise<void> {
      recommender = createRecommender({ products: await products.all(), sheets: await sheets.byProduct() })
    },
  }
}
