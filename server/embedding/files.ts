import { createHash } from 'node:crypto'
import { access, open, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ModelError } from '../errors.ts'
import type { PinnedFile } from './model-spec.ts'

/** What to do about a file of the encoder that Bursar builds; those of another encoder are their owner's. */
const REMEDY = 'run `bursar models pull`'
const READ_BYTES = 2 ** 20

/** SHA-256 in hex. */
export function sha256Of(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/**
 * Make sure that a file is the one expected, without holding it in memory.
 * @throws {ModelError} in one line that names it, if it is missing, cut off or altered.
 */
export async function verifyFile(dir: string, { name, bytes, sha256 }: PinnedFile): Promise<void> {
  const path = join(dir, name)
  const found = await hashFile(path)
  if (found.bytes !== bytes) throw new ModelError(`${path} has ${found.bytes} bytes instead of ${bytes}; ${REMEDY}`)
  if (found.sha256 !== sha256) throw new ModelError(`${path} has been altered (SHA-256 differs); ${REMEDY}`)
}

/** Length and SHA-256 of a file. @throws {ModelError} as {@link readBytes}. */
export async function hashFile(path: string, remedy = REMEDY): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(READ_BYTES)
  let bytes = 0
  const file = await open(path).catch((cause) => unreadable(path, cause, remedy))
  try {
    for (;;) {
      const { bytesRead } = await file
        .read(buffer, 0, buffer.length, bytes)
        .catch((cause) => unreadable(path, cause, remedy)) // such as a folder of that name
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') }
      hash.update(buffer.subarray(0, bytesRead))
      bytes += bytesRead
    }
  } finally {
    await file.close()
  }
}

/** The whole file. @throws {ModelError} in one line that names it, if it is missing or cannot be read. @param remedy what to do then. */
export async function readBytes(path: string, remedy = REMEDY): Promise<Uint8Array> {
  return readFile(path).catch((cause) => unreadable(path, cause, remedy))
}

function unreadable(path: string, cause: unknown, remedy: string): never {
  const why = systemCode(cause) === 'ENOENT' ? 'is missing' : 'cannot be read'
  throw new ModelError(`${basename(path)} ${why} (${path}); ${remedy}`, { cause })
}

/** A JSON file's value; undefined where it is not JSON, which no schema accepts. @throws {ModelError} as {@link readBytes}. */
export async function readJson(path: string, remedy = REMEDY): Promise<unknown> {
  const bytes = await readBytes(path, remedy)
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

/** Write a file and wait until it is on the disk. */
export async function writeSynced(path: string, data: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(data)
    await file.sync()
  } finally {
    await file.close()
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** The operating system's code of an error, such as ENOENT; undefined for errors of other origin. */
export function systemCode(reason: unknown): string | undefined {
  return reason instanceof Error && 'code' in reason && 'syscall' in reason ? String(reason.code) : undefined
}
