import { clearLine, cursorTo } from 'node:readline'

const barWidth = 24

/** One line on stderr that is written over again; nothing at all when stderr is no terminal. */
export function createProgress(stream: NodeJS.WriteStream) {
  let shown = false
  return {
    show(share: number, what: string): void {
      if (!stream.isTTY) return
      const full = Math.round(Math.min(1, Math.max(0, share)) * barWidth)
      const line = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${what}`
      cursorTo(stream, 0)
      clearLine(stream, 0)
      stream.write(line.slice(0, (stream.columns || 80) - 1))
      shown = true
    },
    clear(): void {
      if (!shown) return
      cursorTo(stream, 0)
      clearLine(stream, 0)
      shown = false
    },
  }
}
