import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repository } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'

const start = (...args: string[]) =>
  spawnSync(process.execPath, [join(repository, 'test/acceptance/run.mjs'), ...args], { encoding: 'utf8' })

describe('a folder that cannot be read', () => {
  it.each([
    ['none', [], 'name the folder'],
    ['an option in its place', ['--reporter=dot'], 'name the folder'],
    ['one that is not there', ['/nowhere/at/all'], '/nowhere/at/all is not a folder'],
    ['a file', [join(repository, 'package.json')], 'is not a folder'],
    ['one that holds nothing of it', [temporaryFolder()], 'is it the right folder?'],
  ])('ends with 2 and one line: %s', (_, args, says) => {
    const { status, stdout, stderr } = start(...args)
    expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1])
    expect(stderr).toContain(says)
  })
})
