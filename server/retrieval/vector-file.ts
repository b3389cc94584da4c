import { closeSync, openSync, readSync } from 'node:fs'
import { CorruptError } from '../errors.ts'

/** Row-major float32 vectors on disk, read row by row: 100,000 of them (154 MB) need not be in memory beside the graph. */
export interface VectorFile {
  /** Read `into.length / dimension` rows from `row` on. @throws {CorruptError} if the file ends before. */
  read(row: number, into: Float32Array): void
  close(): void
}

/** @throws what `node:fs` throws if the file cannot be opened. */
export function openVectorFile(path: string, dimension: number): VectorFile {
  const file = openSync(path, 'r')
  return {
    read(row, into) {
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
      for (let done = 0; done < bytes.length; ) {
        const read = readSync(file, bytes, done, bytes.length - done, row * dimension * 4 + done)
        if (read === 0) throw new CorruptError(`${path} ends before row ${row}: rebuild the index`)
        done += read
      }
    },
    close: () => closeSync(file),
  }
}
