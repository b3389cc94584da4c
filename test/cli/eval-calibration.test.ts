import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'

/** Half of the predictions of 0.9 and all of 0.2 are wrong. */
const rows = [0.9, 0.9, 0.9, 0.9, 0.2, 0.2].map((confidence, i) => ({ confidence, right: i < 2 }))

function written(content: string, name = 'in.jsonl'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, content)
  return file
}
const calibrate = (file: string, ...more: string[]) =>
  bursar(['eval', 'calibration', '--input', file, '--json', ...more])

describe('eval calibration', { timeout: 60_000 }, () => {
  it('gives error, bins and risk by coverage, and draws them', async () => {
    const file = written(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const svg = `${file}.svg`
    const found = lastJson(await calibrate(file, '--svg', svg))
    expect(found).toMatchObject({ n: 6, ece_ci: [expect.any(Number), expect.any(Number)] })
    expect(found.ece).toBeCloseTo((4 * 0.4 + 2 * 0.2) / 6)
    expect(found.bins).toHaveLength(15)
    const [all, right] = [2 / 3, 1 / 2]
    expect(found.riskCoverage).toEqual([
      { threshold: 0.9, coverage: all, risk: right },
      { threshold: 0.2, coverage: 1, risk: 4 / 6 },
    ])
    const drawn = readFileSync(svg, 'utf8')
    expect(drawn).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*<\/svg>\n$/)
    expect(drawn.match(/class="bar"/g)).toHaveLength(2)
    expect(drawn).not.toMatch(/NaN|undefined|<script|href/)
  })

  it('reads tables as well', async () => {
    const file = written('confidence,right\n0.5,true\n1,0\n', 'in.csv')
    expect(lastJson(await calibrate(file))).toMatchObject({ n: 2 })
  })

  it.each([
    ['{"confidence":1.5,"right":true}\n', ':1 column confidence: has to be a number from 0 to 1'],
    ['{"confidence":0.5,"right":"maybe"}\n', ':1 column right: has to be true or false'],
    ['{"confidence":0.5}\n', ':1 column right: is missing'],
    ['{"right":true}\n', ':1 column confidence: is missing'],
    ['', ': is empty'],
  ])('refuses %s', async (content, says) => {
    const file = written(content)
    const ended = await calibrate(file, '--svg', `${file}.svg`)
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: `bursar eval calibration: ${file}${says}\n` })
    expect(existsSync(`${file}.svg`)).toBe(false)
  })

  it('needs its file', async () => {
    expect(await bursar(['eval', 'calibration'])).toMatchObject({ code: 2 })
  })
})
