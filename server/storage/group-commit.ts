import { BusyError, messageOf, StorageError } from '../errors.ts'
import type { Database } from './database.ts'
import type { Tx } from './types.ts'

export interface UnitOfWork {
  /**
   * Run `work` and commit it. Everything that arrives in one turn of the event loop shares one transaction and one sync;
   * units run one after the other, each in a savepoint of its own.
   * `work` awaits every query that it starts, and nothing but queries: all others wait for it. It never calls `run` itself.
   * @returns what `work` returned, after the COMMIT's sync has completed.
   * @throws what `work` threw (only its own writes are undone); {@link StorageError} if the commit failed, for all that
   * shared it, and nothing of it is kept; {@link BusyError} if too many units wait.
   */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Units that wait for their turn. */
  readonly waiting: number
  /** Finish what waits, fold the log into the file, close the store. Later units are refused. */
  close(): Promise<void>
}

export interface UnitLimits {
  /** Units that may wait; one more is refused. */
  readonly maxWaiting?: number
  /** Units per transaction, so that a flood does not keep the event loop from everything else. */
  readonly maxBatch?: number
  /** Called with the seconds that each COMMIT took, its sync included. */
  readonly onCommit?: (seconds: number) => void
}

/** Commits between two checkpoints: some 500 to 1,000 pages of log for chat's small units. */
const checkpointEvery = 150

interface Unit {
  readonly work: (tx: Tx) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** Group commit over the store's one writing connection. @throws {StorageError} if the store is read-only. */
export function createUnitOfWork(
  db: Database,
  { maxWaiting = 4_096, maxBatch = 256, onCommit }: UnitLimits = {},
): UnitOfWork {
  const { writer } = db
  if (!writer) throw new StorageError(`${db.path} was opened read-only`)
  const waiting: Unit[] = []
  let busy = false
  let commits = 0
  let closing: (() => void) | undefined
  let closed: Promise<void> | undefined

  function wake(): void {
    if (busy) return
    busy = true
    setImmediate(() => void turn())
  }

  async function turn(): Promise<void> {
    await commitBatch(waiting.splice(0, maxBatch))
    if (commits < checkpointEvery) return next()
    commits = 0
    // SQLite would do this within a COMMIT, which then takes milliseconds more. Here its callers have had their answer.
    setImmediate(() => {
      checkpoint()
      next()
    })
  }

  function next(): void {
    busy = false
    if (waiting.length > 0) wake()
    else closing?.()
  }

  function checkpoint(): void {
    try {
      writer!.checkpoint()
    } catch {
      // The log still holds everything, and the next commit says what is wrong with the disk.
    }
  }

  /** Never rejects: every outcome goes to the units' callers. */
  async function commitBatch(batch: readonly Unit[]): Promise<void> {
    const done: (() => void)[] = []
    let seconds = 0
    try {
      writer!.begin()
      for (const unit of batch) await runInSavepoint(unit, done)
      const begun = performance.now()
      writer!.commit()
      seconds = (performance.now() - begun) / 1_000
      commits++
    } catch (reason) {
      const failure = giveUp(reason)
      for (const unit of batch) unit.reject(failure)
      return
    }
    for (const settle of done) settle()
    onCommit?.(seconds)
  }

  /** Rejects only if the whole transaction is lost. */
  async function runInSavepoint(unit: Unit, done: (() => void)[]): Promise<void> {
    const { tx, end } = writer!.handle()
    writer!.savepoint()
    try {
      const value = await unit.work(tx)
      end()
      writer!.release()
      done.push(() => unit.resolve(value))
    } catch (reason) {
      end()
      if (!writer!.inTransaction) throw reason
      writer!.rollbackToSavepoint()
      writer!.release()
      done.push(() => unit.reject(reason))
    }
  }

  function giveUp(reason: unknown): StorageError {
    try {
      writer!.rollback()
    } catch (second) {
      return new StorageError(`nothing was stored, and the undo failed too: ${messageOf(second)}`, { cause: reason })
    }
    return reason instanceof StorageError
      ? reason
      : new StorageError(`nothing was stored: ${messageOf(reason)}`, { cause: reason })
  }

  return {
    run: <T>(work: (tx: Tx) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (closed !== undefined) return reject(new StorageError('the store is closed'))
        if (waiting.length >= maxWaiting) return reject(new BusyError(`${maxWaiting} units of work already wait`))
        // Only the value that this very unit's work returned is handed to its resolve.
        waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
        wake()
      }),
    get waiting() {
      return waiting.length
    },
    close: () => {
      closed ??= new Promise<void>((resolve) => {
        if (busy) closing = resolve
        else resolve()
      }).then(() => db.close())
      return closed
    },
  }
}
