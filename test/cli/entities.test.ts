import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, onlyJson } from '../support/program.ts'

const jsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const text = 'pay £5 by tomorrow for the Easy Saver'

describe('entities', { timeout: 60_000 }, () => {
  it('are written beside each row, without any data directory', async () => {
    const dir = temporaryFolder()
    const [input, output, products] = ['in.jsonl', 'out.jsonl', 'products.jsonl'].map((name) => join(dir, name))
    writeFileSync(
      input!,
      jsonl([
        { id: 7, text },
        { id: 8, text: 'nothing' },
      ]),
    )
    writeFileSync(products!, jsonl([{ id: 'easy-saver', name: 'Easy Saver' }]))
    const options = ['--input', input!, '--output', output!, '--products', products!, '--day', '2026-11-22']
    const done = onlyJson(await bursar(['predict', 'entities', ...options, '--data', join(dir, 'data'), '--json']))
    expect(done).toMatchObject({ n: 2, perItemMs: expect.any(Number) })
    const rows = readFileSync(output!, 'utf8').trim().split('\n')
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      {
        id: 7,
        text,
        entities: [
          { kind: 'amount', start: 4, end: 6, text: '£5', value: '5.00 GBP' },
          { kind: 'date', start: 10, end: 18, text: 'tomorrow', value: '2026-11-23' },
          { kind: 'product', start: 27, end: 37, text: 'Easy Saver', value: 'easy-saver' },
        ],
      },
      { id: 8, text: 'nothing', entities: [] },
    ])
    expect(existsSync(join(dir, 'data'))).toBe(false)
  })

  it('are scored by kind', async () => {
    const file = join(temporaryFolder(), 'labelled.jsonl')
    const found = { text, marks: [{ type: 'MONEY', start: 4, end: 6 }] }
    const missed = { text: 'five pounds', marks: [{ type: 'MONEY', start: 0, end: 11 }] }
    writeFileSync(file, jsonl([found, missed]))
    const options = ['--test', file, '--spans-column', 'marks', '--kinds', 'MONEY=amount', '--json']
    const { kinds, n } = onlyJson(await bursar(['eval', 'entities', ...options]))
    expect(n).toBe(2)
    expect(kinds).toMatchObject({ amount: { precision: 1, recall: 0.5, recall_ci: [0, 1] } })
    expect(Object.keys(kinds as object)).toEqual(['amount'])
  })

  it.each([
    [[], 1, 'column spans: is missing'],
    [['--day', '2026-13-01'], 2, '--day is a day such as'],
    [['--kinds', 'A=money'], 2, 'does not end in one of amount, rate'],
  ])('are refused in one line %j', async (options, code, says) => {
    const file = join(temporaryFolder(), 'rows.jsonl')
    writeFileSync(file, jsonl([{ text }]))
    const ended = await bursar(['eval', 'entities', '--test', file, ...options])
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  })
})
