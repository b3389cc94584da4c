import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { openChineseDocuments } from '../../../server/retrieval/chinese-documents.ts'
import { createKeywordBuilder } from '../../../server/retrieval/keyword-builder.ts'
import { createRetriever } from '../../../server/retrieval/retriever.ts'
import { openSnapshot } from '../../../server/retrieval/snapshot.ts'
import { writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testDimension, testPassages } from '../../support/passages.ts'

const encoderId = 'test-encoder'
const clause = '提前還款須支付違約金。'
const texts: readonly (readonly [doc: string, lang: string, text: string])[] = [
  ['home.md', 'zh', '住房貸款的說明。'],
  ['home.md', 'zh', clause],
  ['car.md', 'zh-TW', '汽車貸款適用於新車。'],
  ['car.md', 'zh-TW', clause],
  ['car.en.md', 'en', 'A car loan may be repaid early.'],
]
const dir = join(temporaryFolder(), 'g')
const passages = testPassages(texts.length).map((passage, i) => {
  const [doc, lang, text] = texts[i]!
  const { from: _, until: __, ...record } = passage.record
  const audience = doc === 'home.md' ? ('agent' as const) : ('customer' as const)
  return {
    ...passage,
    record: { ...record, ver: 1, title: '', heading: '', units: [], audience, doc, lang, text },
    unitVectors: new Float32Array(0),
  }
})
await writeSnapshot(dir, passages, { generation: 1, encoderId, dimension: testDimension })
const retriever = createRetriever(openSnapshot(dir, { encoderId }))

const ask = (text: string, role: 'agent' | 'customer' = 'agent') =>
  retriever
    .search({ text, lang: 'zh', scope: { role, day: '2026-11-22' }, k: 5, mode: 'hybrid' })
    .map(({ id, score, keyword }) => ({ ...passages.find(({ record }) => record.id === id)!.record, score, keyword }))

it('tells a clause that stands in several documents apart by the rest of its document', () => {
  const found = ask('汽车贷款提前还款的违约金').filter(({ text }) => text === clause)
  expect(found.map(({ doc }) => doc)).toEqual(['car.md', 'home.md'])
  expect(ask('住房贷款提前还款的违约金').find(({ text }) => text === clause)?.doc).toBe('home.md')
})

it('finds no passage for what only other passages of its document say', () => {
  expect(ask('新车').map(({ text }) => text)).toEqual(['汽車貸款適用於新車。'])
})

it('shows only what the reader may see, and leaves other languages as they are', () => {
  expect(ask('住房贷款', 'customer').map(({ doc }) => doc)).toEqual(['car.md'])
  const [english] = ask('car loan')
  expect(english?.doc).toBe('car.en.md')
})

it('refuses files that do not fit each other', () => {
  const index = createKeywordBuilder().build()
  for (const rows of [Uint32Array.of(0), Uint32Array.of(0xffffffff, 0xffffffff)])
    expect(() => openChineseDocuments(index, new Uint8Array(rows.buffer), 1, 'documents')).toThrow(CorruptError)
})
