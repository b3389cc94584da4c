import { EngineLostError, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { type Engine, startEngine } from './engine.ts'
import type { Generation, Renewal } from './messages.ts'

export interface CrewOptions {
  readonly size: number
  readonly logger: Logger
  /** Called when an engine that ended is started again. */
  readonly onRestart?: () => void
}

/** One job runs, one lies ready in the child's pipe, so that an engine never idles for a round trip. */
const depth = 2
const firstBackoffMs = 100
const maxBackoffMs = 10_000

/**
 * `size` engines of one generation; one that dies is started again, later each time it dies at once.
 * @param changed called when an engine has become ready.
 */
export function createCrew(first: Generation, { size, logger, onRestart }: CrewOptions, changed: () => void) {
  /** What an engine that starts now loads. */
  let generation = first
  const seats: { engine: Engine; loaded: boolean }[] = []
  const timers = new Set<NodeJS.Timeout>()
  let stopping = false

  function seat(index: number, backoffMs: number): void {
    const begun = performance.now()
    const engine = startEngine(generation)
    const place = { engine, loaded: false }
    seats[index] = place
    engine.ready.then(
      () => {
        place.loaded = true
        changed()
      },
      (reason) => {
        if (!stopping)
          logger.error({ generation: generation.number, reason: messageOf(reason) }, 'engine did not start')
      },
    )
    void engine.gone.then(() => {
      place.loaded = false
      if (stopping) return
      const wait = performance.now() - begun > maxBackoffMs ? firstBackoffMs : backoffMs
      logger.warn({ pid: engine.pid, restartInMs: wait }, 'engine ended')
      const timer = setTimeout(() => {
        timers.delete(timer)
        onRestart?.()
        seat(index, Math.min(maxBackoffMs, wait * 2))
      }, wait)
      timers.add(timer)
    })
  }
  for (let i = 0; i < size; i++) seat(i, firstBackoffMs)

  return {
    allReady: () => Promise.all(seats.map(({ engine }) => engine.ready)),
    facts: () =>
      Promise.any(seats.map(({ engine }) => engine.ready)).catch((all: AggregateError) =>
        Promise.reject(all.errors[0]),
      ),
    /** Have every engine take up a delta. @throws {JobError} if one cannot: engines that start later then get what was before. */
    async renew(next: Generation & Renewal): Promise<void> {
      const before = generation
      generation = next
      const taken = await Promise.allSettled(seats.map(({ engine }) => engine.renew(next)))
      // One that has ended meanwhile starts again with the newer delta.
      const failed = taken.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      const refusal = failed.find((reason) => !(reason instanceof EngineLostError))
      if (!refusal) return
      generation = before
      throw refusal
    },
    leastLoaded(): Engine | undefined {
      let best: Engine | undefined
      for (const { engine, loaded } of seats) {
        if (loaded && engine.alive && engine.open < depth && engine.open < (best?.open ?? depth)) best = engine
      }
      return best
    },
    get ready() {
      return seats.filter(({ engine, loaded }) => loaded && engine.alive).length
    },
    get pids() {
      return seats.map(({ engine }) => engine.pid)
    },
    async stop() {
      stopping = true
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(seats.map(({ engine, loaded }) => (loaded ? engine.retire() : ended(engine))))
    },
  }
}

/** An engine that is still loading has nothing to finish. */
function ended(engine: Engine): Promise<void> {
  engine.kill()
  return engine.gone
}
