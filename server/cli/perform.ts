import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { OnProgress } from '../engine/tasks.ts'
import { NotFoundError, StorageError } from '../errors.ts'
import { callAdmin } from '../gateway/admin-socket.ts'
import type { Logger } from '../logger.ts'
import { adminSocket, type Composition, compose } from '../main.ts'
import { isInUse } from '../storage/ownership.ts'

/** A server that starts or stops owns its directory a little longer than it takes commands. */
const [betweenMs, retryMs] = [2_000, 50]

/** What begins a data directory. Anything else on one that does not exist is a mistyped name, and would be answered from nothing. */
const founding: ReadonlySet<string> = new Set(['ingest', 'train', 'users.add', 'keys.create'])

/**
 * Run an operation where the owner of the data directory is: over its admin socket if a server runs, else here.
 * @throws {StorageError} naming the owner, if it is a process that serves no commands; if there is no such directory.
 */
export async function perform(
  config: Config,
  logger: Logger,
  name: string,
  request: object,
  onProgress: OnProgress,
): Promise<unknown> {
  if (!founding.has(name) && !existsSync(config.dataDir))
    throw new StorageError(
      `there is no data directory ${config.dataDir}: ingest documents into it, or name another with --data`,
    )
  const until = performance.now() + betweenMs
  for (;;) {
    try {
      return await callAdmin(adminSocket(config.dataDir), name, request, (progress) => report(progress, onProgress))
    } catch (reason) {
      if (!(reason instanceof NotFoundError)) throw reason
    }
    try {
      return await withHouse(config, logger, ({ run }) => run(name, request, onProgress))
    } catch (reason) {
      if (!isInUse(reason) || performance.now() > until) throw reason
    }
    await sleep(retryMs)
  }
}

/** Compose, do something, and close in any case. */
export async function withHouse<T>(
  config: Config,
  logger: Logger,
  work: (composition: Composition) => Promise<T>,
): Promise<T> {
  const composition = await compose(config, logger)
  try {
    return await work(composition)
  } finally {
    await composition.close()
  }
}

/** Folders that have to go with this process. */
const temporary = new Set<string>()
const signals = ['SIGINT', 'SIGTERM'] as const

function removeAndStop(signal: (typeof signals)[number]): void {
  for (const dir of temporary) rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  process.exit(128 + constants.signals[signal])
}

/** As {@link withHouse}, on an empty data directory that is gone afterwards, also when Ctrl-C stops the work. */
export async function withTemporaryHouse<T>(
  config: Config,
  logger: Logger,
  work: (composition: Composition, dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'bursar-'))
  if (temporary.size === 0) for (const signal of signals) process.on(signal, removeAndStop)
  temporary.add(dir)
  // Nobody reads what is there only to be measured, so nobody has to approve it.
  const aside = { ...config, dataDir: join(dir, 'data'), fourEyes: false }
  try {
    return await withHouse(aside, logger, (composition) => work(composition, dir))
  } finally {
    await rm(dir, { recursive: true, force: true })
    temporary.delete(dir)
    if (temporary.size === 0) for (const signal of signals) process.off(signal, removeAndStop)
  }
}

function report(progress: unknown, onProgress: OnProgress): void {
  if (typeof progress !== 'object' || progress === null || !('share' in progress) || !('what' in progress)) return
  if (typeof progress.share === 'number' && typeof progress.what === 'string') onProgress(progress.share, progress.what)
}
