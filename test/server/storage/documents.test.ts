import { describe, expect, it } from 'vitest'
import { at, newPassage, newVersion, openStore, reasonOf } from './support.ts'

describe('documents', () => {
  it('have numbered versions of which the last is current, with every field as given', async () => {
    const { documents, units } = await openStore()
    const full = newVersion('policies/fees.md', {
      ...{ title: 'Fees', audience: 'agent', from: '2026-01-01', until: '2027-01-01', product: 'card', region: 'UK' },
      url: 'https://example.org/fees',
    })
    const first = await units.run((tx) => documents.addVersion(tx, newVersion('policies/fees.md'), at))
    const second = await units.run((tx) => documents.addVersion(tx, full, at))
    expect(first).toEqual({ ...newVersion('policies/fees.md'), id: first.id, ver: 1, at })
    expect(second).toEqual({ ...full, id: second.id, ver: 2, at })
    expect(await documents.current('policies/fees.md')).toEqual(second)
    expect(await documents.version('policies/fees.md', 1)).toEqual(first)
    expect(await documents.version('policies/fees.md', 3)).toBeUndefined()
    expect(await documents.text('policies/fees.md', 1)).toBe('Text of policies/fees.md.')
    expect(await documents.text('policies/none.md', 1)).toBeUndefined()
    const { text: _, ...summary } = second
    expect(await documents.history('policies/fees.md')).toMatchObject([{ ver: 1 }, summary])
  })

  it('stay readable when removed, and come back with the next number', async () => {
    const { documents, units } = await openStore()
    const add = () => units.run((tx) => documents.addVersion(tx, newVersion('a')))
    const remove = () => units.run((tx) => documents.remove(tx, 'a'))
    await add()
    expect([await remove(), await remove()]).toEqual([true, false])
    expect([await documents.current('a'), await documents.list()]).toEqual([undefined, []])
    expect(await documents.text('a', 1)).toBe('Text of a.')
    expect(await add()).toMatchObject({ ver: 2 })
    expect(await documents.current('a')).toMatchObject({ ver: 2 })
  })

  it('are named in pages, those of one collection', async () => {
    const { documents, units } = await openStore()
    const docs = Array.from({ length: 501 }, (_, i) => `faqs/${String(i).padStart(3, '0')}.md`)
    await units.run(async (tx) => {
      for (const doc of [...docs, 'faqs/gone.md'])
        await documents.addVersion(tx, newVersion(doc, { collection: 'faqs' }))
      for (const collection of ['faq', 'faqs2', 'faqs 2'])
        await documents.addVersion(tx, newVersion(`${collection}/a.md`, { collection }))
      await documents.remove(tx, 'faqs/gone.md')
    })
    const pages: string[][] = []
    for await (const page of documents.names('faqs')) pages.push(page)
    expect([pages.length, pages.flat()]).toEqual([2, docs])
  })

  it('are listed by id, whole or by collection, without their texts', async () => {
    const { documents, units } = await openStore()
    for (const [doc, collection] of [
      ['c', 'faqs'],
      ['a', 'policies'],
      ['b', 'faqs'],
      ['a', 'policies'],
    ] as const) {
      await units.run((tx) => documents.addVersion(tx, newVersion(doc, { collection })))
    }
    const list = await documents.list()
    expect(list.map(({ doc, ver }) => [doc, ver])).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ])
    expect(list[0]).not.toHaveProperty('text')
    expect((await documents.list({ collection: 'faqs' })).map(({ doc }) => doc)).toEqual(['b', 'c'])
  })

  it('add a version and its passages together or not at all', async () => {
    const { documents, passages, units } = await openStore()
    const failed = units.run(async (tx) => {
      const { id } = await documents.addVersion(tx, newVersion('a'))
      await passages.add(tx, id, 'encoder', [newPassage(0, [1, 0]), newPassage(0, [0, 1])]) // the same position twice
    })
    expect(await reasonOf(failed)).toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' })
    expect([await documents.current('a'), await documents.history('a'), await passages.count()]).toEqual([
      undefined,
      [],
      0,
    ])
  })
})

describe('content hashes', () => {
  it('tell which documents are unchanged, in one question for many', async () => {
    const { documents, passages, units } = await openStore()
    const docs = Array.from({ length: 2_500 }, (_, i) => `d${i}`)
    await units.run(async (tx) => {
      for (const doc of docs) await documents.addVersion(tx, newVersion(doc))
      await documents.addVersion(tx, newVersion('d7', { contentHash: 'new' }))
      await documents.remove(tx, 'd8')
      const { id } = await documents.addVersion(tx, newVersion('d9'))
      await passages.add(tx, id, 'other encoder', [newPassage(0, [1, 0])])
    })
    const hashes = await documents.contentHashes([...docs, 'unknown'], 'encoder')
    expect(hashes.size).toBe(2_498)
    expect([hashes.get('d6'), hashes.get('d7'), hashes.get('d8'), hashes.get('d9')]).toEqual([
      'hash of d6',
      'new',
      undefined,
      undefined,
    ])
    expect((await documents.contentHashes(['d9'], 'other encoder')).get('d9')).toBe('hash of d9')
    expect(await documents.contentHashes([], 'encoder')).toEqual(new Map())
  })
})
