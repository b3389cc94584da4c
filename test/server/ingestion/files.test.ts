import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { UsageError } from '../../../server/errors.ts'
import { findFiles } from '../../../server/ingestion/files.ts'

const dir = mkdtempSync(join(tmpdir(), 'bursar-files-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it('names the same file once, whether by its folder or by itself', async () => {
  mkdirSync(join(dir, 'one/docs'), { recursive: true })
  writeFileSync(join(dir, 'one/docs/fees.md'), 'One.')
  const { files } = await findFiles([join(dir, 'one/docs'), join(dir, 'one/docs/fees.md')], ['.md'])
  expect(files.map(({ id }) => id)).toEqual(['docs/fees.md'])
})

it('refuses two files that would be one document', async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(join(dir, name, 'docs'), { recursive: true })
    writeFileSync(join(dir, name, 'docs/fees.md'), name)
  }
  await expect(findFiles([join(dir, 'one/docs'), join(dir, 'two/docs')], ['.md'])).rejects.toThrow(
    `two/docs/fees.md: has the same id as ${join(dir, 'one/docs/fees.md')}: docs/fees.md`,
  )
})

it('refuses a pipe, whose reading would never end', async () => {
  execFileSync('mkfifo', [join(dir, 'pipe.md')])
  await expect(findFiles([join(dir, 'pipe.md')], ['.md'])).rejects.toThrow('is neither a file nor a folder')
})

it.each([
  '',
  '.',
  '..',
  '../x',
  'a/b',
  'a\\b',
  '/',
  'a#b',
  ' a',
  'a ',
  'a\nb',
  'a\u0000',
  '\u202Ea',
  '\uD800',
  'x'.repeat(101),
])('refuses the collection %j in one line', async (collection) => {
  const folder = join(dir, 'names')
  mkdirSync(folder, { recursive: true })
  const refusal = await findFiles([folder], ['.md'], collection).catch((reason: unknown) => reason)
  expect(refusal).toBeInstanceOf(UsageError)
  expect((refusal as UsageError).message).toMatch(/^--collection: ".*" has to be 1 to 100 characters [^\n]*$/) // checked above
})

it.each(['fees', 'Fees and charges 2026', '费用', 'fees.v2', 'x'.repeat(100)])(
  'takes the collection %j',
  async (collection) => {
    const folder = join(dir, 'names')
    mkdirSync(folder, { recursive: true })
    expect((await findFiles([folder], ['.md'], collection)).collections).toEqual([collection])
  },
)

it('asks for a collection where the folder’s own name cannot be one', async () => {
  const folder = join(dir, 'fees #1')
  mkdirSync(folder)
  await expect(findFiles([folder], ['.md'])).rejects.toThrow(/use --collection: "fees #1" has to be/)
  expect((await findFiles([folder], ['.md'], 'fees')).collections).toEqual(['fees'])
})
