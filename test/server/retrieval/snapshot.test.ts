import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { CorruptError, ModelError, StorageError } from '../../../server/errors.ts'
import { createRandom } from '../../../server/math/random.ts'
import { readManifest, writeManifest } from '../../../server/retrieval/manifest.ts'
import { sealOf } from '../../../server/retrieval/sealed-file.ts'
import { openSnapshot } from '../../../server/retrieval/snapshot.ts'
import { type SnapshotOptions, type SnapshotPassage, writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testDimension, testPassages } from '../../support/passages.ts'

const encoderId = 'test-encoder'
const options = { generation: 3, encoderId, dimension: testDimension }
/** Small enough that 60 passages already get a graph. */
// Long enough for every mutation below.
const synonyms = new Map([['fees', Array.from({ length: 9 }, (_, i) => ({ from: `zapp ${i}`, to: 'bank card' }))]])
const withGraph = { ...options, exactLimit: 20, synonyms }
const passages = testPassages(60)

async function written(list: readonly SnapshotPassage[] = passages, how: SnapshotOptions = withGraph): Promise<string> {
  const dir = join(temporaryFolder(), 'generation-3')
  await writeSnapshot(dir, list, how)
  return dir
}

const along = (axis: number): Float32Array => new Float32Array(testDimension).fill(1, axis, axis + 1)

describe('a snapshot', () => {
  it('holds what was written', async () => {
    const dir = await written()
    const snapshot = openSnapshot(dir, { encoderId })
    expect(snapshot.manifest).toMatchObject({
      generation: 3,
      encoderId,
      dimension: testDimension,
      count: 60,
      space: 'ip',
    })
    passages.forEach(({ record, unitVectors }, row) => {
      expect(snapshot.filters.rowOf(record.id)).toBe(row)
      // Along each axis a cosine is the vector's own number there.
      for (let axis = 0; axis < testDimension; axis++) {
        const read = snapshot.passages.read(row, [along(axis)])
        expect(read.record).toEqual(record)
        expect(read.unitProducts[0]!).toHaveLength(record.units.length)
        read.unitProducts[0]!.forEach((value, unit) => {
          expect(Math.abs(value - unitVectors[unit * testDimension + axis]!)).toBeLessThan(0.005)
        })
      }
    })
    expect(() => snapshot.passages.read(0, [new Float32Array(testDimension + 1)])).toThrow(RangeError)
    expect([0, 9, 11, 12, 188, 1e9].map((id) => snapshot.filters.rowOf(id))).toEqual([-1, -1, -1, -1, -1, -1])
    expect(snapshot.synonyms).toEqual(synonyms)
    snapshot.close()
    expect(readdirSync(join(dir, '..'))).toEqual(['generation-3'])
  })

  it('has a graph only above the limit, of a recall that was measured', async () => {
    const [small, large] = [await written(passages, options), await written()]
    expect(readdirSync(small)).not.toContain('vectors.hnsw')
    expect(readdirSync(large)).toContain('vectors.hnsw')
    expect(readManifest(small, encoderId).hnsw).toBeUndefined()
    expect(readManifest(large, encoderId).hnsw!.recallAt10).toBeGreaterThanOrEqual(0.98)
  })

  it('is the same to the last byte when it is written again', async () => {
    const [first, second] = [await written(), await written()]
    expect(readFileSync(join(second, 'manifest.json'))).toEqual(readFileSync(join(first, 'manifest.json')))
  })

  it('takes a stream, and tells how far the graph is', async () => {
    async function* stream() {
      for (const passage of passages) yield passage
    }
    const seen: number[] = []
    const dir = join(temporaryFolder(), 'g')
    await writeSnapshot(dir, stream(), { ...withGraph, onProgress: (done) => seen.push(done) })
    expect(seen.at(-1)).toBe(60)
    expect(openSnapshot(dir, { encoderId }).manifest.count).toBe(60)
  })

  it('may be empty, and may hold passages without units', async () => {
    const empty = openSnapshot(await written([]), { encoderId })
    expect(empty.manifest.count).toBe(0)
    const [{ record, vector }] = passages as [SnapshotPassage]
    const bare = { record: { ...record, units: [] }, vector, unitVectors: new Float32Array(0) }
    const snapshot = openSnapshot(await written([bare]), { encoderId })
    expect(snapshot.passages.read(0, [along(0)]).unitProducts[0]!).toHaveLength(0)
  })

  it('keeps unit vectors of zeros, as of a text without tokens', async () => {
    const [{ record, vector }] = passages as [SnapshotPassage]
    const snapshot = openSnapshot(
      await written([{ record, vector, unitVectors: new Float32Array(2 * testDimension) }]),
      { encoderId },
    )
    expect([...snapshot.passages.read(0, [along(0)]).unitProducts[0]!]).toEqual([0, 0])
  })
})

describe('writing a snapshot', () => {
  const first = passages[0]!
  const broken: [string, unknown, readonly SnapshotPassage[]][] = [
    ['ids that do not ascend', RangeError, [passages[1]!, first]],
    ['an id twice', RangeError, [first, first]],
    ['an id that is no uint32', RangeError, [{ ...first, record: { ...first.record, id: 2 ** 33 } }]],
    ['a vector of another dimension', RangeError, [{ ...first, vector: new Float32Array(4).fill(0.5) }]],
    ['NaN', RangeError, [{ ...first, vector: first.vector.map(() => Number.NaN) }]],
    ['too few unit vectors', RangeError, [{ ...first, unitVectors: first.vector }]],
    ['NaN in a unit vector', RangeError, [{ ...first, unitVectors: first.unitVectors.map(() => Number.NaN) }]],
    ['a day that does not exist', RangeError, [{ ...first, record: { ...first.record, from: '2026-02-30' } }]],
    // The cast stands for a caller without types.
    ['an unknown audience', RangeError, [{ ...first, record: { ...first.record, audience: 'public' as never } }]],
  ]
  it.each(broken)('refuses %s and leaves nothing behind', async (_, error, list) => {
    const parent = temporaryFolder()
    await expect(writeSnapshot(join(parent, 'g'), list, withGraph)).rejects.toThrow(error as typeof RangeError)
    expect(readdirSync(parent)).toEqual([])
  })

  it('leaves nothing behind when its source fails in the middle', async () => {
    const parent = temporaryFolder()
    async function* source() {
      yield* passages.slice(0, 40)
      throw new StorageError('the store went away')
    }
    await expect(writeSnapshot(join(parent, 'g'), source(), withGraph)).rejects.toThrow('the store went away')
    expect(readdirSync(parent)).toEqual([])
  })

  it('never touches a snapshot that exists', async () => {
    const dir = await written()
    const before = sealOf(join(dir, 'manifest.json'))
    await expect(writeSnapshot(dir, [], withGraph)).rejects.toThrow(StorageError)
    expect(sealOf(join(dir, 'manifest.json'))).toEqual(before)
  })

  it('clears away what an interrupted one left', async () => {
    const parent = temporaryFolder()
    mkdirSync(join(parent, 'g.tmp'))
    writeFileSync(join(parent, 'g.tmp', 'vectors.f32'), 'half')
    await writeSnapshot(join(parent, 'g'), passages, withGraph)
    expect(readdirSync(parent)).toEqual(['g'])
  })

  it('says so in one line where it cannot write', async () => {
    const parent = temporaryFolder()
    writeFileSync(join(parent, 'file'), '')
    const failed = writeSnapshot(join(parent, 'file', 'g'), passages, withGraph)
    await expect(failed).rejects.toThrow(StorageError)
    await expect(failed).rejects.toThrow(/^the index cannot be written to \S+: .+$/)
  })
})

describe('opening a damaged snapshot', () => {
  let dir: string
  const originals = new Map<string, Buffer>()
  beforeAll(async () => {
    dir = await written()
    for (const name of readdirSync(dir)) originals.set(name, readFileSync(join(dir, name)))
  })
  const restore = () => {
    for (const [name, bytes] of originals) writeFileSync(join(dir, name), bytes)
  }
  /** Refused with one line that names the folder. */
  const refused = (error: typeof CorruptError | typeof ModelError, what: string) => {
    let reason: unknown
    try {
      openSnapshot(dir, { encoderId }).close()
    } catch (caught) {
      reason = caught
    }
    expect(reason, what).toBeInstanceOf(error)
    expect((reason as Error).message, what).toMatch(/^[^\n]*rebuild the index$/)
  }

  const random = createRandom(99)
  const below = (limit: number): number => Math.floor(random() * limit)
  const mutations: Record<string, (bytes: Buffer) => Buffer> = {
    truncated: (bytes) => bytes.subarray(0, below(bytes.length)),
    emptied: () => Buffer.alloc(0),
    'one bit flipped': (bytes) => {
      bytes[below(bytes.length)]! ^= 1 << below(8)
      return bytes
    },
    'bytes zeroed': (bytes) => {
      const nonzero = bytes.findIndex((byte, i) => byte !== 0 && i >= below(bytes.length >> 1))
      return bytes.fill(0, nonzero, nonzero + 1 + below(64))
    },
    'bytes overwritten': (bytes) => {
      const at = below(bytes.length)
      bytes[at] = (bytes[at]! + 1 + below(255)) & 255
      return bytes
    },
    'bytes added': (bytes) => Buffer.concat([bytes, Buffer.alloc(1 + below(16), below(256))]),
  }

  it('refuses 240 random mutations of its files, before native code sees them', () => {
    let count = 0
    for (let round = 0; count < 240; round++) {
      for (const [name, bytes] of originals) {
        const [how, mutate] = Object.entries(mutations)[round % 6]!
        writeFileSync(join(dir, name), mutate(Buffer.from(bytes)))
        refused(CorruptError, `${name} ${how}`)
        restore()
        count++
      }
    }
    openSnapshot(dir, { encoderId }).close()
  })

  it('refuses a folder from which a file is missing, and one that is not there', () => {
    for (const name of originals.keys()) {
      rmSync(join(dir, name))
      refused(CorruptError, `${name} missing`)
      restore()
    }
    expect(() => openSnapshot(join(dir, 'none'), { encoderId })).toThrow(CorruptError)
  })

  it('refuses another encoder', () => {
    expect(() => openSnapshot(dir, { encoderId: 'other' })).toThrow(ModelError)
  })

  it('refuses a manifest that is well made and does not fit its files', () => {
    const manifest = readManifest(dir, encoderId)
    const { 'vectors.hnsw': graph, ...otherFiles } = manifest.files
    const { hnsw, ...withoutGraph } = manifest
    const wrong = [
      { ...manifest, dimension: 8 },
      { ...manifest, dimension: 32, count: 30 },
      { ...manifest, count: 59 },
      { ...manifest, count: 61 },
      { ...manifest, files: otherFiles },
      withoutGraph,
    ]
    expect([graph, hnsw]).not.toContain(undefined)
    for (const other of wrong) {
      rmSync(join(dir, 'manifest.json'))
      writeManifest(dir, other)
      refused(CorruptError, JSON.stringify(other))
    }
    restore()
  })

  it('refuses a graph of another dimension that carries a right checksum', async () => {
    const other = await written(passages.slice(0, 50))
    const path = join(dir, 'vectors.hnsw')
    cpSync(join(other, 'vectors.hnsw'), path)
    const manifest = readManifest(dir, encoderId)
    rmSync(join(dir, 'manifest.json'))
    writeManifest(dir, { ...manifest, files: { ...manifest.files, 'vectors.hnsw': sealOf(path) } })
    refused(CorruptError, 'graph of another snapshot')
    restore()
  })

  it('notices a file that is cut off while it is open', () => {
    const snapshot = openSnapshot(dir, { encoderId })
    writeFileSync(join(dir, 'passages.bin'), '')
    writeFileSync(join(dir, 'vectors.f32'), '')
    expect(() => snapshot.passages.read(3, [along(0)])).toThrow(CorruptError)
    const { cosineOf } = snapshot.vectors.search(passages[0]!.vector, 3, { count: 60 })
    expect(() => cosineOf(3)).toThrow(CorruptError)
    snapshot.close()
    restore()
    expect(existsSync(dir)).toBe(true)
  })
})
