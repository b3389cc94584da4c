import { deflateRawSync } from 'node:zlib'

/** Files to put into an archive, by name. */
export type ZipContent = Readonly<Record<string, Uint8Array | string>>

/** A zip archive as wheels are: entries stored or deflated, the table of contents at the end, then `comment`. */
export function zipOf(content: ZipContent, { deflate = true, comment = '' } = {}): Buffer {
  const entries: Buffer[] = []
  const table: Buffer[] = []
  let offset = 0
  for (const [name, data] of Object.entries(content)) {
    const raw = Buffer.from(data)
    const packed = deflate ? deflateRawSync(raw) : raw
    // From "method" to "extra length" both headers are alike; time and CRC stay 0, as nobody here reads them.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(deflate ? 8 : 0, 4)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(raw.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    table.push(signature(0x02014b50), Buffer.alloc(2), common, place, Buffer.from(name))
    const entry = Buffer.concat([signature(0x04034b50), common, Buffer.from(name), packed])
    entries.push(entry)
    offset += entry.length
  }
  const directory = Buffer.concat(table)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  end.writeUInt16LE(Buffer.byteLength(comment), 16)
  return Buffer.concat([...entries, directory, signature(0x06054b50), end, Buffer.from(comment)])
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
