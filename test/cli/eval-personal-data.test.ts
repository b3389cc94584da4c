import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'

function written(rows: readonly object[], name = 'in.jsonl'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return file
}
const measure = (file: string, ...more: string[]) => bursar(['eval', 'personal-data', '--test', file, ...more])
const text = 'pay 4111 1111 1111 1111 or write to me@example.com'

describe('eval personal-data', { timeout: 60_000 }, () => {
  it('tells precision and recall by kind, and how many texts hold anything', async () => {
    const rows = [
      {
        text,
        spans: [
          { type: 'CREDIT_CARD', start: 4, end: 23 },
          { type: 'PERSON', start: 0, end: 3 },
        ],
      },
      { text: 'card nine nine nine', spans: [{ kind: 'CREDIT_CARD', start: 5, end: 19 }] },
      { text: 'nothing' },
    ]
    const found = lastJson(await measure(written(rows), '--kinds', 'CREDIT_CARD=card,EMAIL=email', '--json'))
    expect(found).toMatchObject({ n: 3, kinds: { card: { precision: 1, recall: 0.5, recall_ci: [0, 1] } } })
    expect(found.masked).toBeCloseTo(1 / 3)
    expect(Object.keys(found.kinds as object)).toEqual(['card'])
  })

  it('reads tables, also without labels', async () => {
    const file = join(temporaryFolder(), 'in.csv')
    writeFileSync(file, `message\n"${text}"\nhello\n`)
    const found = lastJson(await measure(file, '--text-column', 'message', '--json'))
    expect(found).toMatchObject({ n: 2, masked: 0.5, kinds: {} })
  })

  it.each([
    [[{ text, spans: 5 }], [], 1, ':1 column spans: has to be a list of'],
    [[{ text, spans: [{ type: 'x', start: 4, end: 99 }] }], [], 1, ':1 column spans: 4 to 99 is not in the text'],
    [[{ note: text }], [], 1, ':1 column text: is missing'],
    [[{ text }], ['--kinds', 'A=b'], 2, '--kinds: "A=b" does not end in one of card'],
  ])('refuses %j %j', async (rows, options, code, says) => {
    const ended = await measure(written(rows), ...options)
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  })
})
