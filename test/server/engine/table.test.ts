import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluate } from '../../../server/engine/evaluate.ts'
import { predict } from '../../../server/engine/predict.ts'
import type { TableSettings } from '../../../server/engine/table-services.ts'
import type { TrainDone } from '../../../server/engine/tasks.ts'
import { train } from '../../../server/engine/train.ts'
import { readVersion } from '../../../server/models/version-folder.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { createLoans, fileOf, toCsv } from '../models/tabular/support.ts'

const quiet = () => undefined
const settings: TableSettings = { target: 'bad', ignore: ['id', 'loss'], rule: '1se' }
const way = { method: 'boosting', options: { trees: '30' } }
const trainRows = fileOf(toCsv(createLoans(400, 1)))
const tests = createLoans(120, 2)
const testRows = fileOf(toCsv(tests))
const registry = temporaryFolder()

const task = { kind: 'train' as const, encoder: '', registry, train: [trainRows], test: [], validation: [], seed: 1 }
let credit: TrainDone
let regression: TrainDone
beforeAll(async () => {
  credit = await train({ ...task, service: 'credit', table: settings, way }, quiet)
  const table = { ...settings, target: 'loss', ignore: ['id', 'bad'] }
  regression = await train({ ...task, service: 'regression', table, way: { method: 'linear' } }, quiet)
})

const predictRows = async (content: string, name = 'rows.csv', unusual?: 'accept') => {
  const output = join(temporaryFolder(), 'out.jsonl')
  const request = {
    kind: 'predict' as const,
    service: 'credit',
    encoder: '',
    version: credit.dir,
    input: fileOf(content, name),
    output,
  }
  const done = await predict({ ...request, ...(unusual && { unusual }) }, quiet).catch((cause: Error) => cause)
  const lines = existsSync(output)
    ? readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : undefined
  return { done, lines }
}
const refused = async (changed: Record<string, string>): Promise<string> => {
  const { done, lines } = await predictRows(toCsv([tests[0]!, { ...tests[1]!, ...changed }]))
  expect(lines).toBeUndefined() // nothing half written
  return done instanceof Error ? done.message.replace(/^\S*\//, '') : ''
}

describe('a model of a table', () => {
  it('is a version with its inputs, its figures and its data', async () => {
    const { manifest } = await readVersion(credit.dir, 'credit')
    expect(manifest).toMatchObject({
      ...{ task: 'tabular-classification', target: 'bad', labels: ['no', 'yes'], seed: 1 },
      data: { files: [{ file: 'rows.csv', rows: 400 }] },
    })
    const columns = 'columns' in manifest ? manifest.columns : []
    expect(columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      ...['income number', 'late number', 'region category', 'noise number'],
    ])
    expect(credit.metrics.auc).toBeGreaterThan(0.7)
    expect(credit.table).toMatchObject({ data: { rows: 400 } })
  })

  it('is scored as a version as it is when it is trained for it', async () => {
    const scored = { kind: 'evaluate' as const, service: 'credit', encoder: '', test: testRows }
    const registered = await evaluate({ ...scored, model: { version: credit.dir } }, quiet)
    const model = { train: [trainRows], seed: 1, way }
    const aside = await evaluate({ ...scored, model, table: settings }, quiet)
    expect(aside.figures).toEqual(registered.figures)
    expect([aside.shared, registered.shared]).toEqual([0, undefined])
    const leaky = fileOf(toCsv([...tests, ...createLoans(400, 1).slice(0, 7)]))
    expect(await evaluate({ ...scored, test: leaky, model, table: settings }, quiet)).toMatchObject({ shared: 7 })
    expect(Object.keys(registered.figures)).toEqual(
      ['n', 'auc', 'ks', 'brier', 'ece', 'logLoss', 'accuracy', 'majority'].flatMap((name) =>
        name === 'n' ? [name] : [name, `${name}_ci`],
      ),
    )
    expect(registered.figures.auc).toBeGreaterThan(0.7)
    const other = { ...settings, target: 'late' }
    await expect(evaluate({ ...scored, model: { version: credit.dir }, table: other }, quiet)).rejects.toThrow(
      /to tell bad, not late/,
    )
  })

  it('scores numbers', async () => {
    const scored = { kind: 'evaluate' as const, service: 'regression', encoder: '', test: testRows }
    const { figures } = await evaluate({ ...scored, model: { version: regression.dir } }, quiet)
    expect(figures.r2).toBeGreaterThan(0.7)
    expect(figures).toHaveProperty('mae_ci')
  })

  it('counts what no training row had, and scores it all the same', async () => {
    const odd = [...tests, { ...tests[0]!, region: 'moon', income: '-5' }]
    const scored = { kind: 'evaluate' as const, service: 'credit', encoder: '', test: fileOf(toCsv(odd)) }
    const { unusual } = await evaluate({ ...scored, model: { version: credit.dir } }, quiet)
    expect(unusual).toEqual({ region: 1, income: 1 })
  })

  it('predicts rows in their order, from tables and objects alike, and says what it filled in', async () => {
    const { lines, done } = await predictRows(toCsv(tests))
    expect(done).toMatchObject({ n: 120 })
    expect(lines!.map(({ id }) => id)).toEqual(tests.map(({ id }) => id))
    for (const { score, label, confidence, scores } of lines!) {
      expect(scores.yes).toBe(score)
      expect([label, confidence]).toEqual(score > 0.5 ? ['yes', score] : ['no', 1 - score])
    }
    expect(lines!.map(({ imputed }) => imputed)).toEqual(
      tests.map(({ income }) => (income === '' ? ['income'] : undefined)),
    )
    const objects = tests.map(({ income, ...row }) =>
      JSON.stringify({ ...row, ...(income && { income: Number(income) }) }),
    )
    const again = await predictRows(objects.join('\n'), 'rows.jsonl')
    expect(again.lines!.map(({ score }) => score)).toEqual(lines!.map(({ score }) => score))
  })

  it('refuses rows that it was not made for, naming line and column', async () => {
    expect(await refused({ late: 'often' })).toBe('rows.csv:3 column late: is not a number')
    expect(await refused({ late: 'NaN' })).toBe('rows.csv:3 column late: is not a number')
    expect(await refused({ region: 'moon' })).toMatch(
      /^rows.csv:3 column region: is a category that no training row had/,
    )
    expect(await refused({ income: '-1' })).toMatch(/^rows.csv:3 column income: is a negative number/)
    const { lines } = await predictRows(toCsv([{ ...tests[1]!, region: 'moon', income: '-1' }]), 'rows.csv', 'accept')
    expect(lines).toHaveLength(1)
    const { done } = await predictRows('id,income\n1,2')
    expect(String(done)).toMatch(/column late: is missing/)
  })

  it('is not loaded as one of texts, or of another release', async () => {
    const request = { kind: 'predict' as const, encoder: '', input: testRows, output: join(temporaryFolder(), 'x') }
    await expect(predict({ ...request, service: 'regression', version: credit.dir }, quiet)).rejects.toThrow(
      /is not a manifest of regression/,
    )
    const table = { ...settings, target: 'bad' }
    await expect(train({ ...task, service: 'credit', train: [trainRows, testRows], table }, quiet)).rejects.toThrow(
      /on one file/,
    )
    await expect(train({ ...task, service: 'credit' }, quiet)).rejects.toThrow(/--target names it/)
  })
})
