import type { StoredMessage } from '../../server/protocol/events.ts'
import type { ConversationReport, ConversationSummary } from '../../server/protocol/reports.ts'

/** What past conversations are looked for by; empty fields count for nothing. */
export interface PastFilter {
  readonly q: string
  readonly intent: string
  readonly agent: string
  readonly reason: string
  readonly from: string
  readonly until: string
}
export const noFilter: PastFilter = { q: '', intent: '', agent: '', reason: '', from: '', until: '' }

export interface PastPage {
  readonly conversations: readonly ConversationSummary[]
  /** Of the next page, if there is one. */
  readonly next?: string
}

const queryOf = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== '')).toString()

async function read(url: string): Promise<unknown> {
  const response = await fetch(url, { cache: 'no-store' })
  const body: unknown = await response.json()
  if (response.ok) return body
  const { error } = body as { error?: { msg?: string } } // the contract's form of an error
  throw new Error(error?.msg ?? `the server answered ${response.status}`)
}

/** Messages of a conversation before an event, oldest first. @throws {Error} in the server's words. */
export const readEarlier = async (
  server: string,
  conv: string,
  before: number,
): Promise<{ readonly messages: readonly StoredMessage[]; readonly more: boolean }> =>
  // The server's own schema made it.
  (await read(`${server}/v1/conversations/${conv}/messages?before=${before}`)) as {
    messages: readonly StoredMessage[]
    more: boolean
  }

/** A page of past conversations. @throws {Error} in the server's words. */
export const readPast = async (server: string, filter: PastFilter, after = ''): Promise<PastPage> =>
  // The server's own schema made it.
  (await read(`${server}/v1/history?${queryOf({ ...filter, after })}`)) as PastPage

/** Figures of the conversations that began in these days (UTC). @throws {Error} in the server's words. */
export const readReport = async (server: string, from: string, until: string): Promise<ConversationReport> =>
  // The server's own schema made it.
  (await read(`${server}/v1/reports/conversations?${queryOf({ from, until })}`)) as ConversationReport

export const reportTable = (server: string, from: string, until: string): string =>
  `${server}/v1/reports/conversations.csv?${queryOf({ from, until })}`
