import { execFile, execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { writeWhole } from '../../../server/engine/whole-file.ts'
import { InputError } from '../../../server/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'

const source = join(import.meta.dirname, '../../../server/engine/whole-file.ts')

function existing() {
  const dir = temporaryFolder()
  const path = join(dir, 'out.jsonl')
  writeFileSync(path, 'before')
  return { dir, path, content: () => [readdirSync(dir), readFileSync(path, 'utf8')] }
}

describe('a file that is written whole', () => {
  it('takes the place of what was there only when all is written', async () => {
    const { path, content } = existing()
    const lines = await writeWhole(path, async (append) => {
      await append('one\n')
      await append('£2\n')
      expect(content()[1]).toBe('before')
      return 2
    })
    expect([lines, ...content()]).toEqual([2, ['out.jsonl'], 'one\n£2\n'])
  })

  it('leaves what was there, and nothing else, if it is not finished', async () => {
    const { dir, path, content } = existing()
    const stopped = writeWhole(path, async (append) => {
      await append('one\n')
      throw new RangeError('stopped')
    })
    await expect(stopped).rejects.toThrow(new RangeError('stopped'))
    expect(content()).toEqual([['out.jsonl'], 'before'])
    const nowhere = writeWhole(join(dir, 'no', 'out'), async () => undefined, 'no/out')
    await expect(nowhere).rejects.toThrow(InputError)
    await expect(nowhere).rejects.toThrow(/^no\/out: cannot be written \(ENOENT/)
  })

  it('does not take the place of a pipe or a device, and leaves a link one', async () => {
    const { dir, path, content } = existing()
    const pipe = join(dir, 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(writeWhole(pipe, (append) => append('x'))).rejects.toThrow('pipe: cannot be written (it is no file)')
    expect(statSync(pipe).isFIFO()).toBe(true)
    const link = join(dir, 'link')
    symlinkSync(path, link)
    await writeWhole(link, (append) => append('by a link'))
    expect([lstatSync(link).isSymbolicLink(), content()[1]]).toEqual([true, 'by a link'])
  })

  it('is no file that lacks its end: where only a part can be written, that is an error', async () => {
    const { path, content } = existing()
    // The limit of a file's size cuts a write short, as a full disk does: 4 KB are written, and that is no error yet.
    const program = `
      import { writeWhole } from ${JSON.stringify(source)}
      process.on('SIGXFSZ', () => undefined)
      await writeWhole(${JSON.stringify(path)}, (append) => append('x'.repeat(10_000)))`
    const args = ['-c', 'ulimit -f 4; exec "$@"', 'bash', process.execPath, '--import', 'tsx', '--input-type=module']
    const env = { ...process.env, TSX_DISABLE_CACHE: '1' }
    const ended = promisify(execFile)('bash', [...args, '-e', program], { env })
    await expect(ended).rejects.toThrow(/out\.jsonl: cannot be written \(EFBIG/)
    expect(content()).toEqual([['out.jsonl'], 'before'])
  })
})
