import JSZip from 'jszip'
import { InputError } from '../../errors.ts'

/** XML of a document that is read, in UTF-8 bytes; a book of a thousand pages has less. Its tree takes twenty times that. */
const maxXmlBytes = 25_165_824
const maxParts = 1_000
/** What says nothing of the text. */
const unread = /(^|\/)(theme|glossary|customXml|docProps|fontTable|webSettings|settings|comments\w*)[./]/i
const compound = [0xd0, 0xcf, 0x11, 0xe0]

/**
 * The XML parts of a Word file by name; pictures are not unpacked.
 * @throws {InputError} if it is no such file, is encrypted, holds more XML than is read, or a DTD, which Word never writes.
 */
export async function openPackage(bytes: Uint8Array, file: string): Promise<Map<string, string>> {
  if (compound.every((byte, i) => bytes[i] === byte))
    throw new InputError({ file }, 'is encrypted or an old Word file; save it as .docx without a password')
  const zip = await JSZip.loadAsync(bytes).catch((cause: unknown) => {
    throw new InputError({ file }, 'is no Word file (.docx), or a damaged or encrypted one', { cause })
  })
  const entries = zip.file(/\.(xml|rels)$/i).filter(({ name }) => !unread.test(name))
  if (entries.length > maxParts) throw new InputError({ file }, `has more than ${maxParts} parts`)
  const parts = new Map<string, string>()
  let left = maxXmlBytes
  for (const entry of entries) {
    const unpacked = await unpack(entry, left, file)
    left -= unpacked.length
    const xml = decodeXml(unpacked, entry.name, file)
    if (/<!(?:DOCTYPE|ENTITY)/i.test(xml))
      throw new InputError({ file }, `${entry.name} holds a DTD, which is not read`)
    parts.set(entry.name, xml)
  }
  if (!parts.has('[Content_Types].xml')) throw new InputError({ file }, 'is no Word file (.docx)')
  return parts
}

/** A Word file of these parts, not compressed. */
export function closePackage(parts: ReadonlyMap<string, string>): Promise<Buffer> {
  const zip = new JSZip()
  for (const [name, xml] of parts) zip.file(name, xml)
  return zip.generateAsync({ type: 'nodebuffer', compression: 'STORE' })
}

/** What an entry says of its size may be wrong, so the bytes are counted as they come. */
function unpack(entry: JSZip.JSZipObject, limit: number, file: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    const stream = entry.nodeStream('nodebuffer')
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) return void chunks.push(chunk)
      stream.pause()
      reject(new InputError({ file }, `unpacks to more than ${maxXmlBytes} bytes of text`))
    })
    stream.on('error', (cause: unknown) => reject(new InputError({ file }, `${entry.name} is damaged`, { cause })))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

function decodeXml(bytes: Uint8Array, name: string, file: string): string {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  try {
    if (!wide) return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new InputError({ file }, `${name} is not UTF-8`, { cause })
  }
  throw new InputError({ file }, `${name} is not UTF-8`)
}
