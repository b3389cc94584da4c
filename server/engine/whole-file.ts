import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { InputError, messageOf } from '../errors.ts'

/** Write all of a text behind what was written before. @throws {InputError} naming the file, as on a full disk. */
export type Append = (text: string) => Promise<void>

/**
 * Write a file under a temporary name, sync it, and put it in the place of what was there: it appears whole or not at all.
 * @param fill writes it; if it throws, nothing is left behind.
 * @param file what the file is called in messages.
 * @throws {InputError} if it cannot be written, or what is there is no file: a device or a pipe cannot be replaced.
 */
export async function writeWhole<T>(name: string, fill: (append: Append) => Promise<T>, file = name): Promise<T> {
  // A link stays one: what it leads to is replaced.
  const path = await realpath(name).catch(() => name)
  const there = await stat(path).catch(() => undefined)
  if (there && !there.isFile()) throw new InputError({ file }, 'cannot be written (it is no file)')
  const refused = (cause: unknown): never => {
    throw new InputError({ file }, `cannot be written (${messageOf(cause)})`, { cause })
  }
  const temporary = `${path}.${process.pid}.tmp`
  const handle = await open(temporary, 'w').catch(refused)
  try {
    // `write` may write a part and say so only by a number; `appendFile` goes on until all is written or it fails.
    const filled = await fill((text) => handle.appendFile(text).catch(refused))
    await handle.sync().catch(refused)
    await handle.close().catch(refused)
    await rename(temporary, path).catch(refused)
    return filled
  } catch (reason) {
    await handle.close().catch(() => undefined) // why it failed is what counts
    await rm(temporary, { force: true })
    throw reason
  }
}
