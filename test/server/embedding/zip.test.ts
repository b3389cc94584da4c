import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openZip } from '../../../server/embedding/zip.ts'
import { ModelError } from '../../../server/errors.ts'
import { zipOf } from '../../support/zip.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bursar-zip-'))
})
afterAll(() => rm(dir, { recursive: true }))

const big = Buffer.alloc(300_000, 'weights ')
const content = { 'model/config.json': '{"a": 1}', 'model/w.bin': big, 'model/empty': '' }

async function opened(bytes: Uint8Array) {
  const path = join(dir, 'some.whl')
  await writeFile(path, bytes)
  return openZip(path)
}
async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

describe('reading a zip archive', () => {
  it.each([
    ['deflated', { deflate: true }],
    ['stored', { deflate: false }],
    ['followed by a comment', { comment: 'made by hand, PK\u0005\u0006 and all' }],
  ])('reads entries that are %s', async (_, options) => {
    const zip = await opened(zipOf(content, options))
    expect(zip.names).toEqual(['model/config.json', 'model/w.bin', 'model/empty'])
    expect(await text(await zip.read('model/config.json'))).toBe('{"a": 1}')
    expect(await text(await zip.read('model/w.bin'))).toBe(big.toString())
    expect(await text(await zip.read('model/empty'))).toBe('')
  })

  it('can be left in the middle of an entry', async () => {
    const zip = await opened(zipOf(content))
    for await (const chunk of await zip.read('model/w.bin')) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    expect(await text(await zip.read('model/config.json'))).toBe('{"a": 1}')
  })

  it('says which entry is missing', async () => {
    const zip = await opened(zipOf(content))
    await expect(zip.read('../../etc/passwd')).rejects.toThrow(/passwd is not in the archive/)
  })

  it('refuses what is no archive, or was cut off', async () => {
    const good = zipOf(content)
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(22),
      Buffer.from('not a zip'),
      good.subarray(0, good.length - 10),
    ]) {
      await expect(opened(bytes)).rejects.toThrow(ModelError)
    }
  })

  it('refuses a table of contents that lies elsewhere or is damaged', async () => {
    const at = zipOf(content).length - 22
    const elsewhere = zipOf(content)
    elsewhere.writeUInt32LE(0xfffffff0, at + 16)
    await expect(opened(elsewhere)).rejects.toThrow(/not a zip archive/)
    const damaged = zipOf(content)
    damaged.writeUInt32LE(7, damaged.readUInt32LE(at + 16))
    await expect(opened(damaged)).rejects.toThrow(/table of contents is damaged/)
  })

  it('leaves out entries that point beyond the file, and refuses ones whose data is not where it should be', async () => {
    const beyond = zipOf(content)
    const table = beyond.readUInt32LE(beyond.length - 22 + 16)
    beyond.writeUInt32LE(0xfffffffe, table + 20)
    expect((await opened(beyond)).names).toEqual(['model/w.bin', 'model/empty'])
    const shifted = zipOf(content)
    shifted.writeUInt32LE(3, table + 42)
    const zip = await opened(shifted)
    await expect(zip.read('model/config.json')).rejects.toThrow(/an entry of the archive is damaged/)
  })

  it('reports data that does not unpack', async () => {
    const bytes = zipOf({ w: big })
    bytes.fill(0xff, 31, 60)
    await expect(text(await (await opened(bytes)).read('w'))).rejects.toThrow()
  })
})
