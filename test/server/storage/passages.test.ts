import { describe, expect, it } from 'vitest'
import { ModelError } from '../../../server/errors.ts'
import type { EmbeddedPassage, NewPassage, NewVersion } from '../../../server/storage/types.ts'
import { newPassage, newVersion, openStore, reasonOf } from './support.ts'

async function openPassages() {
  const store = await openStore()
  const { documents, passages, units } = store
  /** A new version with its passages; returns the passages' ids. */
  const publish = (version: NewVersion, parts: readonly NewPassage[], encoder = 'encoder'): Promise<number[]> =>
    units.run(async (tx) => passages.add(tx, (await documents.addVersion(tx, version)).id, encoder, parts))
  const live = async (encoder = 'encoder'): Promise<EmbeddedPassage[]> => {
    const found: EmbeddedPassage[] = []
    for await (const passage of passages.live(encoder)) found.push(passage)
    return found
  }
  return { ...store, publish, live }
}

describe('passages', () => {
  it('come back as they were stored, vectors of units within a step', async () => {
    const { publish, live, documents } = await openPassages()
    const table = newPassage(3, [0.6, 0.8], {
      ...{ kind: 'table', heading: 'Fees › Cards', start: 10, end: 40, lang: 'en', hash: 'abc' },
      units: [
        { start: 10, end: 20 },
        { start: 21, end: 40, header: [10, 20] },
      ],
      unitVectors: Float32Array.of(1, 0, 0.6, -0.8),
    })
    const [id] = await publish(newVersion('a'), [table])
    const [found] = await live()
    const { unitVectors, ...rest } = table
    expect(found).toMatchObject({ ...rest, id, version: await documents.current('a') })
    expect(found!.vector).toEqual(table.vector)
    found!.unitVectors.forEach((value, i) => {
      expect(value).toBeCloseTo(unitVectors[i]!, 2)
    })
  })

  it('get ids in the order given, however many there are', async () => {
    const { publish, live } = await openPassages()
    const ids = await publish(
      newVersion('a'),
      Array.from({ length: 450 }, (_, i) => newPassage(i, [i, 1])),
    )
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    const found = await live()
    expect(found.map(({ id }) => id)).toEqual(ids)
    expect(found.map(({ position }) => position)).toEqual(ids.map((_, i) => i))
  })

  it('are refused when their unit vectors do not fit', async () => {
    const { publish } = await openPassages()
    expect(
      await reasonOf(publish(newVersion('a'), [newPassage(0, [1, 0], { unitVectors: Float32Array.of(1) })])),
    ).toBeInstanceOf(RangeError)
  })

  it('are live while their version is current, page by page', async () => {
    const { publish, live, documents, passages, units } = await openPassages()
    await publish(newVersion('old'), [newPassage(0, [1, 0])])
    const kept = [
      ...(await publish(newVersion('old'), [newPassage(0, [0, 1])])),
      ...(await publish(
        newVersion('long'),
        Array.from({ length: 1_100 }, (_, i) => newPassage(i, [i, 1])),
      )),
    ]
    await publish(newVersion('gone'), [newPassage(0, [1, 0])])
    await units.run((tx) => documents.remove(tx, 'gone'))
    const found = await live()
    expect(found.map(({ id }) => id)).toEqual(kept)
    expect(await passages.count()).toBe(kept.length)
    expect(found.find(({ version }) => version.doc === 'old')).toMatchObject({ version: { ver: 2 } })
  })
})

describe('readable passages', () => {
  it('are of current versions, for this role, in force on this day, in the order asked for', async () => {
    const { publish, documents, passages, units } = await openPassages()
    const add = async (doc: string, more: Partial<NewVersion> = {}) =>
      (await publish(newVersion(doc, more), [newPassage(0, [1, 0])]))[0]!
    const superseded = await add('superseded')
    const ids = {
      superseded,
      current: await add('superseded'),
      always: await add('always'),
      agents: await add('agents', { audience: 'agent' }),
      expired: await add('expired', { until: '2026-11-22' }),
      lastDay: await add('last day', { until: '2026-11-23' }),
      firstDay: await add('first day', { from: '2026-11-22' }),
      future: await add('future', { from: '2026-11-23' }),
      removed: await add('removed'),
    }
    await units.run((tx) => documents.remove(tx, 'removed'))
    const names = Object.keys(ids).reverse()
    const asked = [...Object.values(ids).reverse(), 99_999]
    const read = async (role: 'customer' | 'agent', day: string) => {
      const found = await passages.readable(asked, day, role)
      return found.map(({ id }) => names[asked.indexOf(id)])
    }
    expect(await read('customer', '2026-11-22')).toEqual(['firstDay', 'lastDay', 'always', 'current'])
    expect(await read('agent', '2026-11-22')).toEqual(['firstDay', 'lastDay', 'agents', 'always', 'current'])
    expect(await read('customer', '2026-11-21')).toEqual(['lastDay', 'expired', 'always', 'current'])
    expect(await read('customer', '2026-11-23')).toEqual(['future', 'firstDay', 'always', 'current'])
    expect(await passages.readable([], '2026-11-22', 'agent')).toEqual([])
  })
})

describe('encoders', () => {
  it('find their own vectors again by content, also of superseded passages', async () => {
    const { publish, passages, live } = await openPassages()
    await publish(newVersion('a'), [newPassage(0, [1, 0], { hash: 'same' })])
    await publish(newVersion('a'), [newPassage(0, [0, 1], { hash: 'new' })])
    await publish(newVersion('b'), [newPassage(0, [0.5, 0.5], { hash: 'same' })], 'other')
    const known = await passages.reuse(['same', 'new', 'unknown'], 'encoder')
    expect([...known.keys()].sort()).toEqual(['new', 'same'])
    expect(known.get('same')!.vector).toEqual(Float32Array.of(1, 0))
    // Stored once more, the vectors are the same to the bit: a reused passage ranks as the embedded one.
    await publish(newVersion('b'), [newPassage(0, [0, 0], { ...known.get('same')!, hash: 'same' })])
    const again = (await live()).find(({ version }) => version.doc === 'b')!
    expect([again.vector, again.unitVectors]).toEqual([known.get('same')!.vector, known.get('same')!.unitVectors])
  })

  it('are not mixed: the refusal says to ingest again', async () => {
    const { publish, passages, live } = await openPassages()
    await passages.assertEncoder('new encoder')
    await publish(newVersion('a'), [newPassage(0, [1, 0])])
    await publish(newVersion('b'), [newPassage(0, [1, 0])])
    await passages.assertEncoder('encoder')
    await publish(newVersion('a'), [newPassage(0, [1, 0])], 'new encoder')
    for (const encoder of ['encoder', 'new encoder', 'a third', 'z']) {
      expect(await reasonOf(passages.assertEncoder(encoder))).toMatchObject({
        message: expect.stringMatching(/by another encoder.*ingest the documents again/),
      })
      expect(await reasonOf(live(encoder))).toBeInstanceOf(ModelError)
    }
    await publish(newVersion('b'), [newPassage(0, [1, 0])], 'new encoder')
    await passages.assertEncoder('new encoder') // the superseded ones may stay
    expect(await live('new encoder')).toHaveLength(2)
  })
})
