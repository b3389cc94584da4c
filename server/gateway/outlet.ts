import type { Writable } from 'node:stream'
import type { RawData } from 'ws'
import { closeCodes, ephemeralCutBytes, slowReaderBytes } from '../protocol/limits.ts'
import type { GatewayMetrics } from './metrics.ts'

/** What a connection asks of a socket; that of `ws` is one. */
export interface FrameSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number
  readonly isPaused: boolean
  send(frame: string, done?: (error?: Error) => void): void
  close(code: number, reason: string): void
  terminate(): void
  pause(): void
  resume(): void
  on(event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown
  on(event: 'error', listener: (reason: Error) => void): unknown
  once(event: 'close', listener: (code: number) => void): unknown
  off(event: 'close', listener: () => void): unknown
}

/** The sending side of one socket: every byte that waits for a slow reader is counted here, and bounded. */
export interface Outlet {
  /** Replies and durable events: never dropped; a reader who lets more than 1 MiB wait is cut off with 4508. */
  send(frame: string): void
  /** Dropped when more than 256 KiB wait. */
  sendEphemeral(frame: string): void
  /** Send, and resolve once the reader keeps up again (or is gone): for long replays. */
  sendPaced(frame: string): Promise<void>
  /** Resolves once the reader keeps up (or is gone). One that takes longer than `slowMs` is cut off with 4508. */
  keepsUp(): Promise<void>
  close(code: number, reason: string): void
  readonly open: boolean
}

/**
 * @param wire what lies below the socket: frames of one turn of the event loop leave in one write.
 * @param options.closeGraceMs how long the other end may take to answer a close before the connection is cut.
 * @param options.slowMs how long more than 256 KiB may wait while the reader's own commands wait for that.
 * @param options.onEnd called once, as soon as nothing goes out any more, with the code of whoever ended it.
 */
export function createOutlet(
  socket: FrameSocket,
  wire: Writable,
  options: { metrics: GatewayMetrics; closeGraceMs: number; slowMs: number; onEnd: (code: number) => void },
): Outlet {
  const { metrics, closeGraceMs, slowMs, onEnd } = options
  let open = true
  let corked = false
  socket.once('close', end)

  function end(code: number): void {
    if (!open) return
    open = false
    onEnd(code)
  }

  function close(code: number, reason: string): void {
    if (!open) return
    end(code)
    socket.close(code, reason)
    const cut = setTimeout(() => socket.terminate(), closeGraceMs)
    socket.once('close', () => clearTimeout(cut))
  }

  function tooSlow(): boolean {
    if (socket.bufferedAmount <= slowReaderBytes) return false
    close(closeCodes.slowReader, 'reading too slowly')
    return true
  }

  /** An answer is several frames; a system call for each would cost more than making them. */
  function write(frame: string): void {
    if (!corked) {
      corked = true
      wire.cork()
      process.nextTick(() => {
        corked = false
        wire.uncork()
      })
    }
    socket.send(frame)
  }

  const isBehind = (): boolean => open && socket.bufferedAmount > ephemeralCutBytes

  return {
    async keepsUp() {
      if (!isBehind()) return
      const cut = setTimeout(() => {
        if (isBehind()) close(closeCodes.slowReader, 'reading too slowly')
      }, slowMs)
      while (isBehind()) await drained(socket, wire)
      clearTimeout(cut)
    },
    send(frame) {
      if (open && !tooSlow()) write(frame)
    },
    sendEphemeral(frame) {
      if (!open) return
      if (socket.bufferedAmount > ephemeralCutBytes) metrics.dropped.inc()
      else write(frame)
    },
    async sendPaced(frame) {
      if (!open) return
      if (socket.bufferedAmount <= ephemeralCutBytes) socket.send(frame)
      else await new Promise<void>((resolve) => socket.send(frame, () => resolve())) // called with an error if it is gone
    },
    close,
    get open() {
      return open
    },
  }
}

/** What was written has left this process, or never will. */
function drained(socket: FrameSocket, wire: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      wire.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    wire.once('drain', done)
    socket.once('close', done)
  })
}
