import { WebSocket } from 'ws'
import type { z } from 'zod'
import { type CustomerFrame, customerFrame } from '../protocol/events.ts'
import { NonConformity, shown } from './check.ts'

/** The server answered an upgrade by plain HTTP. */
export class UpgradeRefused extends Error {
  readonly status: number
  constructor(status: number) {
    super(`the upgrade was answered ${status}`)
    this.status = status
  }
}

export interface LineOptions {
  readonly origin?: string | undefined
  readonly path?: string
  readonly protocols?: readonly string[]
  readonly patienceMs: number
}

/** One socket, and every frame that came over it, each checked against the contract's schemas. */
export interface Line<F = CustomerFrame> {
  readonly frames: readonly F[]
  /** What the server agreed on. */
  readonly protocol: string
  readonly extensions: string
  /** Send an object as JSON, a string as it is, bytes as a binary frame. */
  write(frame: object | string | Buffer): void
  /** Bytes as a text frame, whatever they are. */
  writeText(bytes: Buffer): void
  /** The first frame, seen already or yet to come, for which `pick` gives something. */
  wait<T>(what: string, pick: (frame: F) => T | undefined, ms?: number): Promise<T>
  /** Resolves with the close code. */
  closing(what: string, ms?: number): Promise<number>
  /** Stop reading, and go on. */
  pause(): void
  resume(): void
  /** Cut the connection without a word. */
  drop(): Promise<void>
  /** Close as a browser does. */
  close(): void
}

const lastShown = 3

/** Open a socket. @throws {UpgradeRefused} */
export const openLine = (url: string, options: LineOptions): Promise<Line> => openLineOf(url, options, customerFrame)

/** A line whose frames are of another schema. @throws {UpgradeRefused} */
export function openLineOf<F>(
  url: string,
  { origin, path = '/v1/socket', protocols = ['bursar.v1'], patienceMs }: LineOptions,
  schema: z.ZodType<F>,
): Promise<Line<F>> {
  const address = new URL(path, url)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address, [...protocols], {
    ...(origin !== undefined && { origin }),
    handshakeTimeout: patienceMs,
  })
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (request, response) => {
      request.destroy()
      reject(new UpgradeRefused(response.statusCode ?? 0))
    })
    socket.once('error', reject)
    const line = createLine(socket, patienceMs, schema)
    socket.once('open', () => resolve(line))
  })
}

type Look = (end?: NonConformity) => void

/** The line over a socket. */
function createLine<F>(socket: WebSocket, patienceMs: number, schema: z.ZodType<F>): Line<F> {
  const frames: F[] = []
  const waiting = new Set<Look>()
  let fault: NonConformity | undefined
  let closed: number | undefined
  const tell = (end?: NonConformity): void => {
    for (const look of [...waiting]) look(end)
  }
  socket.on('error', () => undefined) // 'close' follows
  socket.on('message', (data) => {
    const frame = parse(data.toString())
    const { success, error } = schema.safeParse(frame)
    // As it came: the schemas would leave out what the contract does not know.
    if (success) frames.push(frame as F)
    else {
      const field = error.issues[0]?.path.join('.') || 'type'
      fault ??= new NonConformity(`a frame of the contract (${field})`, shown(frame))
    }
    tell(fault)
  })
  socket.on('close', (code) => {
    closed = code
    tell()
  })
  const lastFrames = (): string => shown(frames.slice(-lastShown))

  /** Resolves when `look` gives something. */
  function until<T>(what: string, look: () => T | undefined, ms: number, orClosed: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        waiting.delete(step)
        clearTimeout(timer)
        settle()
      }
      const fail = (got: string): void => end(() => reject(new NonConformity(what, got)))
      const step: Look = (broken) => {
        if (broken) return end(() => reject(broken))
        const found = look()
        if (found !== undefined) end(() => resolve(found))
        else if (closed !== undefined && !orClosed)
          fail(`a connection closed with ${closed}; last frames ${lastFrames()}`)
      }
      const timer = setTimeout(() => fail(`none of it in ${ms} ms; last frames ${lastFrames()}`), ms)
      waiting.add(step)
      step(fault)
    })
  }

  return {
    frames,
    get protocol() {
      return socket.protocol
    },
    get extensions() {
      return socket.extensions
    },
    write: (frame) => socket.send(Buffer.isBuffer(frame) || typeof frame === 'string' ? frame : JSON.stringify(frame)),
    writeText: (bytes) => socket.send(bytes, { binary: false }),
    wait(what, pick, ms = patienceMs) {
      let next = 0
      const look = () => {
        while (next < frames.length) {
          const found = pick(frames[next++]!)
          if (found !== undefined) return found
        }
        return undefined
      }
      return until(what, look, ms, false)
    },
    closing: (what, ms = patienceMs) => until(what, () => closed, ms, true),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    drop: () =>
      new Promise((resolve) => {
        if (closed !== undefined) return resolve()
        socket.once('close', () => resolve())
        socket.terminate()
      }),
    close: () => socket.close(1000),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
