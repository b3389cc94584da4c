import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'

function written(lines: readonly string[], name: string): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  return file
}
const calls = (count: number, kind: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => `${i},${kind(i)},${i % 7}`)
const header = 'row,contact,weekday'
const reference = written([header, ...calls(500, (i) => (i % 2 ? 'phone' : 'letter'))], 'reference.csv')

describe('drift', { timeout: 60_000 }, () => {
  it('compares windows of the stream with the reference, column by column', async () => {
    const stream = written(
      [...calls(300, (i) => (i % 2 ? 'phone' : 'letter')), ...calls(250, () => 'chat')].map((line) => {
        const [row, contact, weekday] = line.split(',')
        return JSON.stringify({ row: Number(row), contact, weekday: Number(weekday) })
      }),
      'stream.jsonl',
    )
    const options = ['--reference', reference, '--stream', stream, '--window', '300', '--ignore', 'row']
    const { windows } = lastJson(await bursar(['drift', ...options, '--json'])) as { windows: unknown[] }
    expect(windows).toEqual([
      {
        from: 1,
        to: 300,
        features: [
          { name: 'contact', psi: 0, ks: null, alarm: false },
          { name: 'weekday', psi: expect.any(Number), ks: expect.any(Number), alarm: false },
        ],
      },
      {
        from: 301,
        to: 550,
        features: [
          { name: 'contact', psi: expect.any(Number), ks: null, alarm: true },
          { name: 'weekday', psi: expect.any(Number), ks: expect.any(Number), alarm: false },
        ],
      },
    ])
    const { stdout } = await bursar(['drift', ...options])
    expect(stdout).toMatch(/rows 301 to 550\n.*\n {2}contact .*alarm\n/)
  })

  const short = written(['row,contact', '1,phone'], 'short.csv')
  const nested = written(['{"row":1,"contact":{},"weekday":1}'], 'nested.jsonl')
  it.each([
    [['--reference', reference, '--stream', short], 1, `${short}:2 column weekday: is missing`],
    [['--reference', reference, '--stream', nested], 1, `${nested}:1 column contact: is neither text`],
    [['--reference', reference, '--stream', `${short}x`], 1, `${short}x: cannot be read`],
    [['--reference', reference, '--stream', short, '--ignore', 'colour'], 2, 'the reference has no column colour'],
    [['--reference', reference, '--stream', short, '--window', '1'], 2, '--window has to be a whole number'],
    [['--reference', reference], 2, '--reference and --stream are needed'],
  ])('refuses %j', async (options, code, says) => {
    const ended = await bursar(['drift', ...options])
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  })
})
