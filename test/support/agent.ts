import { type AgentAck, type AgentFrame, agentFrame } from '../../server/protocol/agent-events.ts'
import { agentTicketReply } from '../../server/protocol/messages.ts'
import { newCommandId, openLine, Refused } from './client.ts'

/** A member of staff at the desk, over a real socket. Every frame is checked against the contract. */
export interface AgentClient {
  readonly cookie: string
  readonly frames: readonly AgentFrame[]
  /** Resolves with its ack. @throws {Refused} or {ConnectionLost} */
  command(t: string, conv: string | undefined, d: object, id?: string): Promise<AgentAck>
  write(frame: object): void
  wait<T>(pick: (frame: AgentFrame) => T | undefined): Promise<T>
  readonly closed: Promise<number>
  close(): void
}

/** Sign in. @returns the session's cookie. */
export async function signIn(url: string, user: string, password: string): Promise<string> {
  const response = await fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  })
  if (response.status !== 201) throw new Error(`not signed in: ${response.status} ${await response.text()}`)
  return (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
}

export const agentTicket = (url: string, cookie: string): Promise<Response> =>
  fetch(`${url}/v1/tickets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ role: 'agent' }),
  })

/** Get a ticket for the session, connect, say hello and wait for the welcome. */
export async function joinDesk(url: string, cookie: string, instance = 'test'): Promise<AgentClient> {
  const { ticket } = agentTicketReply.parse(await (await agentTicket(url, cookie)).json())
  const line = openLine(`${url.replace('http', 'ws')}/v1/socket`, agentFrame)
  line.write({ t: 'hello', ticket, client: { name: 'test', ver: '1.0.0', instance } })
  await line.wait((frame) => (frame.t === 'welcome' ? frame : undefined))
  return {
    ...{ cookie, frames: line.frames, write: line.write, wait: line.wait, closed: line.closed, close: line.close },
    async command(t, conv, d, id = newCommandId()) {
      line.write({ t, id, ...(conv !== undefined && { conv }), d })
      const reply = await line.wait((frame) =>
        (frame.t === 'ack' || frame.t === 'err') && frame.re === id ? frame : undefined,
      )
      if (reply.t === 'err') throw new Refused(reply.code, reply.msg)
      return reply as AgentAck // cast: zod's union keeps the agent's ack, which has more
    },
  }
}
