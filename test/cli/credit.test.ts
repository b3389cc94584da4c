import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLoans, fileOf, toCsv } from '../server/models/tabular/support.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, onlyJson } from '../support/program.ts'

const env = { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }
const run = (args: readonly string[]) => bursar(args, { env })

describe('learning a column of a table', { timeout: 180_000 }, () => {
  const [train, test] = [fileOf(toCsv(createLoans(300, 1))), fileOf(toCsv(createLoans(60, 2)))]
  const what = ['--target', 'bad', '--ignore', 'id,loss']

  it('goes from rows to a version, to predictions, and to figures', async () => {
    const data = ['--json', '--data', join(temporaryFolder(), 'data')]
    const way = ['--method', 'boosting', '--option', 'trees=20,leaves=8']
    const made = onlyJson(await run(['train', 'credit', '--train', train, ...what, ...way, ...data]))
    expect(made).toMatchObject({ service: 'credit', version: 1, data: { rows: 300 } })
    expect(made.method).toMatch(/^boosting leaves=8/)
    const output = join(temporaryFolder(), 'out.jsonl')
    const done = onlyJson(await run(['predict', 'credit', '--input', test, '--output', output, ...data]))
    expect(done).toMatchObject({ n: 60 })
    expect(readFileSync(output, 'utf8').trim().split('\n')).toHaveLength(60)
    const scored = onlyJson(await run(['eval', 'credit', '--model', 'champion', '--test', test, ...data]))
    expect(scored).toMatchObject({ n: 60, unusual: {} })
    expect(scored.auc).toBeGreaterThan(0.6)
  })

  it('decides with reasons, and proves that they are the reasons', async () => {
    const data = ['--json', '--data', join(temporaryFolder(), 'data')]
    await run(['train', 'credit', '--train', train, ...what, '--method', 'logistic', ...data])
    const output = join(temporaryFolder(), 'out.jsonl')
    const scored = onlyJson(
      await run(['credit', 'score', '--input', test, '--output', output, '--approve', '0.7', ...data]),
    )
    expect(scored).toMatchObject({ n: 60, refused: 0, modelVersion: 1 })
    expect(Number(scored.approved) + Number(scored.declined)).toBe(60)
    const [first = ''] = readFileSync(output, 'utf8').split('\n')
    expect(Object.keys(JSON.parse(first))).toEqual(
      expect.arrayContaining(['id', 'decisionId', 'probability', 'band', 'decision', 'reasons']),
    )
    const proven = onlyJson(await run(['credit', 'verify', '--n', '40', ...data]))
    const holds = { faithful: 1, counterfactualsValid: 1, protectedUsed: 0, identicalOnRerun: 1 }
    expect(proven).toMatchObject({ n: 40, ...holds })
    const never = { label: 'Late payments', unit: '', min: 1e9, max: 2e9, reasons: {} }
    const schema = fileOf(JSON.stringify({ name: 'x', protected: [], columns: { late: never } }), 'schema.json')
    const nothing = await run(['credit', 'verify', '--n', '40', '--input', test, '--schema', schema, ...data])
    expect(JSON.parse(nothing.stdout)).toMatchObject({ n: 0, refused: 40 })
    expect(nothing.code, 'nothing was looked at, so nothing is proven').toBe(1)
  })

  it.each([
    [['score', '--input', test], 2, '--input and --output are needed'],
    [['verify', '--approve', '90'], 2, '--approve has to be a share such as 0.9, not "90"'],
    [['verify', '--data', join(temporaryFolder(), 'none')], 1, 'none'],
  ])('refuses credit %j in one line', async (words, exitCode, says) => {
    const { code, stdout, stderr } = await run(['credit', ...words])
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([exitCode, '', 1])
    expect(stderr).toContain(says)
  })

  it('needs no data directory to be measured, and says how methods compared', async () => {
    const folder = temporaryFolder()
    const way = ['--option', 'trees=10,epochs=2']
    const { code, stdout } = await bursar(['eval', 'credit', '--train', train, '--test', test, ...what, ...way], {
      env: { ...env, BURSAR_DATA: join(folder, 'data'), BURSAR_MODELS: folder },
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/compared by five-fold cross-validation on 300 rows, rule 1se/)
    expect(stdout).toMatch(/^ {2}logistic .* auc \d\.\d{4} ± \d\.\d{4} +train \d\.\d{4} +gap/m)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it.each([
    [['--target', 'loss', '--method', 'mlp'], 1, /rows\.csv column loss: has \d+ classes, not two\n$/],
    [['--method', 'mlp'], 2, /--target is needed/],
    [['--target', 'bad', '--option', 'twigs=1'], 2, /twigs/],
  ])('refuses %j in one line', async (words, exitCode, says) => {
    const { code, stdout, stderr } = await run(['eval', 'credit', '--train', train, '--test', test, ...words])
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([exitCode, '', 1])
    expect(stderr).toMatch(says)
  })
})
