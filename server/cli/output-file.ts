import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { writeWhole } from '../engine/whole-file.ts'
import { InputError, messageOf } from '../errors.ts'

/** Where a command puts its result, checked before the work that makes it. */
export interface OutputFile {
  /** Write all of it, or leave what was there. @throws {InputError} naming the file. */
  write(text: string): Promise<void>
}

/** @throws {InputError} naming the file, if it is a folder or its folder cannot be written to. */
export async function openOutput(file: string): Promise<OutputFile> {
  const path = resolve(file)
  const refused = (cause: unknown): never => {
    throw new InputError({ file }, `cannot be written (${messageOf(cause)})`, { cause })
  }
  await access(dirname(path), constants.W_OK).catch(refused)
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) throw new InputError({ file }, 'cannot be written (it is a folder)')
  return {
    async write(text) {
      // A pipe or device is no file that could be replaced: --run /dev/stdout.
      if (there && !there.isFile()) return writeFile(path, text).catch(refused)
      await writeWhole(path, (append) => append(text), file)
    },
  }
}
