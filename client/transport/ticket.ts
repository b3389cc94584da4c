import type { CustomerTicketRequest, TicketReply } from '../../server/protocol/messages.ts'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** `unknown`: the server does not have this conversation, or the secret is wrong. `refused`: asking again is no use.
 * `later`: not before `afterMs` milliseconds, 0 when the server didn't say. */
export type TicketResult =
  | { readonly kind: 'granted'; readonly reply: TicketReply }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'later'; readonly afterMs: number }

const dueMs = 15_000

/**
 * Ask for a ticket, which opens one connection. Never rejects.
 * @param server origin of the server.
 * @param known the conversation to go on with and its secret; without it the server begins a new one.
 */
export async function requestTicket(
  fetch: Fetch,
  server: string,
  known: { readonly conv: string; readonly secret: string } | undefined,
): Promise<TicketResult> {
  const body: CustomerTicketRequest = { role: 'customer', ...known }
  try {
    const response = await fetch(`${server}/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(dueMs),
    })
    if (response.ok) return { kind: 'granted', reply: await readReply(response) }
    if (response.status === 404) return { kind: 'unknown' }
    if (response.status === 429 || response.status >= 500)
      return { kind: 'later', afterMs: Number(response.headers.get('retry-after')) * 1000 }
    return { kind: 'refused' }
  } catch {
    return { kind: 'later', afterMs: 0 }
  }
}

async function readReply(response: Response): Promise<TicketReply> {
  // Anything may answer at this address; a proxy's page has no ticket.
  const reply = (await response.json()) as Partial<TicketReply> | null
  const { ticket, conv, secret, expiresInMs = 0 } = reply ?? {}
  if (!ticket || !conv || !secret) throw new TypeError('not a ticket')
  return { ticket, conv, secret, expiresInMs }
}
