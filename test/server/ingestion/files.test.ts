import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
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
