import { beforeAll, describe, expect, it } from 'vitest'
import { InputError, ModelError, UsageError } from '../../../../server/errors.ts'
import {
  calibrated,
  fitIsotonic,
  type ScoreCalibration,
  type Scored,
} from '../../../../server/evaluation/score-calibration.ts'
import { candidatesOf } from '../../../../server/models/tabular/candidates.ts'
import { fitTable, tableScores } from '../../../../server/models/tabular/fit-table.ts'
import { writeTableModel } from '../../../../server/models/tabular/graph.ts'
import type { TableTask } from '../../../../server/models/tabular/method.ts'
import { averageOf } from '../../../../server/models/tabular/methods.ts'
import { type MethodName, tableOptions } from '../../../../server/models/tabular/options.ts'
import { fitPreparation, prepare, schemaOf } from '../../../../server/models/tabular/preparation.ts'
import { crossValidate } from '../../../../server/models/tabular/selection.ts'
import { openTable } from '../../../../server/models/tabular/session.ts'
import { inputsBySchema, inputsOf, readTable, type TableFile } from '../../../../server/models/tabular/table.ts'
import { targetsOf } from '../../../../server/models/tabular/targets.ts'
import { type TableRequest, type TrainedTable, trainTable } from '../../../../server/models/tabular/train-table.ts'
import { createLoans, fileOf, toCsv } from './support.ts'

const left = ['id', 'loss']
let loans: TableFile
beforeAll(async () => {
  loans = await readTable(fileOf(toCsv(createLoans(600, 1))))
})

const request = (
  changes: Partial<Omit<TableRequest, 'options'>> & { options?: Readonly<Record<string, string>> } = {},
): TableRequest => ({
  ...{
    task: 'tabular-classification',
    file: loans,
    target: 'bad',
    ignore: left,
    method: 'logistic',
    rule: '1se',
    seed: 1,
  },
  onProgress: () => undefined,
  ...changes,
  options: tableOptions(changes.options ?? {}),
})
const small = { trees: '20', epochs: '3' }
const bytesOf = ({ files }: TrainedTable) => Buffer.from(files.get('model.onnx')!)
const trainRows = async (rows: readonly Record<string, string>[], changes: Parameters<typeof request>[0] = {}) =>
  trainTable(request({ file: await readTable(fileOf(toCsv(rows))), ...changes }))

describe('the ONNX file', () => {
  /** Rows with what training had not: a category, numbers beyond all, none at all. */
  const odd = [
    ...createLoans(40, 9),
    { ...createLoans(1, 3)[0]!, region: 'moon', income: '1e12', late: '98', noise: '-1e6' },
    { ...createLoans(1, 3)[0]!, region: '', income: '', late: '', noise: '' },
  ]
  const curve: ScoreCalibration = { kind: 'isotonic', scores: [-2, -1, 0.5], logits: [-4, -1, 1] }

  async function compare(
    task: TableTask,
    method: MethodName,
    calibrate: (scored: Scored) => ScoreCalibration,
  ): Promise<void> {
    const isRegression = task === 'tabular-regression'
    const target = isRegression ? 'loss' : 'bad'
    const table = inputsOf(loans, new Set(['id', 'loss', 'bad']), new Set(['late']))
    const { targets } = targetsOf(loans, target, task, undefined)
    const preparation = fitPreparation(table, 'indicator')
    const prepared = prepare(preparation, table)
    const [candidate] = candidatesOf(method, task, tableOptions(small))
    const part = { task, preparation, prepared, targets, balanced: false }
    const fitted = await fitTable(part, candidate!, 1, () => undefined)
    const calibration = calibrate({ scores: tableScores(fitted, prepared), positive: targets })
    const twice = { ...fitted, model: averageOf([fitted.model, fitted.model]) }
    const graph = writeTableModel({ task, preparation, ...twice, calibration, metadata: {} })
    const columns = schemaOf(preparation)
    const facts = isRegression
      ? { task: 'tabular-regression' as const, target, columns, method }
      : {
          task: 'tabular-classification' as const,
          target,
          columns,
          method,
          labels: ['no', 'yes'] satisfies [string, string],
        }
    const session = await openTable(new Map([['model.onnx', graph]]), facts, 'a test')
    const rows = inputsBySchema(await readTable(fileOf(toCsv(odd))), columns)
    const scores = tableScores(fitted, prepare(preparation, rows))
    const said = await session.predict(rows)
    await session.close()
    scores.forEach((score, i) => {
      const wanted = isRegression ? score : 1 / (1 + Math.exp(-calibrated(calibration, score)))
      expect(Math.abs(said[i]! - wanted), `${method} row ${i}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)))
    })
    expect(new Set(said).size).toBeGreaterThan(5)
  }

  it.each(['logistic', 'mlp', 'tree', 'forest', 'boosting'] as const)(
    'says what %s says of classes',
    async (method) => {
      for (const calibration of [{ kind: 'none' }, { kind: 'platt', slope: 0.8, offset: -0.3 }, curve] as const)
        await compare('tabular-classification', method, () => calibration)
    },
  )

  it.each(['linear', 'mlp', 'tree', 'forest', 'boosting'] as const)('says what %s says of numbers', async (method) => {
    await compare('tabular-regression', method, () => ({ kind: 'none' }))
  })

  it('says it of scores that many rows share, too', async () => {
    // The rows of a leaf have one score, and are more than a bin of the curve.
    await compare('tabular-classification', 'tree', fitIsotonic)
  })
})

describe('training on a table', () => {
  it('learns, and gives the same bytes from the same rows and seed', async () => {
    const once = await trainTable(request({ method: 'boosting', options: small }))
    expect(once.metrics.auc).toBeGreaterThan(0.75)
    expect(once.metrics.n).toBe(600)
    const again = await trainTable(request({ method: 'boosting', options: small }))
    expect(bytesOf(again).equals(bytesOf(once))).toBe(true)
    const other = await trainTable(request({ method: 'boosting', options: small, seed: 2 }))
    expect(bytesOf(other).equals(bytesOf(once))).toBe(false)
  })

  it('compares candidates on rows that they were not fitted to', async () => {
    const { selection, chosen, metrics } = await trainTable(request({ method: 'select', options: small }))
    expect(selection).toMatchObject({ rows: 600, rule: '1se' })
    const methods = new Set(selection!.candidates.map(({ method }) => method))
    expect(methods).toEqual(new Set(['logistic', 'mlp', 'forest', 'boosting', 'blend']))
    for (const { folds, mean, train, gap } of selection!.candidates) {
      expect(folds).toHaveLength(5)
      expect(gap).toBeCloseTo(train - mean, 12)
    }
    const forest = selection!.candidates.find(({ method }) => method === 'forest')!
    expect(forest.gap).toBeGreaterThan(0.01)
    expect(selection!.candidates.map(({ name }) => name)).toContain(chosen)
    expect(metrics.auc).toBeGreaterThan(0.75)
  })

  it('learns numbers', async () => {
    const numbers = { task: 'tabular-regression', target: 'loss', ignore: ['id', 'bad'] } as const
    const { metrics, facts } = await trainTable(request({ ...numbers, method: 'linear' }))
    expect(metrics.r2).toBeGreaterThan(0.8)
    expect(facts.task).toBe('tabular-regression')
    const { selection } = await trainTable(request({ ...numbers, method: 'select', rule: 'best', options: small }))
    expect(selection!.candidates.every(({ figure }) => figure === 'r2')).toBe(true)
  })

  it('reports repeats, contradictions, and what is missing', async () => {
    const rows: Record<string, string>[] = createLoans(100, 5).map((row) => ({ ...row, constant: '1' }))
    const first = rows[0]!
    const other = first.bad === 'yes' ? 'no' : 'yes'
    const all = [...rows, first, { ...first, bad: other }]
    const { data } = await trainRows(all)
    expect(data).toMatchObject({ rows: 102, dropped: 0, duplicates: 1, conflicts: 1, constant: ['constant'] })
    const empty = (name: 'income' | 'region') => all.filter((row) => row[name] === '').length
    expect(data.missing).toEqual({ income: empty('income'), region: empty('region') })
    const dropped = await trainRows(all, { options: { missing: 'drop' } })
    expect(dropped.data).toMatchObject({ dropped: empty('income'), rows: 102 - empty('income') })
  })

  it('weighs classes alike where it is told to, and calibrates what comes of it', async () => {
    const table = inputsOf(loans, new Set(['id', 'loss', 'bad']), new Set())
    const { targets } = targetsOf(loans, 'bad', 'tabular-classification', undefined)
    const preparation = fitPreparation(table, 'indicator')
    const prepared = prepare(preparation, table)
    const positives = targets.reduce((sum, one) => sum + one, 0) / targets.length
    for (const method of ['logistic', 'mlp', 'tree', 'boosting'] as const) {
      const [candidate] = candidatesOf(method, 'tabular-classification', tableOptions(small))
      const meanShare = async (balanced: boolean): Promise<number> => {
        const part = { task: 'tabular-classification', preparation, prepared, targets, balanced } as const
        const scores = tableScores(await fitTable(part, candidate!, 1, () => undefined), prepared)
        return scores.reduce((sum, score) => sum + 1 / (1 + Math.exp(-score)), 0) / scores.length
      }
      const [alike, plain] = [await meanShare(true), await meanShare(false)]
      // Weighed alike, the rarer class is told of about half the rows instead of its own share.
      expect(Math.abs(alike - 0.5), method).toBeLessThan(Math.abs(positives - 0.5) / 2)
      expect(Math.abs(plain - positives), method).toBeLessThan(Math.abs(positives - 0.5) / 2)
    }
    const { metrics } = await trainTable(request({ options: { weights: 'balanced' } }))
    const plain = await trainTable(request())
    expect(metrics.ece).toBeLessThan(plain.metrics.ece! + 0.05)
    expect(metrics.auc).toBeCloseTo(plain.metrics.auc!, 1)
  })

  it('refuses what it cannot learn from', async () => {
    const rows = createLoans(80, 6)
    const refused = async (changed: readonly Record<string, string>[], changes: Parameters<typeof request>[0] = {}) => {
      const reason = await trainRows(changed, changes).catch((cause: unknown) => cause)
      expect(reason).toBeInstanceOf(InputError)
      return String(reason)
    }
    expect(await refused(rows.slice(0, 10))).toMatch(/has 10 rows to learn from: at least 50/)
    expect(await refused(rows.map((row) => ({ ...row, bad: 'no' })))).toMatch(/has 1 classes, not two/)
    const rare = rows.map((row, i) => ({ ...row, bad: i < 3 ? 'yes' : 'no' }))
    expect(await refused(rare)).toMatch(/has 3 rows of class 'yes': at least 10/)
    expect(await refused(rows.map((row, i) => (i === 5 ? { ...row, late: 'often' } : row)))).toMatch(
      /:7 column late: is not a number/,
    )
    expect(await refused(rows, { target: 'worse' })).toMatch(/column worse: is missing/)
    expect(await refused(rows.map((row) => ({ ...row, 'output.score': '1' })))).toMatch(
      /column output.score: has a name/,
    )
    expect(await refused(rows, { options: { monotone: 'region:+' }, method: 'boosting' })).toMatch(
      /column region: is no column/,
    )
  })

  it('refuses numbers that do not vary, by file and column, whatever the method', async () => {
    const numbers = { task: 'tabular-regression', target: 'loss', ignore: ['id', 'bad'] } as const
    const rows = createLoans(80, 6)
    const same = rows.map((row) => ({ ...row, loss: '0.1' }))
    const nearly = same.map((row, i) => ({ ...row, loss: i === 7 ? '5' : row.loss }))
    for (const method of ['select', 'linear'] as const) {
      const options = { ...numbers, method, options: small }
      await expect(trainRows(same, options)).rejects.toThrow(/rows\.csv column loss: is 0\.1\d* in every row: there is/)
      await expect(trainRows(nearly, options)).rejects.toThrow(/rows\.csv column loss: is 0\.1\d* in 16 rows/)
    }
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e39])('refuses a model that scores a row by %s', async (score) => {
    const table = inputsOf(loans, new Set(['id', 'loss', 'bad']), new Set())
    const { targets } = targetsOf(loans, 'loss', 'tabular-regression', undefined)
    const model = { scores: () => new Float64Array(targets.length).fill(score, 3, 4), write: () => '' }
    const wild = { name: 'mlp rate=1', method: 'mlp', fit: async () => model }
    const place = { file: 'rows.csv', column: 'loss' }
    const rows = { place, task: 'tabular-regression', table, targets, policy: 'indicator', balanced: false } as const
    const tried = crossValidate(rows, [wild], 1, 5, () => undefined)
    await expect(tried).rejects.toThrow(
      new ModelError(
        'mlp rate=1 diverged, its scores are no numbers: train with smaller steps, such as --option rate=0.001',
      ),
    )
  })

  it('refuses options that no method has', async () => {
    await expect(trainTable(request({ options: { monotone: 'late:+' } }))).rejects.toThrow(UsageError)
    await expect(trainTable(request({ method: 'linear' }))).rejects.toThrow('use logistic')
    const bad = { epochs: '0', batch: 'x', deep: '1', missing: 'guess', monotone: 'late', hidden: '0', l2: '-1' }
    for (const [name, value] of Object.entries(bad))
      expect(() => tableOptions({ [name]: value }), name).toThrow(UsageError)
  })
})

describe('a monotone constraint', () => {
  const risks = async (options: Readonly<Record<string, string>>) => {
    // The more late payments the better, which the constraint forbids.
    const turned = createLoans(600, 8).map((row) => ({ ...row, late: String(3 - Number(row.late)) }))
    const { files, facts } = await trainRows(turned, { method: 'boosting', options: { trees: '40', ...options } })
    const session = await openTable(files, facts, 'a test')
    const line = [0, 1, 2, 3].map((late) => ({ ...turned[0]!, late: String(late) }))
    const said = await session.predict(inputsBySchema(await readTable(fileOf(toCsv(line))), facts.columns))
    await session.close()
    return [...said]
  }

  it('holds, and does not without it', async () => {
    const kept = await risks({ monotone: 'late:+' })
    expect(kept).toEqual([...kept].sort((a, b) => a - b))
    const free = await risks({})
    expect(free[0]!).toBeGreaterThan(free[3]! + 0.1)
  })
})
