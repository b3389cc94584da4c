import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInflateRaw } from 'node:zlib'
import { ModelError } from '../errors.ts'

/** A zip archive on disk, as far as Python wheels need it: stored and deflated entries below 4 GB. */
export interface Zip {
  readonly names: readonly string[]
  /**
   * One entry's content, unpacked on the way. Its length is not bounded here: stop reading when it is enough.
   * @throws {ModelError} if the entry is not there or cannot be read.
   */
  read(name: string): Promise<AsyncIterable<Uint8Array>>
}

interface Entry {
  readonly method: number
  readonly packed: number
  /** Where the entry's own header begins. */
  readonly offset: number
}

const END = { signature: 0x06054b50, size: 22, maxComment: 0xffff }
const CENTRAL = { signature: 0x02014b50, size: 46 }
const LOCAL = { signature: 0x04034b50, size: 30 }
const METHOD = { stored: 0, deflated: 8 }
const MAX_DIRECTORY_BYTES = 16 * 2 ** 20
const ENCRYPTED = 1

/**
 * Read an archive's table of contents. Nothing in it is trusted; all offsets are checked against the file.
 * Source: APPNOTE.TXT 6.3.10, https://support.pkware.com/pkzip/appnote
 * @throws {ModelError} if it is not a zip archive that we can read.
 */
export async function openZip(path: string): Promise<Zip> {
  const entries = await withFile(path, async (file) => {
    const { size } = await file.stat()
    return readDirectory(await directoryBytes(file, size, path), size, path)
  })
  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name)
      if (!entry) throw new ModelError(`${path}: ${name} is not in the archive`)
      return readEntry(path, entry)
    },
  }
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

async function bytesAt(file: FileHandle, position: number, length: number, path: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  if (bytesRead < length) throw new ModelError(`${path}: the archive is cut off`)
  return buffer
}

/** The table of contents. It is found through a record at the end, in front of a comment of unknown length. */
async function directoryBytes(file: FileHandle, fileSize: number, path: string): Promise<Buffer> {
  const tailSize = Math.min(fileSize, END.size + END.maxComment)
  const tail = await bytesAt(file, fileSize - tailSize, tailSize, path)
  for (let at = tailSize - END.size; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END.signature || tail.readUInt16LE(at + 20) !== tailSize - at - END.size) continue
    const [size, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)]
    if (size > MAX_DIRECTORY_BYTES || offset + size > fileSize) break
    return bytesAt(file, offset, size, path)
  }
  throw new ModelError(`${path}: not a zip archive, or cut off`)
}

function readDirectory(bytes: Buffer, fileSize: number, path: string): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (let at = 0; at < bytes.length; ) {
    if (at + CENTRAL.size > bytes.length || bytes.readUInt32LE(at) !== CENTRAL.signature) {
      throw new ModelError(`${path}: the archive's table of contents is damaged`)
    }
    const nameEnd = at + CENTRAL.size + bytes.readUInt16LE(at + 28)
    const entry = {
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      offset: bytes.readUInt32LE(at + 42),
    }
    const encrypted = (bytes.readUInt16LE(at + 8) & ENCRYPTED) !== 0
    const readable = !encrypted && (entry.method === METHOD.stored || entry.method === METHOD.deflated)
    // An entry of 4 GB or more has 0xffffffff here and thus falls out with the damaged ones.
    if (readable && entry.offset + LOCAL.size + entry.packed <= fileSize) {
      entries.set(bytes.toString('utf8', at + CENTRAL.size, nameEnd), entry)
    }
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}

async function readEntry(path: string, { method, packed, offset }: Entry): Promise<AsyncIterable<Uint8Array>> {
  const local = await withFile(path, (file) => bytesAt(file, offset, LOCAL.size, path))
  if (local.readUInt32LE(0) !== LOCAL.signature) throw new ModelError(`${path}: an entry of the archive is damaged`)
  if (packed === 0) return emptyStream()
  const begin = offset + LOCAL.size + local.readUInt16LE(26) + local.readUInt16LE(28)
  const raw = createReadStream(path, { start: begin, end: begin + packed - 1 })
  if (method === METHOD.stored) return raw
  const inflate = createInflateRaw()
  // pipe() does not pass errors on, and a reader that stops early must close the file too.
  raw.on('error', (reason) => inflate.destroy(reason))
  inflate.on('close', () => raw.destroy())
  return raw.pipe(inflate)
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {}
