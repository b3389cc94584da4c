import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CorruptError, ModelError } from '../../../server/errors.ts'
import { previousOf, readLedger, stateOf } from '../../../server/models/ledger.ts'
import { createRegistry, type Inputs, type Origin } from '../../../server/models/registry.ts'
import type { Artifact } from '../../../server/models/service.ts'
import { sha256 } from '../../../server/models/version-folder.ts'
import { temporaryFolder } from '../../support/folder.ts'

const artifact: Artifact = {
  ...{ files: new Map([['model.onnx', Buffer.from('a model')]]), labels: ['no', 'yes'] },
  ...{ metrics: { accuracy: 0.9 }, temperature: 1, thresholds: {} },
}
const data = [{ file: 'a.jsonl', sha256: 'a'.repeat(64), rows: 3 }]
const origin: Origin = { recipe: 2, seed: 7, data, encoder: { id: 'encoder-1', dimension: 384 } }
const by = (reason: string) => ({ by: 'local:somebody', reason })

/** A registry with four versions, and a clock that goes on by a day with each look. */
async function four() {
  const root = temporaryFolder()
  let days = 0
  const registry = createRegistry(root, () => new Date(Date.UTC(2026, 4, ++days)))
  for (let i = 0; i < 4; i++) await registry.register('intent', artifact, origin)
  const dir = join(root, 'intent')
  return {
    root,
    registry,
    dir,
    file: join(dir, 'ledger.jsonl'),
    state: async () => stateOf(await readLedger(dir, 'intent')),
  }
}

describe('the ledger', () => {
  it('tells who made what live, when, instead of what, and why', async () => {
    const { registry, file } = await four()
    await registry.promote('intent', 2, by('better'))
    const gate = { replayed: 10, changed: 1, forced: true }
    await registry.promote('intent', 3, { ...by('better still'), gate })
    await registry.retire('intent', 1, by('too old'))
    const lines = await registry.ledger('intent')
    const at = (day: number) => new Date(Date.UTC(2026, 4, day)).toISOString()
    expect(lines).toMatchObject([
      { n: 1, at: at(5), action: 'promote', version: 2, from: null, by: 'local:somebody', reason: 'better' },
      { n: 2, at: at(6), action: 'promote', version: 3, from: 2, reason: 'better still', gate },
      { n: 3, at: at(7), action: 'retire', version: 1, from: 3, reason: 'too old' },
    ])
    // Each line holds the checksum of the one before, as sha256sum gives it.
    const texts = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map(({ hash }) => hash)).toEqual(texts.map((text) => sha256(Buffer.from(text))))
    expect(lines.map(({ previous }) => previous)).toEqual(['0'.repeat(64), lines[0]!.hash, lines[1]!.hash])
  })

  it('gets no line for a version that is live already', async () => {
    const { registry } = await four()
    for (let i = 0; i < 2; i++) await registry.promote('intent', 2, by('again'))
    expect(await registry.ledger('intent')).toHaveLength(1)
  })

  it('knows what a rollback returns to, several times, over retired ones', async () => {
    const { registry, state } = await four()
    for (const version of [1, 2, 3, 4]) await registry.promote('intent', version, by('next'))
    await registry.retire('intent', 3, by('wrong'))
    for (const expected of [2, 1]) {
      const version = previousOf(await state())!
      expect(version).toBe(expected)
      await registry.promote('intent', version, by('back'), 'rollback')
      expect((await registry.champion('intent'))?.version).toBe(version)
    }
    expect(previousOf(await state())).toBeUndefined()
    await registry.promote('intent', 4, by('forth'))
    expect(previousOf(await state())).toBe(1)
  })

  it('lets no retired version live again, and no live one retire', async () => {
    const { registry } = await four()
    const inputs: Inputs = {
      encoderId: 'encoder-1',
      dataSha: (await registry.find('intent', 1)).manifest.data.sha256,
      recipe: 2,
    }
    await registry.promote('intent', 1, by('first'))
    await expect(registry.retire('intent', 1, by('bad'))).rejects.toThrow(/version 1 of intent is live/)
    await registry.retire('intent', 4, by('bad'))
    await expect(registry.retire('intent', 4, by('bad'))).rejects.toThrow(/retired already/)
    await expect(registry.retire('intent', 9, by('bad'))).rejects.toThrow(/no version 9/)
    await expect(registry.promote('intent', 4, by('still'))).rejects.toThrow(/version 4 of intent is retired/)
    await registry.promote('intent', 2, by('second'))
    await registry.retire('intent', 1, by('bad'))
    // A training from the same inputs takes none of these up.
    expect((await registry.current('intent', inputs))?.version).toBe(2)
    expect((await registry.list('intent')).map(({ version }) => version)).toEqual([1, 2, 3, 4])
  })

  it('numbers changes at the same time one after the other', async () => {
    const { registry } = await four()
    await Promise.all([1, 2, 3, 4].map((version) => registry.promote('intent', version, by('at once'))))
    const lines = await registry.ledger('intent')
    expect(lines.map(({ n }) => n)).toEqual([1, 2, 3, 4])
    expect(lines.slice(1).map(({ from }) => from)).toEqual(lines.slice(0, -1).map(({ version }) => version))
  })
})

describe('a ledger', () => {
  it('whose last line was being written when the process was killed is as before it', async () => {
    const { registry, file } = await four()
    await registry.promote('intent', 1, by('first'))
    const whole = readFileSync(file, 'utf8')
    await registry.promote('intent', 2, by('second'))
    const both = readFileSync(file)
    for (const length of [whole.length + 1, whole.length + 40, both.length - 1]) {
      writeFileSync(file, both)
      truncateSync(file, length)
      expect((await registry.champion('intent'))?.version).toBe(1)
      await registry.promote('intent', 3, by('third'))
      expect((await registry.ledger('intent')).map(({ version }) => version)).toEqual([1, 3])
    }
  })

  it('that was altered is refused with its line, and set aside by the next training', async () => {
    const { registry, file, dir } = await four()
    for (const version of [1, 2, 3]) await registry.promote('intent', version, by('next'))
    const before = readFileSync(file, 'utf8')
    const lines = before.split('\n')
    const altered = {
      'a word': before.replace('"next"', '"nice"'),
      'a line less': [lines[0], lines[2], ''].join('\n'),
      'two lines swapped': [lines[1], lines[0], lines[2], ''].join('\n'),
      'no JSON': before.replace('{"n":2', '{"n";2'),
    }
    for (const text of Object.values(altered)) {
      writeFileSync(file, text)
      await expect(registry.champion('intent')).rejects.toThrow(CorruptError)
      await expect(registry.ledger('intent')).rejects.toThrow(/ledger\.jsonl:[12] is damaged .*bursar train intent/)
    }
    await registry.promote('intent', 4, by('a new beginning'))
    expect(await registry.ledger('intent')).toMatchObject([{ n: 1, version: 4, from: null }])
    const aside = readdirSync(dir).find((name) => name.startsWith('ledger.jsonl.damaged-'))!
    expect(readFileSync(join(dir, aside), 'utf8')).toBe(altered['no JSON'])
  })

  it('that is damaged keeps what was retired, before and after it is set aside', async () => {
    const { registry, file } = await four()
    await registry.promote('intent', 1, by('first'))
    await registry.retire('intent', 2, by('wrong'))
    writeFileSync(file, readFileSync(file, 'utf8').replace('"first"', '"worst"'))
    await expect(registry.promote('intent', 2, by('again'))).rejects.toThrow(/version 2 of intent is retired/)
    await expect(registry.ledger('intent')).rejects.toThrow(CorruptError)
    await registry.promote('intent', 3, by('a new beginning'))
    expect(await registry.ledger('intent')).toMatchObject([
      { n: 1, action: 'retire', version: 2, by: 'local:somebody', reason: 'wrong', from: null },
      { n: 2, action: 'promote', version: 3, from: null },
    ])
    await expect(registry.promote('intent', 2, by('again'))).rejects.toThrow(/version 2 of intent is retired/)
  })

  it('that is damaged stays as it is when no new one can be written', async () => {
    const { registry, file } = await four()
    for (const version of [1, 2]) await registry.promote('intent', version, by('first'))
    writeFileSync(file, readFileSync(file, 'utf8').replace('"first"', '"worst"'))
    mkdirSync(`${file}.new`)
    const before = readFileSync(file)
    await expect(registry.promote('intent', 3, by('next'))).rejects.toThrow(/ledger.jsonl cannot be written/)
    expect(readFileSync(file)).toEqual(before)
  })

  it('that cannot be read is not taken for an empty one', async () => {
    const { registry, file } = await four()
    mkdirSync(file)
    await expect(registry.promote('intent', 1, by('first'))).rejects.toThrow(ModelError)
    await expect(registry.champion('intent')).rejects.toThrow(/ledger.jsonl cannot be read/)
  })

  it('begins with what was live before there was one', async () => {
    const { registry, dir, file } = await four()
    const manifestSha256 = sha256(readFileSync(join(dir, '2', 'manifest.json')))
    const alias = { version: 2, manifestSha256, since: '2026-01-01T00:00:00.000Z' }
    writeFileSync(join(dir, 'champion.json'), JSON.stringify(alias))
    expect((await registry.champion('intent'))?.version).toBe(2)
    await registry.promote('intent', 3, by('next'))
    expect(await registry.ledger('intent')).toMatchObject([
      { n: 1, version: 2, at: alias.since, by: 'unknown' },
      { n: 2, version: 3, from: 2 },
    ])
    appendFileSync(join(dir, 'champion.json'), 'x') // from now on the ledger alone counts
    expect((await registry.champion('intent'))?.version).toBe(3)
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(2)
  })

  it('that was begun without a whole line keeps what was live before there was one', async () => {
    const { registry, dir, file } = await four()
    const manifestSha256 = sha256(readFileSync(join(dir, '2', 'manifest.json')))
    const alias = { version: 2, manifestSha256, since: '2026-01-01T00:00:00.000Z' }
    writeFileSync(join(dir, 'champion.json'), JSON.stringify(alias))
    for (const left of ['', '{"n":1,"at":"2026']) {
      writeFileSync(file, left)
      expect((await registry.champion('intent'))?.version).toBe(2)
    }
    await registry.promote('intent', 3, by('next'))
    expect(await registry.ledger('intent')).toMatchObject([
      { n: 1, version: 2, by: 'unknown' },
      { n: 2, version: 3, from: 2 },
    ])
  })

  it('is not begun over a damaged name of what was live', async () => {
    const { registry, dir } = await four()
    writeFileSync(join(dir, 'champion.json'), '{"version":')
    await expect(registry.champion('intent')).rejects.toThrow(/champion.json is damaged.*bursar train intent/)
    await registry.promote('intent', 1, by('a new beginning'))
    expect((await registry.champion('intent'))?.version).toBe(1)
  })
})
