import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'

/** Appends to a new file through one buffer, so that small entries do not cost a system call each. */
export interface FileWriter {
  /** Bytes appended so far. */
  readonly position: number
  append(bytes: Uint8Array): void
  /** Write out, sync and close. */
  finish(): void
  /** Close without caring for the content. */
  abandon(): void
}

const bufferBytes = 1 << 20

/** @throws what `node:fs` throws, here and in `append`: a full disk, for one. */
export function createFileWriter(path: string): FileWriter {
  const file = openSync(path, 'wx')
  const buffer = Buffer.allocUnsafeSlow(bufferBytes)
  let [used, position, open] = [0, 0, true]

  function writeAll(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  }
  function flush(): void {
    writeAll(buffer.subarray(0, used))
    used = 0
  }
  function close(): void {
    if (open) closeSync(file)
    open = false
  }

  return {
    get position() {
      return position
    },
    append(bytes) {
      if (used + bytes.length > bufferBytes) flush()
      if (bytes.length > bufferBytes) writeAll(bytes)
      else {
        buffer.set(bytes, used)
        used += bytes.length
      }
      position += bytes.length
    },
    finish() {
      flush()
      fsyncSync(file)
      close()
    },
    abandon: close,
  }
}
