import { statSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { SettingError } from './errors.ts'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Telephone numbers and web hosts that documents may name. */
export interface AllowedContacts {
  /** Lower case; a host stands for its subdomains too. */
  readonly hosts: readonly string[]
  /** Digits only. */
  readonly phones: readonly string[]
}

/** Where alarms are sent. */
export interface AlertTarget {
  readonly url: string
  /** What messages are signed with. */
  readonly secret: string
}

export interface Config {
  /** Database, index snapshots, model versions, admin socket. */
  readonly dataDir: string
  /** Where built encoders lie, and where `models pull` looks for official weights first. */
  readonly modelsDir: string
  /** Folder of another encoder, to be used as it is instead of the one that `models pull` makes. */
  readonly encoder: string | undefined
  /** Folder of a second encoder that knows Chinese, beside one that does not. */
  readonly secondEncoder: string | undefined
  readonly offline: boolean
  readonly engines: number
  /** Older indexes that are kept, so that answers can be replayed with them. */
  readonly keptIndexes: number
  /** Web origins that may open chats; empty: only pages on this machine. */
  readonly origins: readonly string[]
  /** Own proxies: what they say about whom they speak for is believed. */
  readonly trustedProxies: BlockList
  /** Messages a minute per conversation and per address; 0 means no limit. */
  readonly ratePerMinute: number
  readonly addressRatePerMinute: number
  /** The only contacts that documents may name; undefined allows all. */
  readonly allowedContacts: AllowedContacts | undefined
  /** Changed documents wait until somebody else publishes them. */
  readonly fourEyes: boolean
  /** Share of answers that may be wrong, 0 to 1, on the questions that the answers were calibrated with. */
  readonly toleratedError: number
  /** Who else is told of alarms; undefined: the log alone. */
  readonly alert: AlertTarget | undefined
  /** File with the bank's own deadlines and holidays; undefined: the usual ones. */
  readonly caseRules: string | undefined
  /** Conversations that one person of the staff may have at a time. */
  readonly deskCapacity: number
  /** How long one may be away before what they have goes back to the queue, milliseconds. */
  readonly deskGraceMs: number
  readonly timeZone: string
  readonly logLevel: LogLevel
}

type Environment = Readonly<Record<string, string | undefined>>

interface Overrides {
  readonly dataDir?: string | undefined
  readonly encoder?: string | undefined
  readonly secondEncoder?: string | undefined
}

/** Read the settings once. @throws {SettingError} that names the variable and what is allowed. */
export function readConfig(env: Environment, overrides: Overrides = {}): Config {
  return Object.freeze({
    dataDir: resolve(overrides.dataDir ?? nonEmpty(env, 'BURSAR_DATA') ?? 'data'),
    modelsDir: resolve(nonEmpty(env, 'BURSAR_MODELS') ?? 'models'),
    encoder: folder('BURSAR_ENCODER', overrides.encoder ?? nonEmpty(env, 'BURSAR_ENCODER')),
    secondEncoder: folder('BURSAR_SECOND_ENCODER', overrides.secondEncoder ?? nonEmpty(env, 'BURSAR_SECOND_ENCODER')),
    offline: flag(env, 'BURSAR_OFFLINE'),
    engines: whole(env, 'BURSAR_ENGINES', Math.min(4, availableParallelism()), 1, 64),
    keptIndexes: whole(env, 'BURSAR_KEPT_INDEXES', 3, 0, 1_000),
    origins: origins(env),
    trustedProxies: trustedProxies(env),
    ratePerMinute: whole(env, 'BURSAR_RATE_PER_MIN', 30, 0, 1_000_000),
    addressRatePerMinute: whole(env, 'BURSAR_RATE_IP_PER_MIN', 120, 0, 1_000_000),
    allowedContacts: allowedContacts(env),
    fourEyes: flag(env, 'BURSAR_FOUR_EYES'),
    toleratedError: share(env, 'BURSAR_TOLERATED_ERROR', 0.1),
    alert: alertTarget(env),
    caseRules: nonEmpty(env, 'BURSAR_CASE_RULES'),
    deskCapacity: whole(env, 'BURSAR_DESK_CAPACITY', 8, 1, 1_000),
    deskGraceMs: whole(env, 'BURSAR_DESK_GRACE_S', 120, 1, 86_400) * 1_000,
    timeZone: timeZone(env),
    logLevel: logLevel(env),
  })
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/** Today in the bank's time zone, `2026-11-22`. */
export function today(timeZone: string, now = new Date()): string {
  // Making a format costs a hundred times what using one does, and every message asks for the day.
  const calendar =
    calendars.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  calendars.set(timeZone, calendar)
  return calendar.format(now)
}

const nonEmpty = (env: Environment, name: string): string | undefined => env[name] || undefined

function folder(name: string, path: string | undefined): string | undefined {
  if (path === undefined || statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path && resolve(path)
  throw new SettingError(`${name} has to name a folder that exists, not "${path}"`)
}

function flag(env: Environment, name: string): boolean {
  const value = nonEmpty(env, name) ?? '0'
  if (value !== '0' && value !== '1') throw new SettingError(`${name} has to be 0 or 1, not "${value}"`)
  return value === '1'
}

function whole(env: Environment, name: string, fallback: number, low: number, high: number): number {
  const value = nonEmpty(env, name)
  if (value === undefined) return fallback
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (!(number >= low && number <= high)) {
    throw new SettingError(`${name} has to be a whole number from ${low} to ${high}, not "${value}"`)
  }
  return number
}

function share(env: Environment, name: string, fallback: number): number {
  const value = nonEmpty(env, name)
  if (value === undefined) return fallback
  const number = /^[01](\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN
  if (!(number <= 1)) throw new SettingError(`${name} has to be a share from 0 to 1 such as 0.05, not "${value}"`)
  return number
}

const list = (env: Environment, name: string): string[] =>
  (nonEmpty(env, name) ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

function origins(env: Environment): string[] {
  const found = list(env, 'BURSAR_ORIGINS')
  for (const origin of found) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new SettingError(`BURSAR_ORIGINS has to list origins such as https://www.example.com, not "${origin}"`)
    }
  }
  return found
}

function allowedContacts(env: Environment): AllowedContacts | undefined {
  const [hosts, phones]: [string[], string[]] = [[], []]
  for (const item of list(env, 'BURSAR_ALLOWED_CONTACTS')) {
    const digits = item.replace(/[\s()+./-]/g, '')
    if (/^\d{3,15}$/.test(digits)) phones.push(digits)
    else if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(item)) hosts.push(item.toLowerCase())
    else
      throw new SettingError(
        `BURSAR_ALLOWED_CONTACTS has to list hosts (bank.example) and telephone numbers, not "${item}"`,
      )
  }
  return hosts.length + phones.length > 0 ? { hosts, phones } : undefined
}

function alertTarget(env: Environment): AlertTarget | undefined {
  const [url, secret] = [nonEmpty(env, 'BURSAR_ALERT_URL'), nonEmpty(env, 'BURSAR_ALERT_SECRET')]
  if (url === undefined) return undefined
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  // The value may hold a token, so it is not repeated.
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '')
    throw new SettingError('BURSAR_ALERT_URL has to be an http or https address without a user name')
  if (secret === undefined)
    throw new SettingError('BURSAR_ALERT_URL needs BURSAR_ALERT_SECRET: what alerts are signed with')
  return { url, secret }
}

function trustedProxies(env: Environment): BlockList {
  const trusted = new BlockList()
  for (const item of list(env, 'BURSAR_TRUSTED_PROXIES')) {
    for (const range of item === 'loopback' ? ['127.0.0.0/8', '::1'] : [item]) trust(range, trusted)
  }
  return trusted
}

function trust(range: string, trusted: BlockList): void {
  const [address = '', bits, ...more] = range.split('/')
  const family = isIP(address)
  const width = family === 4 ? 32 : 128
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : 0
  // A range of all addresses would let everybody say who they are.
  if (family === 0 || address.includes('%') || more.length > 0 || prefix < 1 || prefix > width) {
    throw new SettingError(
      `BURSAR_TRUSTED_PROXIES has to list addresses (10.0.0.7), ranges (10.0.0.0/8, fd00::/8) or loopback, not "${range}"`,
    )
  }
  trusted.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
}

function timeZone(env: Environment): string {
  const zone = nonEmpty(env, 'BURSAR_TIMEZONE') ?? 'Europe/London'
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch (cause) {
    throw new SettingError(`BURSAR_TIMEZONE has to be a time zone such as Europe/London, not "${zone}"`, { cause })
  }
}

function logLevel(env: Environment): LogLevel {
  const value = nonEmpty(env, 'BURSAR_LOG_LEVEL') ?? 'info'
  const level = logLevels.find((known) => known === value)
  if (!level) throw new SettingError(`BURSAR_LOG_LEVEL has to be one of ${logLevels.join(', ')}, not "${value}"`)
  return level
}
