import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openFolderWatch } from '../../../server/cli/folder-watch.ts'
import { InputError } from '../../../server/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'

/** A folder with one file in it, and its watch. */
async function watched() {
  const folder = join(temporaryFolder(), 'texts')
  mkdirSync(folder)
  const file = (name: string) => join(folder, name)
  writeFileSync(file('old.md'), 'old')
  const watch = await openFolderWatch([folder])
  onTestFinished(() => watch.close())
  return { folder, file, watch }
}

it('tells what was added, changed, moved and removed, and each once', async () => {
  const { file, watch } = await watched()
  writeFileSync(file('new.md'), 'new')
  expect(await watch.next()).toEqual([file('new.md')])
  writeFileSync(file('old.md'), 'OLD')
  writeFileSync(file('new.md'), 'newer')
  expect(await watch.next()).toEqual([file('new.md'), file('old.md')])
  renameSync(file('old.md'), file('moved.md'))
  expect(await watch.next()).toEqual([file('moved.md'), file('old.md')])
  rmSync(file('moved.md'))
  expect(await watch.next()).toEqual([file('moved.md')])
})

it('follows folders that appear, one in the other, and are filled at once', async () => {
  const { folder, file, watch } = await watched()
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  writeFileSync(file('a/b/deep.md'), 'deep')
  expect(await watch.next()).toEqual([file('a/b/deep.md')])
  writeFileSync(file('a/b/deep.md'), 'deeper')
  expect(await watch.next()).toEqual([file('a/b/deep.md')])
  rmSync(file('a'), { recursive: true })
  expect(await watch.next()).toEqual([file('a/b/deep.md')])
})

it('leaves alone what is hidden, and what was written and taken away again', async () => {
  const { file, watch } = await watched()
  mkdirSync(file('.git'))
  writeFileSync(file('.git/index'), 'x')
  writeFileSync(file('.new.md.swp'), 'x')
  writeFileSync(file('passing.md'), 'x')
  rmSync(file('passing.md'))
  writeFileSync(file('new.md'), 'new')
  expect(await watch.next()).toEqual([file('new.md')])
})

it('tells what changed while nobody asked, and ends when it is closed', async () => {
  const { file, watch } = await watched()
  writeFileSync(file('one.md'), '1')
  writeFileSync(file('two.md'), '2')
  expect(await watch.next()).toEqual([file('one.md'), file('two.md')])
  const next = watch.next()
  watch.close()
  expect(await next).toBeUndefined()
  expect(await watch.next()).toBeUndefined()
})

it('says when a folder is not there, is none, or goes', async () => {
  const { folder, file, watch } = await watched()
  await expect(openFolderWatch([file('none')])).rejects.toThrow(InputError)
  await expect(openFolderWatch([file('old.md')])).rejects.toThrow(InputError)
  rmSync(folder, { recursive: true })
  await expect(watch.next()).rejects.toThrow(`${folder}: cannot be watched`)
})
