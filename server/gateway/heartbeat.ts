/** Watches that the other end is alive. */
export interface Heartbeat {
  /** Any frame has come. */
  heard(): void
  stop(): void
}

/**
 * Ping after `silenceMs` without a frame; `lost` is called when nothing comes within `dueMs` after that.
 * @param options.paused true while we do not read from the socket ourselves: then silence says nothing about the other end.
 */
export function createHeartbeat(options: {
  silenceMs: number
  dueMs: number
  ping: () => void
  lost: () => void
  paused: () => boolean
}): Heartbeat {
  const { silenceMs, dueMs, ping, lost, paused } = options
  let due: NodeJS.Timeout | undefined
  let stopped = false
  const silence = setTimeout(onSilence, silenceMs)

  function onSilence(): void {
    if (paused()) return void silence.refresh()
    ping()
    due = setTimeout(onDue, dueMs)
  }

  function onDue(): void {
    if (paused()) return void due?.refresh()
    lost()
  }

  return {
    heard() {
      if (stopped) return
      clearTimeout(due)
      due = undefined
      silence.refresh()
    },
    stop() {
      stopped = true
      clearTimeout(due)
      clearTimeout(silence)
    },
  }
}
