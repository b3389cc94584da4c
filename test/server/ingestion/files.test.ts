import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../server/errors.ts'
import { findFiles } from '../../../server/ingestion/files.ts'

const extensions = ['.md', '.csv', '.jsonl']
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

it('takes synonyms.txt in the root of a folder for no document', async () => {
  const [first, second] = ['three', 'four'].map((name) => join(dir, name, 'docs'))
  for (const folder of [first!, second!]) {
    mkdirSync(join(folder, 'sub'), { recursive: true })
    for (const name of ['synonyms.txt', 'sub/synonyms.txt']) writeFileSync(join(folder, name), 'a, b')
  }
  const { files, synonyms } = await findFiles([first!, join(first!, 'synonyms.txt')], ['.txt'])
  expect(files.map(({ id }) => id)).toEqual(['docs/sub/synonyms.txt'])
  expect([...synonyms]).toEqual([['docs', join(first!, 'synonyms.txt')]])
  rmSync(join(second!, 'sub'), { recursive: true })
  await expect(findFiles([first!, second!], ['.txt'])).rejects.toThrow('has the same id as')
})

it('refuses a pipe, whose reading would never end', async () => {
  execFileSync('mkfifo', [join(dir, 'pipe.md')])
  await expect(findFiles([join(dir, 'pipe.md')], ['.md'])).rejects.toThrow('is neither a file nor a folder')
})

it('names a path with a line end in one line', async () => {
  await expect(findFiles(['/no/a\nb'], ['.md'])).rejects.toThrow(/^\/no\/a\\u\{a\}b: cannot be read/)
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

/** A new folder `docs` with files of these names. */
function folderOf(...names: readonly (string | Buffer)[]): string {
  const folder = join(mkdtempSync(join(dir, 'of-')), 'docs')
  mkdirSync(folder)
  for (const name of names) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)])
    mkdirSync(path.subarray(0, path.lastIndexOf('/')), { recursive: true })
    writeFileSync(path, 'text')
  }
  return folder
}

/** What becomes of the files of a folder: ids without the collection. */
async function verdicts(folder: string) {
  const { files, rejected, skipped } = await findFiles([folder], extensions)
  const names = (list: readonly string[]) => list.map((name) => name.replace(/^docs\//, ''))
  return {
    read: names(files.map(({ id }) => id)),
    rejected: names(rejected.map(({ file }) => file)),
    skipped: names(skipped.map(({ file }) => file)),
  }
}

describe('a sidecar', () => {
  it('of a file that is there is no document and nothing to speak of', async () => {
    const folder = folderOf('fees.csv', 'fees.csv.yaml', 'notes.txt', 'notes.txt.yaml')
    expect(await verdicts(folder)).toEqual({ read: ['fees.csv'], rejected: [], skipped: ['notes.txt'] })
  })

  it.each([
    'fees.csv.yml',
    'fees.csv.YAML',
    'FEES.csv.yaml',
    'fees.csv.yaml.txt',
    'fees.csv .yaml',
    'fees.yaml',
    'fees.yml',
  ])('misspelt as %s is rejected, and its file is held back, also when named by itself', async (sidecar) => {
    const folder = folderOf('fees.csv', sidecar, 'other.csv', 'other.csv.yaml', 'parking.md')
    const rejected = ['fees.csv', sidecar].sort()
    expect(await verdicts(folder)).toEqual({ read: ['other.csv', 'parking.md'], rejected, skipped: [] })
    const alone = await findFiles([join(folder, 'fees.csv')], extensions)
    expect(alone.files).toEqual([])
    expect(alone.rejected).toEqual([
      {
        file: 'docs/fees.csv',
        reason: `${folder}/fees.csv: is held back: ${sidecar} may be its sidecar; rename that to fees.csv.yaml, or take it away`,
      },
    ])
  })

  it('of a file that is not there holds back the files of its kind that have none', async () => {
    const folder = folderOf('fees.csv', 'fess.csv.yaml', 'other.csv', 'other.csv.yaml', 'parking.md', 'in/more.csv')
    expect(await verdicts(folder)).toEqual({
      read: ['in/more.csv', 'other.csv', 'parking.md'],
      rejected: ['fees.csv', 'fess.csv.yaml'],
      skipped: [],
    })
  })

  it('of another program is skipped', async () => {
    const folder = folderOf('fees.csv', 'settings.yaml', 'compose.yml')
    expect(await verdicts(folder)).toEqual({
      read: ['fees.csv'],
      rejected: [],
      skipped: ['compose.yml', 'settings.yaml'],
    })
  })
})

describe('what is in a folder', () => {
  it('is read, or skipped by name, except what is hidden', async () => {
    const folder = folderOf(
      'a.md',
      'B.MD',
      'b.txt',
      'c.html',
      'sub/d.pdf',
      'sub/e.docx',
      'README',
      '.hidden.md',
      '.git/f.md',
    )
    expect(await verdicts(folder)).toEqual({
      read: ['B.MD', 'a.md'],
      rejected: [],
      skipped: ['README', 'b.txt', 'c.html', 'sub/d.pdf', 'sub/e.docx'],
    })
    const { skipped } = await findFiles([folder], extensions)
    expect(skipped[0]?.reason).toBe(`${folder}/README: there is no reader for this kind of file`)
  })

  it('is not followed out of it, and never waited for', async () => {
    const folder = folderOf('a.md')
    symlinkSync('/etc/hostname', join(folder, 'link.md'))
    symlinkSync('.', join(folder, 'round'))
    execFileSync('mkfifo', [join(folder, 'pipe.md'), join(folder, 'pipe')])
    expect(await verdicts(folder)).toEqual({
      read: ['a.md'],
      rejected: ['link.md', 'pipe.md'],
      skipped: ['pipe', 'round'],
    })
  })

  it('is not followed out of it by a sidecar either', async () => {
    const folder = folderOf('a.csv', 'b.csv')
    symlinkSync('/etc/hostname', join(folder, 'a.csv.yaml'))
    execFileSync('mkfifo', [join(folder, 'b.csv.yaml')])
    expect((await verdicts(folder)).rejected).toEqual(['a.csv.yaml', 'b.csv.yaml'])
  })

  it('has no names that read as others do', async () => {
    const folder = folderOf('a.md', 'gpj\u202Edm.md')
    const { rejected } = await findFiles([folder], extensions)
    expect(rejected.map(({ file }) => file)).toEqual(['docs/gpj\\u{202e}dm.md'])
  })

  it('has names that can be shown', async () => {
    const folder = folderOf('a.md', 'two\nlines.md', Buffer.from([0x66, 0xfc, 0x72, 0x2e, 0x6d, 0x64]))
    const { rejected } = await findFiles([folder], extensions)
    expect(rejected.map(({ file }) => file)).toEqual(['docs/f\uFFFDr.md', 'docs/two\\u{a}lines.md'])
    for (const { reason } of rejected) expect(reason).toMatch(/^[^\n]*; rename it$/)
    expect((await verdicts(folder)).read).toEqual(['a.md'])
  })
})
