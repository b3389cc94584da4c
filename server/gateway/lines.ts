import type { Socket } from 'node:net'

const newline = 0x0a

/**
 * Cut a byte stream into lines. Chunks are joined only when a line is whole, so a long line costs no more than its length.
 * @param maxBytes longest line; a longer one ends the reading through `tooLong`, with nothing of it kept.
 */
export function readLines(socket: Socket, maxBytes: number, onLine: (line: string) => void, tooLong: () => void): void {
  let parts: Buffer[] = []
  let bytes = 0
  const onData = (chunk: Buffer): void => {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      if (!keep(chunk.subarray(from, at))) return
      from = at + 1
      const line = Buffer.concat(parts).toString('utf8')
      parts = []
      bytes = 0
      if (line !== '') onLine(line)
    }
    keep(chunk.subarray(from))
  }
  function keep(part: Buffer): boolean {
    bytes += part.length
    if (bytes > maxBytes) {
      parts = []
      socket.off('data', onData)
      tooLong()
      return false
    }
    if (part.length > 0) parts.push(part)
    return true
  }
  socket.on('data', onData)
}
