import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ModelError } from '../../../server/errors.ts'
import { checksumOf } from '../../../server/models/examples.ts'
import { createRegistry, type Inputs, type Origin } from '../../../server/models/registry.ts'
import type { Artifact } from '../../../server/models/service.ts'
import { readTextVersion, readVersion } from '../../../server/models/version-folder.ts'
import { temporaryFolder } from '../../support/folder.ts'

const artifact: Artifact = {
  files: new Map([
    ['model.onnx', Buffer.from('a model')],
    ['ngrams.bin', Buffer.from('some terms')],
  ]),
  labels: ['no', 'yes'],
  metrics: { accuracy: 0.9 },
  temperature: 1.5,
  thresholds: { outOfScope: -1 },
}
const data = [{ file: 'a.jsonl', sha256: 'a'.repeat(64), rows: 3 }]
const origin: Origin = { recipe: 2, seed: 7, data, encoder: { id: 'encoder-1', dimension: 384 } }
const inputs: Inputs = { encoderId: 'encoder-1', dataSha: checksumOf(data), recipe: 2 }
const decision = { by: 'local:somebody', reason: 'a test' }
const date = new Date('2026-11-22T10:00:00Z')
const open = (root = temporaryFolder()) => ({ root, registry: createRegistry(root, () => date) })

describe('the registry', () => {
  it('keeps an artifact with all that it was made from', async () => {
    const { root, registry } = open()
    const { version, dir } = await registry.register('intent', artifact, origin)
    expect([version, dir]).toEqual([1, join(root, 'intent', '1')])
    const { manifest, files } = await readVersion(dir, 'intent')
    expect(manifest).toMatchObject({
      ...{ service: 'intent', version: 1, recipe: 2, seed: 7, created: date.toISOString() },
      ...{ encoder: origin.encoder, labels: ['no', 'yes'], temperature: 1.5, thresholds: { outOfScope: -1 } },
      data: { sha256: checksumOf(data), files: data },
    })
    expect(files.get('model.onnx')).toEqual(Buffer.from('a model'))
  })

  it('keeps a model of a table without an encoder, and does not take it for one of texts', async () => {
    const { registry } = open()
    const columns = [{ kind: 'number' as const, name: 'age', low: 18, high: 90, fill: 40 }]
    const facts = { task: 'tabular-regression' as const, target: 'spend', columns, method: 'boosting' }
    const table = { files: artifact.files, thresholds: {}, metrics: { r2: 0.5 }, facts }
    const { encoder: _, ...rest } = origin
    const { dir } = await registry.register('regression', table, rest)
    expect((await readVersion(dir, 'regression')).manifest).toMatchObject(facts)
    await expect(readTextVersion(dir, 'regression')).rejects.toThrow('is no model of texts')
    await expect(registry.register('intent', artifact, rest)).rejects.toThrow('registered with its encoder')
  })

  it('writes no version that could not be read again, and leaves nothing of it behind', async () => {
    const { root, registry } = open()
    const unmeasured = { ...artifact, metrics: { accuracy: 0.9, f1: Number.NaN } }
    await expect(registry.register('intent', unmeasured, origin)).rejects.toThrow(
      /intent\/1 is not written, nobody could read its manifest \(metrics\.f1: .*number/,
    )
    const columns = [{ kind: 'number' as const, name: 'age', low: 18, high: 90, fill: Number.POSITIVE_INFINITY }]
    const facts = { task: 'tabular-regression' as const, target: 'spend', columns, method: 'boosting' }
    const table = { files: artifact.files, thresholds: {}, metrics: { r2: 0.5 }, facts }
    await expect(registry.register('regression', table, origin)).rejects.toThrow(/\(columns\.0\.fill: /)
    expect(readdirSync(join(root, 'intent'))).toEqual([])
    expect(await registry.list('intent')).toEqual([])
  })

  it('reads manifests that were written before there were tables', async () => {
    const { registry } = open()
    const { dir } = await registry.register('intent', artifact, origin)
    const { task, ...before } = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'))
    const text = `${JSON.stringify(before)}\n`
    writeFileSync(join(dir, 'manifest.json'), text)
    const seal = createHash('sha256').update(text).digest('hex')
    writeFileSync(join(dir, 'manifest.sha256'), `${seal}  manifest.json\n`)
    expect(task).toBe('text-classification')
    expect((await readTextVersion(dir, 'intent')).manifest).toMatchObject({ task, encoder: origin.encoder })
  })

  it('numbers versions on, and several at once get a number each', async () => {
    const { registry } = open()
    const made = await Promise.all(Array.from({ length: 8 }, () => registry.register('intent', artifact, origin)))
    expect(made.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect((await registry.list('intent')).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('has no champion before the first promotion, then the promoted one', async () => {
    const { registry } = open()
    expect(await registry.champion('intent')).toBeUndefined()
    await registry.register('intent', artifact, origin)
    await registry.register('intent', artifact, origin)
    await registry.promote('intent', 2, decision)
    expect((await registry.champion('intent'))?.version).toBe(2)
    await registry.promote('intent', 1, decision)
    expect((await registry.champion('intent'))?.version).toBe(1)
  })

  it('finds a version made from the same inputs, and none made from others', async () => {
    const { registry } = open()
    expect(await registry.current('intent', inputs)).toBeUndefined()
    await registry.register('intent', artifact, origin)
    expect((await registry.current('intent', inputs))?.version).toBe(1)
    for (const other of [{ encoderId: 'encoder-2' }, { dataSha: 'b'.repeat(64) }, { recipe: 3 }, { seed: 8 }]) {
      expect(await registry.current('intent', { ...inputs, ...other })).toBeUndefined()
    }
    expect(await registry.current('sentiment', inputs)).toBeUndefined()
  })

  it('prefers the champion over a newer version of the same inputs', async () => {
    const { registry } = open()
    await registry.register('intent', artifact, origin)
    await registry.register('intent', artifact, origin)
    expect((await registry.current('intent', inputs))?.version).toBe(2)
    await registry.promote('intent', 1, decision)
    expect((await registry.current('intent', inputs))?.version).toBe(1)
  })

  it('lets no half version be seen, and clears away what a killed training left', async () => {
    const { root, registry } = open()
    // A process id beyond the highest that Linux gives out: surely dead.
    const left = join(root, 'intent', '.new-4194999-abcdef')
    const running = join(root, 'intent', `.new-${process.pid}-abcdef`)
    for (const dir of [left, running]) mkdirSync(dir, { recursive: true })
    writeFileSync(join(left, 'manifest.json'), '{}')
    expect(await registry.list('intent')).toEqual([])
    await registry.register('intent', artifact, origin)
    expect(readdirSync(join(root, 'intent')).sort()).toEqual([`.new-${process.pid}-abcdef`, '1'])
  })

  it('leaves nothing behind when it cannot write', async () => {
    const { root, registry } = open()
    // A file name that no file system takes stands for any failing write.
    const broken = { ...artifact, files: new Map([...artifact.files, ['x'.repeat(300), Buffer.from('y')]]) }
    await expect(registry.register('intent', broken, origin)).rejects.toThrow(ModelError)
    expect(readdirSync(join(root, 'intent'))).toEqual([])
  })
})

describe('a version that is not what was registered', () => {
  const damage: Readonly<Record<string, (dir: string) => void>> = {
    'model.onnx is missing': (dir) => rmSync(join(dir, 'model.onnx')),
    'model.onnx has 3 bytes instead of 7': (dir) => truncateSync(join(dir, 'model.onnx'), 3),
    'model.onnx was altered': (dir) => writeFileSync(join(dir, 'model.onnx'), 'A model'),
    'ngrams.bin was altered': (dir) => writeFileSync(join(dir, 'ngrams.bin'), 'same terms'),
    'manifest.json is missing': (dir) => rmSync(join(dir, 'manifest.json')),
    'manifest.sha256 is missing': (dir) => rmSync(join(dir, 'manifest.sha256')),
    'manifest.json does not match': (dir) => {
      const text = readFileSync(join(dir, 'manifest.json'), 'utf8')
      writeFileSync(join(dir, 'manifest.json'), text.replace('"outOfScope": -1', '"outOfScope": -9'))
    },
  }

  it.each(Object.keys(damage))('is refused: %s', async (message) => {
    const { registry } = open()
    const { dir } = await registry.register('intent', artifact, origin)
    damage[message]!(dir)
    const read = readVersion(dir, 'intent')
    await expect(read).rejects.toThrow(ModelError)
    await expect(read).rejects.toThrow(message)
    await expect(read).rejects.toThrow(/bursar train intent/)
    expect(await registry.current('intent', inputs)).toBeUndefined()
    await expect(registry.promote('intent', 1, decision)).rejects.toThrow(ModelError)
    expect(await registry.champion('intent')).toBeUndefined()
  })

  it('is refused as another service', async () => {
    const { registry } = open()
    const { dir } = await registry.register('intent', artifact, origin)
    await expect(readVersion(dir, 'sentiment')).rejects.toThrow(/not a manifest of sentiment/)
  })

  it('is noticed when its manifest changed after it went live', async () => {
    const { registry } = open()
    const { dir } = await registry.register('intent', artifact, origin)
    await registry.promote('intent', 1, decision)
    const text = readFileSync(join(dir, 'manifest.json'), 'utf8')
    writeFileSync(join(dir, 'manifest.json'), text.replace('"seed": 7', '"seed": 8'))
    await expect(registry.champion('intent')).rejects.toThrow(/altered since it went live/)
  })

  it('is told apart from one that is not there', async () => {
    const { registry } = open()
    const { dir } = await registry.register('intent', artifact, origin)
    writeFileSync(join(dir, 'manifest.json'), '{}')
    await expect(registry.find('intent', 1)).rejects.toThrow(/version 1 of intent is damaged .*bursar train intent/)
    expect(await registry.inspect('intent')).toEqual([
      { version: 1, dir, fault: expect.stringContaining('manifest.json does not match manifest.sha256') },
    ])
    rmSync(dir, { recursive: true })
    await expect(registry.find('intent', 1)).rejects.toThrow(/there is no version 1 of intent/)
    expect(await registry.inspect('intent')).toEqual([])
  })
})

describe('an altered file of the same size', () => {
  it('is found when its version is examined; the list reads sizes alone', async () => {
    const { registry } = open()
    for (let i = 0; i < 2; i++) await registry.register('intent', artifact, origin)
    const [first, second] = await registry.inspect('intent')
    const file = join(second!.dir, 'model.onnx')
    const bytes = readFileSync(file)
    bytes[0]! ^= 1
    writeFileSync(file, bytes)
    expect(await registry.inspect('intent')).toEqual([first, second])
    expect(await registry.examine('intent', 1)).toEqual(first)
    expect((await registry.examine('intent', 2))?.fault).toMatch(
      /model\.onnx was altered \(SHA-256 differs\).*train intent/,
    )
    truncateSync(file, 3)
    expect((await registry.inspect('intent'))[1]?.fault).toContain('model.onnx has 3 bytes instead of 7')
    rmSync(file)
    expect((await registry.inspect('intent'))[1]?.fault).toContain('model.onnx is missing')
    expect(await registry.examine('intent', 3)).toBeUndefined()
  })
})

describe('the model card', () => {
  it('says what a version is made of, and is covered by its checksums', async () => {
    const { registry } = open()
    const files = [
      { file: 'a|b.jsonl', sha256: 'a'.repeat(64), rows: 30, use: 'train' as const, licence: 'CC-BY-4.0' },
      { file: 'b.jsonl', sha256: 'b'.repeat(64), rows: 7, use: 'test' as const },
    ]
    const { dir } = await registry.register('intent', artifact, { ...origin, data: files })
    const card = readFileSync(join(dir, 'card.md'), 'utf8')
    expect(card).toContain('# intent\n')
    expect(card).toContain(`| a\\|b.jsonl | train | 30 | CC-BY-4.0 | ${'a'.repeat(12)} |`)
    expect(card).toContain(`| b.jsonl | test | 7 | not said | ${'b'.repeat(12)} |`)
    expect(card).toContain('Measured on b.jsonl, which it was not trained on.')
    expect(card).toContain('| accuracy | 0.9000 |')
    expect(card).toContain('- outOfScope: -1\n')
    writeFileSync(join(dir, 'card.md'), card.replace('0.9000', '0.9900'))
    await expect(readVersion(dir, 'intent')).rejects.toThrow(/card.md was altered/)
  })

  it('is the same for the same training, whatever number and date the version gets', async () => {
    const root = temporaryFolder()
    const [one, other] = ['2026-11-22', '2027-01-01'].map((day) => createRegistry(root, () => new Date(day)))
    const dirs = [await one!.register('intent', artifact, origin), await other!.register('intent', artifact, origin)]
    const [first, second] = dirs.map(({ dir }) => readFileSync(join(dir, 'card.md'), 'utf8'))
    expect(second).toBe(first)
    const third = await other!.register('intent', { ...artifact, metrics: { accuracy: 0.8 } }, origin)
    expect(readFileSync(join(third.dir, 'card.md'), 'utf8')).not.toBe(first)
  })
})
