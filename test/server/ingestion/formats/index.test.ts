import { describe, expect, it } from 'vitest'
import { readSidecar } from '../../../../server/ingestion/formats/front-matter.ts'
import { readerOf, readers, sidecarOf } from '../../../../server/ingestion/formats/index.ts'

describe('the table of formats', () => {
  it('finds a reader by the extension, in any case', () => {
    expect(readerOf('a/b.MD')).toBe(readers['.md'])
    expect(readerOf('a.b/faq.jsonl')).toBe(readers['.jsonl'])
    expect(readerOf('a/\\.md'), 'a name that begins with a backslash').toBe(readers['.md'])
  })

  it.each([
    'a/b.odt',
    'a.md/b',
    '.md',
    'README',
    'x.constructor',
    'products/catalogue.jsonl',
    'products/Catalogue.jsonl',
  ])('has none for %s', (path) => {
    expect(readerOf(path)).toBeUndefined()
  })
})

describe('a sidecar', () => {
  it('stands beside the file', () => expect(sidecarOf('a/fees.csv')).toBe('a/fees.csv.yaml'))

  it('leaves dates and words as text', () => {
    const sidecar = new TextEncoder().encode('# for all rows\nfrom: 2026-01-01\ntitle: no\nuntil:\n')
    expect(readSidecar(sidecar, 'x.yaml')).toEqual({ from: '2026-01-01', title: 'no' })
  })

  it('is checked like a front matter', () => {
    const sidecar = new TextEncoder().encode('title: A\naudience: all\n')
    expect(() => readSidecar(sidecar, 'x.yaml')).toThrow('x.yaml:2 column audience: must be customer or agent')
  })
})
