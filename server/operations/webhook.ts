import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'

interface WebhookParts {
  readonly url: string
  readonly secret: string
  readonly logger: Logger
  /** Waits between tries; one try more than there are waits. */
  readonly waitsMs?: readonly number[]
  readonly timeoutMs?: number
}

/** Messages that may wait; with more, the oldest is given up. */
const mostWaiting = 100

/**
 * Sends messages to one address, one at a time and in their order, and never has anybody wait for it. Each is signed:
 * `X-Bursar-Signature` is `sha256=` and the HMAC-SHA256 (RFC 2104) of `X-Bursar-Timestamp` (seconds of the epoch), a dot and
 * the body. `X-Bursar-Delivery` stays the same over the tries, as one that seemed lost may have arrived.
 */
export function createWebhook({
  url,
  secret,
  logger,
  waitsMs = [1_000, 5_000, 25_000],
  timeoutMs = 5_000,
}: WebhookParts) {
  const waiting: string[] = []
  const stop = new AbortController()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    for (let body = waiting.shift(); body !== undefined && !stop.signal.aborted; body = waiting.shift())
      await deliver(body)
    running = undefined
  }

  async function deliver(body: string): Promise<void> {
    const delivery = randomUUID()
    for (let tries = 0; !stop.signal.aborted; tries++) {
      const reason = await post(delivery, body).then(() => undefined, reasonOf)
      if (reason === undefined) return
      const waitMs = waitsMs[tries]
      if (waitMs === undefined) return logger.error({ reason, tries: tries + 1 }, 'an alert was not delivered')
      logger.warn({ reason, retryInMs: waitMs }, 'an alert was not delivered yet')
      await setTimeout(waitMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }

  async function post(delivery: string, body: string): Promise<void> {
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const response = await fetch(url, {
      ...{ method: 'POST', body, redirect: 'manual' },
      headers: {
        'Content-Type': 'application/json',
        'X-Bursar-Delivery': delivery,
        'X-Bursar-Timestamp': timestamp,
        'X-Bursar-Signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
      },
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(timeoutMs)]),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`)
  }

  return {
    send(message: object): void {
      if (waiting.length >= mostWaiting) {
        waiting.shift()
        logger.error({ waiting: mostWaiting }, 'too many alerts wait: the oldest was given up')
      }
      waiting.push(JSON.stringify(message))
      running ??= run()
    },
    /** Give up what waits; resolves when nothing is under way. */
    async close(): Promise<void> {
      stop.abort()
      await running
    },
  }
}

/** fetch hides what is wrong with a connection in the cause of its error. */
function reasonOf(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : undefined
  return cause === undefined ? messageOf(failure) : `${messageOf(failure)}: ${messageOf(cause)}`
}
