import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BursarError, CorruptError, EngineLostError } from '../errors.ts'
import type { Job, Result, ResultOf } from './jobs.ts'
import { LoadError } from './load-error.ts'
import type { EncoderFacts, FromEngine, Generation, Renewal, ToEngine } from './messages.ts'

/** The engine could read the job but not do it; running it again would fail again. */
export class JobError extends BursarError {
  readonly code = 'internal'
}

/** Parent side of one child process that holds one generation. */
export interface Engine {
  readonly pid: number
  /** Resolves when the child has loaded its generation; rejects with {@link LoadError} if it cannot. */
  readonly ready: Promise<EncoderFacts>
  /** Resolves when the process is gone, for whatever reason. */
  readonly gone: Promise<void>
  /** False as soon as the process has ended, before anybody hears of a job lost with it. */
  readonly alive: boolean
  /** Jobs handed over and not yet answered. */
  readonly open: number
  /** @throws {JobError}; {CorruptError} if the index was damaged since it was opened; {EngineLostError} */
  run<J extends Job>(job: J): Promise<ResultOf<J>>
  /**
   * Take up a newer delta, behind the jobs that it has; those that come later are answered from it. @throws {JobError} or
   * {CorruptError} if it cannot, and goes on with what it has; {@link EngineLostError}
   */
  renew(renewal: Renewal): Promise<void>
  /** Let open jobs finish, then end the process. */
  retire(): Promise<void>
  kill(): void
}

interface Waiter {
  readonly resolve: (result: Result | undefined) => void
  readonly reject: (reason: Error) => void
}

const workerScript = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url))

const forkWorker = (): ChildProcess =>
  fork(workerScript, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })

/** A process that has loaded its code, or is about to, and waits for its generation. */
let warm: ChildProcess | undefined

/** Have a process ready for the next {@link startEngine}. It keeps this process from ending no more than others do. */
export function warmEngine(): void {
  warm = forkWorker()
  warm.on('error', () => undefined) // it is asked for its state when it is needed
  warm.unref()
  warm.channel?.unref()
}

function takeWarm(): ChildProcess | undefined {
  const child = warm
  warm = undefined
  if (!child?.connected) return undefined
  child.ref()
  child.channel?.ref()
  return child
}

/** Start an engine process for `generation`. It ends by itself when this process does. */
export function startEngine(generation: Generation): Engine {
  const child = takeWarm() ?? forkWorker()
  const waiting = new Map<number, Waiter>()
  let nextId = 1
  let onIdle: (() => void) | undefined
  let alive = true
  let delta = generation.delta?.number ?? 0

  const settle = (id: number, how: (waiter: Waiter) => void): void => {
    const waiter = waiting.get(id)
    waiting.delete(id)
    if (waiter) how(waiter)
    if (waiting.size === 0) onIdle?.()
  }
  const gone = goneOf(child).then(() => {
    alive = false
    for (const { reject } of waiting.values()) reject(new EngineLostError(`engine ${child.pid} ended in mid-job`))
    waiting.clear()
    onIdle?.()
  })
  const ready = new Promise<EncoderFacts>((resolve, reject) => {
    child.on('message', (message: FromEngine) => {
      if (message.type === 'ready') resolve(message)
      else if (message.type === 'failed') reject(new LoadError(message.part, message.message))
      else if (message.type === 'done') settle(message.id, (waiter) => waiter.resolve(message.result))
      else if (message.type === 'renewed') settle(message.id, (waiter) => waiter.resolve(undefined))
      else settle(message.id, (waiter) => waiter.reject(failureOf(message)))
    })
    void gone.then(() => reject(new EngineLostError(`engine ${child.pid} ended before it was ready`)))
  })
  ready.catch(() => undefined) // whoever asks for `ready` sees the failure; nobody has to
  send(child, { type: 'load', generation })
  const ask = (message: (id: number) => ToEngine): Promise<Result | undefined> =>
    new Promise((resolve, reject) => {
      if (!alive) return reject(new EngineLostError(`engine ${child.pid} has ended`))
      const id = nextId++
      waiting.set(id, { resolve, reject })
      send(child, message(id))
    })

  return {
    pid: child.pid ?? 0,
    ready,
    gone,
    get alive() {
      return alive
    },
    get open() {
      return waiting.size
    },
    // The cast holds as the worker answers every job with the result of its own kind.
    run: <J extends Job>(job: J) => ask((id) => ({ type: 'job', id, job, delta })) as Promise<ResultOf<J>>,
    async renew(renewal) {
      const before = delta
      delta = renewal.delta.number
      try {
        await ask((id) => ({ type: 'renew', id, ...renewal }))
      } catch (reason) {
        delta = before
        throw reason
      }
    },
    async retire() {
      if (waiting.size > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      }
      if (child.connected) child.disconnect()
      await gone
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

const failureOf = ({ message, isDamaged }: Extract<FromEngine, { type: 'error' }>): BursarError =>
  isDamaged ? new CorruptError(message) : new JobError(message)

/** A message to a child that has just died is no error of its own: `gone` tells it. */
function send(child: ChildProcess, message: ToEngine): void {
  if (child.connected) child.send(message, () => undefined)
}

function goneOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}
