import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { InputError } from '../errors.ts'

/**
 * The bytes of a file, which may have changed since it was found; a pipe would never end.
 * @param most bytes that are read. @param more flags of `open`.
 * @throws {InputError} if it is no file, or too large; otherwise what the system says.
 */
export async function readBounded(path: string, most = Number.POSITIVE_INFINITY, more = 0): Promise<Uint8Array> {
  // Without O_NONBLOCK opening a pipe waits until somebody writes to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | more)
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw new InputError({ file: path }, 'is no file')
    if (found.size > most) throw new InputError({ file: path }, `has ${found.size} bytes; at most ${most} are read`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
