import WebSocket from 'ws'
import { createUlid } from './ulid.ts'

/** Where a customer says to come from: the page's Origin, and the address that a proxy names. */
export interface From {
  readonly origin: string
  readonly address?: string
}

/** One customer over a real socket, in a conversation of its own. */
export async function openClient(url: string, { origin, address }: From = { origin: url }) {
  const from = { origin, ...(address !== undefined && { 'x-forwarded-for': address }) }
  const headers = { 'content-type': 'application/json', ...from }
  const granted = await fetch(`${url}/v1/tickets`, { method: 'POST', headers, body: '{"role":"customer"}' })
  if (!granted.ok) throw new Error(`no ticket: ${granted.status}`)
  const { ticket, conv } = (await granted.json()) as { ticket: string; conv: string }
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, ['bursar.v1'], { headers: from })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  let onCompleted: ((frame: string) => void) | undefined
  let onError: ((reason: Error) => void) | undefined
  socket.on('message', (data: Buffer) => {
    // Only the end of an answer is of interest; parsing every delta would cost the load generator more than the server.
    const frame = data.toString()
    if (frame.startsWith('{"t":"msg.completed"')) onCompleted?.(frame)
    else if (frame.startsWith('{"t":"err"')) onError?.(new Error(frame))
    else if (frame.startsWith('{"t":"ping"')) socket.send(JSON.stringify({ t: 'pong', ts: 0 }))
  })
  socket.send(JSON.stringify({ t: 'hello', ticket, client: { name: 'bench', ver: '1', instance: createUlid() } }))
  const reply = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      onCompleted = resolve
      onError = reject
      socket.send(JSON.stringify({ t: 'msg.send', id: createUlid(), conv, d: { text } }))
    })
  return {
    /** The frame that completes what the server says, of whatever kind. */
    reply,
    /** The frame of an answer. @throws if it is anything else: a conversation that was handed over is answered in no time. */
    async ask(text: string): Promise<string> {
      const frame = await reply(text)
      if (!frame.includes('"kind":"answer"')) throw new Error(`"${text}" got no answer but ${frame}`)
      return frame
    },
    /** Send a message and wait for nothing. @returns false once the connection has ended. */
    shout(text: string): boolean {
      if (socket.readyState !== WebSocket.OPEN) return false
      socket.send(JSON.stringify({ t: 'msg.send', id: createUlid(), conv, d: { text } }))
      return true
    },
    close: () => socket.close(),
  }
}
export type ChatClient = Awaited<ReturnType<typeof openClient>>
