import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { InputError } from '../../../server/errors.ts'
import { readSynonyms } from '../../../server/ingestion/synonym-file.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { openBank } from './support.ts'

it('looks up what a collection calls by other words, as its synonyms.txt now says', async () => {
  const { run, write, remove } = await openBank()
  const find = async (text: string, more: object = {}): Promise<string[]> => {
    const found = await run('search', { text, k: 10, mode: 'keyword', role: 'customer', ...more })
    return (found as { passages: { doc: string }[] }).passages.map(({ doc }) => doc) // the operation's own answer
  }
  write('cards.md', 'The replacement of a card costs £5.')
  write('loans.md', 'A mortgage ends when it is paid.')
  write('synonyms.txt', '# words of our customers\nzizzle => replacement\n')
  expect(await run('ingest')).toMatchObject({ documents: 2, rejected: [], skipped: [] })
  expect(await find('zizzle')).toEqual(['fees/cards.md'])
  expect(await find('zizzle', { collection: 'fees' })).toEqual(['fees/cards.md'])
  expect(await find('zizzle', { collection: 'faqs' })).toEqual([])

  // A list with a fault is refused by its line, and the one before stays.
  write('synonyms.txt', 'zizzle => mortgage\nzizzle\n')
  const faulty = { rejected: [{ file: 'fees/synonyms.txt', reason: expect.stringContaining('synonyms.txt:2: ') }] }
  expect(await run('ingest', { sync: true })).toMatchObject(faulty)
  expect(await find('zizzle')).toEqual(['fees/cards.md'])

  // Nothing but the list goes, and the search follows.
  remove('synonyms.txt')
  expect(await run('ingest', { sync: true })).toMatchObject({ unchanged: 2, removed: 0 })
  expect(await find('zizzle')).toEqual([])
})

it.each([
  ['too long', 'z => m\n'.repeat(40_000), 'has 280000 bytes; at most 262144 are read'],
  ['in UTF-16', Buffer.from('z => m\n', 'utf16le'), ':1: holds a NUL'],
  ['not UTF-8', Buffer.from([0x7a, 0x0a, 0xff]), ':2: is not UTF-8'],
  ['not there', undefined, 'cannot be read'],
])('refuses a list that is %s', async (_, content, reason) => {
  const path = join(temporaryFolder(), 'synonyms.txt')
  if (content !== undefined) writeFileSync(path, content)
  const refusal: unknown = await readSynonyms(path).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(InputError)
  expect(String(refusal)).toContain(reason)
})

it('takes an empty list for none', async () => {
  const path = join(temporaryFolder(), 'synonyms.txt')
  writeFileSync(path, '\n \n')
  expect(await readSynonyms(path)).toEqual([])
  writeFileSync(path, '\uFEFF# nothing yet\n')
  expect(await readSynonyms(path)).toEqual([])
})
