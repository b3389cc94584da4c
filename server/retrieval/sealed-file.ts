import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CorruptError, messageOf, StorageError } from '../errors.ts'

/** Size and SHA-256 (hexadecimal) of a file as it was when written. */
export interface FileSeal {
  readonly bytes: number
  readonly sha256: string
}

const blockBytes = 1 << 20

/** Size and checksum of a file, read block by block. @throws what `node:fs` throws. */
export function sealOf(path: string): FileSeal {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(blockBytes)
  const file = openSync(path, 'r')
  try {
    let bytes = 0
    for (
      let read = readSync(file, block, 0, blockBytes, null);
      read > 0;
      read = readSync(file, block, 0, blockBytes, null)
    ) {
      hash.update(block.subarray(0, read))
      bytes += read
    }
    return { bytes, sha256: hash.digest('hex') }
  } finally {
    closeSync(file)
  }
}

/** @throws {CorruptError} with one line that names the file, unless it is there with this size and checksum. */
export function verifySeal(path: string, seal: FileSeal): void {
  let bytes: number
  try {
    bytes = statSync(path).size
  } catch (cause) {
    throw new CorruptError(`${path} cannot be read (${messageOf(cause)}): rebuild the index`, { cause })
  }
  if (bytes !== seal.bytes) {
    throw new CorruptError(`${path} has ${bytes} bytes, its manifest says ${seal.bytes}: rebuild the index`)
  }
  if (sealOf(path).sha256 !== seal.sha256) {
    throw new CorruptError(`${path} does not match the checksum in its manifest: rebuild the index`)
  }
}

/** Flush a file or folder to the disk. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Delete what a failed write may have left. Its own failure would hide the first one, which says more. */
export function removeLeftover(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // e.g. ENOTDIR: then there is nothing either
  }
}

/**
 * Write a file whole or not at all: `write` gets a temporary name beside `path`, the result is synced and renamed.
 * @throws {StorageError} if anything goes wrong; the temporary file is then gone.
 */
export async function writeWhole(path: string, write: (temporary: string) => void | Promise<void>): Promise<FileSeal> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await write(temporary)
    const seal = sealOf(temporary)
    syncPath(temporary)
    renameSync(temporary, path)
    syncPath(dirname(path))
    return seal
  } catch (cause) {
    removeLeftover(temporary)
    throw new StorageError(`${path} cannot be written: ${messageOf(cause)}`, { cause })
  }
}
