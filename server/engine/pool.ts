import { BusyError, CorruptError, DeadlineError, EngineLostError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { createCrew } from './crew.ts'
import type { Engine } from './engine.ts'
import type { Job, Result, ResultOf } from './jobs.ts'
import type { EncoderFacts, Generation, Renewal } from './messages.ts'

/** Chat goes before ingestion: a customer waits, a document can. */
export type Priority = 'chat' | 'background'

export interface PoolOptions {
  readonly size: number
  readonly logger: Logger
  /** Waiting chat jobs above which new ones are refused. */
  readonly maxWaiting?: number
  /**
   * A chat job that is not done after so many ms is given up, wherever it is. For a background job the time begins when an
   * engine gets it: it may wait for as long as customers keep the engines busy. An engine that holds a late job hangs, and is
   * ended.
   */
  readonly deadlineMs?: number
  /** Called with every job that was done: seconds from its asking, the wait included. */
  readonly onJob?: (kind: Job['kind'], seconds: number) => void
  /** Called when a job finds the index damaged: with all that engines have, the next one will, too. */
  readonly onDamage?: (reason: string) => void
  /** Called when an engine that ended is started again. */
  readonly onRestart?: () => void
}

export interface Pool {
  /** @throws {BusyError} when the queue is full, {@link DeadlineError}, or what the job itself threw. */
  run<J extends Job>(job: J, priority?: Priority): Promise<ResultOf<J>>
  /**
   * Start engines of `next`, switch when all are ready, let the old ones finish. On failure the old ones go on.
   * @param commit done when they are ready and before they are asked anything; if it fails, so does the switch.
   */
  switchTo(next: Generation, commit?: () => Promise<void>): Promise<void>
  /**
   * Have all engines take up a newer delta over their snapshot. Jobs that are asked for from now on are answered from it; when
   * this resolves, so is every other. @throws {JobError} or {CorruptError} if an engine cannot, and goes on with what it has.
   */
  renew(next: Renewal): Promise<void>
  facts(): Promise<EncoderFacts>
  readonly generation: Generation
  /** Engines that are loaded and can take jobs now. */
  readonly ready: number
  readonly waiting: number
  /** Jobs of this priority that wait for an engine. */
  waitingOf(priority: Priority): number
  readonly pids: readonly number[]
  stop(): Promise<void>
}

interface Waiting {
  readonly job: Job
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
  /** Set while an engine has it. */
  engine: Engine | undefined
  deadline: NodeJS.Timeout | undefined
  isLate: boolean
  /** Set once an engine died with it: a second death is the job's own fault. */
  retried: boolean
}

/** A bounded dispatcher over supervised engine processes: the least loaded takes the next job, chat first. */
export function createPool(first: Generation, options: PoolOptions): Pool {
  const { logger, maxWaiting = 1_000, deadlineMs = 30_000, onJob } = options
  const queues: Record<Priority, Waiting[]> = { chat: [], background: [] }
  let generation = first
  let crew = createCrew(generation, options, dispatch)
  let stopped = false

  function dispatch(): void {
    for (let engine = crew.leastLoaded(); engine; engine = crew.leastLoaded()) {
      const next = queues.chat.shift() ?? queues.background.shift()
      if (!next) return
      hand(next, engine)
    }
  }

  function hand(entry: Waiting, engine: Engine): void {
    entry.engine = engine
    entry.deadline ??= setTimeout(() => giveUp(entry), deadlineMs)
    engine
      .run(entry.job)
      .then(
        (result) => settle(entry, () => entry.resolve(result)),
        (reason) => retryOnce(entry, reason),
      )
      .finally(dispatch)
  }

  function settle(entry: Waiting, how: () => void): void {
    clearTimeout(entry.deadline)
    how()
  }

  function giveUp(entry: Waiting): void {
    entry.isLate = true
    if (entry.engine) {
      entry.engine.kill()
      return
    }
    for (const queue of [queues.chat, queues.background]) {
      if (queue.includes(entry)) queue.splice(queue.indexOf(entry), 1)
    }
    entry.reject(new DeadlineError('the job waited too long'))
  }

  function retryOnce(entry: Waiting, reason: unknown): void {
    entry.engine = undefined
    if (reason instanceof CorruptError) options.onDamage?.(reason.message)
    if (!(reason instanceof EngineLostError) || entry.retried || stopped || entry.isLate) {
      settle(entry, () => entry.reject(entry.isLate ? new DeadlineError('the job took too long') : reason))
      return
    }
    entry.retried = true
    queues.chat.unshift(entry)
    dispatch()
  }

  return {
    run<J extends Job>(job: J, priority: Priority = 'chat') {
      return new Promise<Result>((resolve, reject) => {
        if (stopped) return reject(new BusyError('the engines are stopping'))
        if (queues[priority].length >= maxWaiting) return reject(new BusyError(`${maxWaiting} jobs already wait`))
        const rest = { engine: undefined, deadline: undefined, isLate: false, retried: false }
        const begun = performance.now()
        const done = (result: Result): void => {
          onJob?.(job.kind, (performance.now() - begun) / 1_000)
          resolve(result)
        }
        const entry: Waiting = { job, resolve: done, reject, ...rest }
        if (priority === 'chat') entry.deadline = setTimeout(() => giveUp(entry), deadlineMs)
        queues[priority].push(entry)
        dispatch()
      }) as Promise<ResultOf<J>> // an engine answers a job with the result of its own kind
    },
    async switchTo(next, commit) {
      const fresh = createCrew(next, options, dispatch)
      try {
        await fresh.allReady()
        await commit?.()
        if (stopped) throw new BusyError('the engines are stopping')
      } catch (reason) {
        await fresh.stop()
        throw reason
      }
      const old = crew
      crew = fresh
      generation = next
      dispatch()
      await old.stop()
      logger.info({ generation: next.number, delta: next.delta?.number }, 'engines switched')
    },
    async renew(next) {
      await crew.renew({ ...generation, ...next })
      generation = { ...generation, ...next }
      logger.info({ generation: generation.number, delta: next.delta.number }, 'engines took up a delta')
    },
    facts: () => crew.facts(),
    get generation() {
      return generation
    },
    get ready() {
      return crew.ready
    },
    get waiting() {
      return queues.chat.length + queues.background.length
    },
    waitingOf: (priority) => queues[priority].length,
    get pids() {
      return crew.pids
    },
    async stop() {
      stopped = true
      for (const entry of [...queues.chat.splice(0), ...queues.background.splice(0)]) {
        settle(entry, () => entry.reject(new BusyError('the engines are stopping')))
      }
      await crew.stop()
    },
  }
}
