import type { BlockList } from 'node:net'
import type { Registry } from 'prom-client'
import type { Logger } from '../logger.ts'
import { drainMs, drainSpreadMs, heartbeatMs, helloDueMs, pongDueMs } from '../protocol/limits.ts'

/** Milliseconds, all of them. */
export interface Times {
  readonly helloDueMs: number
  readonly heartbeatMs: number
  readonly pongDueMs: number
  /** How long the other end may take to answer a close before the connection is cut. */
  readonly closeGraceMs: number
  readonly drainMs: number
  readonly drainSpreadMs: number
}

export const contractTimes: Times = { helloDueMs, heartbeatMs, pongDueMs, closeGraceMs: 1_500, drainMs, drainSpreadMs }

export interface GatewayOptions {
  /** 0 picks a free one. */
  readonly port: number
  readonly host: string
  /** Web origins that may open chats; empty: only this machine's. */
  readonly origins: readonly string[]
  /** Own proxies, whose X-Forwarded-For is believed when addresses are counted. */
  readonly trustedProxies: BlockList
  /** Messages a minute per conversation and per address; 0 means no limit. */
  readonly ratePerMinute: number
  readonly addressRatePerMinute: number
  /** Folder of the built client (`widget.js`, `index.html` …); without it only the API is served. */
  readonly clientDir?: string | undefined
  /** The gateway adds its own metrics and serves all of them at `/metrics`. */
  readonly metrics: Registry
  readonly log: Logger
  /** What the start waits for, in a word: said at `/readyz` until the gateway is opened. */
  readonly awaited: () => string
  readonly times?: Partial<Times>
  /** Most sockets open at a time; more are refused with 503. */
  readonly maxSockets?: number
}
