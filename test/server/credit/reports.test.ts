import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifyCredit } from '../../../server/engine/credit.ts'
import { reportFairness, reportStability } from '../../../server/engine/credit-reports.ts'
import { train } from '../../../server/engine/train.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { createLoans, fileOf, toCsv } from '../models/tabular/support.ts'

const quiet = () => undefined
const loans = createLoans(500, 1)
let version: string

beforeAll(async () => {
  const done = await train(
    {
      ...{
        kind: 'train',
        encoder: '',
        test: [],
        validation: [],
        seed: 1,
        service: 'credit',
        registry: temporaryFolder(),
      },
      train: [fileOf(toCsv(loans))],
      table: { target: 'bad', ignore: ['id', 'loss', 'noise'], rule: '1se' },
      way: { method: 'logistic' },
    },
    quiet,
  )
  version = done.dir
})

describe('a report of groups', () => {
  const fairness = (rows: readonly Record<string, string>[], more: object) =>
    reportFairness(
      { kind: 'credit.fairness', version, approve: 0.6, test: fileOf(toCsv(rows)), group: 'region', ...more },
      quiet,
    )

  it('is made by a column that the model looks at, and by the numbers of one that it does not', async () => {
    const byRegion = await fairness(loans, {})
    expect(byRegion.groups.map(({ group }) => group)).toEqual(['(missing)', 'east', 'north', 'south'])
    expect(byRegion.groups.reduce((sum, { n }) => sum + n, 0)).toBe(500)
    expect(byRegion.reference).toBe('south') // the safer region
    expect(byRegion.groups.filter(({ small }) => small).map(({ group }) => group)).toEqual(['(missing)'])
    const byNoise = await fairness(loans, { group: 'noise', cuts: [0, 1], reference: 'below 0' })
    expect(byNoise.groups.map(({ group }) => group)).toEqual(['below 0', '0 to below 1', '1 or more'])
    expect(byNoise.groups[0]?.n).toBe(loans.filter(({ noise }) => Number(noise) < 0).length)
  })

  it.each([
    [{ group: 'sex' }, /rows\.csv column sex: is missing/],
    [{ group: 'income' }, /column income: has more than 50 groups/],
    [{ group: 'region', cuts: [1] }, /rows\.csv:2 column region: is not a number/],
    [{ reference: 'moon' }, /--reference: there is no group "moon", but \(missing\), east/],
    [{ group: 'noise', cuts: [99] }, /column noise: has one group only/],
  ])('refuses %o', async (more, says) => {
    await expect(fairness(loans, more)).rejects.toThrow(says)
  })

  it('compares with no group that is small unless it is told to', async () => {
    await expect(fairness(loans.slice(0, 60), {})).rejects.toThrow(/no group of 100 rows with 10 of either class/)
  })
})

describe('a report of stability', () => {
  const stability = (rows: readonly Record<string, string>[]) =>
    reportStability({ kind: 'credit.stability', version, approve: 0.6, input: fileOf(toCsv(rows)) }, quiet)

  it('finds nothing in the training rows, and names what moved', async () => {
    const same = await stability(loans)
    expect(same.n).toBe(500)
    expect(same.features.map(({ name, psi }) => [name, psi])).toEqual([
      ...[
        ['income', 0],
        ['late', 0],
        ['region', 0],
      ],
    ])
    expect(same.score.reading).toBe('stable')
    expect(same.approvalRate).toBeCloseTo(0.6, 1)
    const later = createLoans(500, 2).map((row) => ({ ...row, late: String(Number(row.late) + 1) }))
    const moved = await stability(later)
    expect(moved.features.map(({ name, reading }) => [name, reading])).toEqual([
      ...[
        ['income', 'stable'],
        ['late', 'moved'],
        ['region', 'stable'],
      ],
    ])
    expect(moved.score.reading).toBe('moved')
    expect(moved.approvalRate).toBeLessThan(same.approvalRate)
  })

  it('refuses rows without a column of the model, or with text for a number', async () => {
    const without = loans.map(({ late: _, ...row }) => row)
    await expect(stability(without)).rejects.toThrow(/rows\.csv column late: is missing/)
    await expect(stability([loans[0]!, { ...loans[1]!, late: 'often' }])).rejects.toThrow(
      /rows\.csv:3 column late: is not/,
    )
  })
})

describe('a schema at training', () => {
  const meaning = (label: string, more: object) => ({ label, unit: '', min: 0, max: 1e6, reasons: {}, ...more })
  const schema = fileOf(
    JSON.stringify({
      ...{ name: 'made-up loans', protected: ['region'] },
      columns: { income: meaning('Income', { monotone: '-' }), late: meaning('Late', { monotone: '+' }) },
    }),
    's.json',
  )
  // Against the sign: in the training rows nobody with three late payments fails, and the rich do.
  const odd = createLoans(300, 5).map((row) => ({
    ...row,
    bad: Number(row.late) > 1 || (Number(row.late) === 0 && Number(row.income) > 3_000) ? 'no' : row.bad!,
  }))
  const trained = (ignore: readonly string[], way: object) =>
    train(
      {
        ...{ kind: 'train', encoder: '', test: [], validation: [], seed: 1, service: 'credit', way },
        ...{ registry: temporaryFolder(), train: [fileOf(toCsv(odd))] },
        table: { target: 'bad', ignore: ['id', 'loss', ...ignore], rule: '1se', schema },
      },
      quiet,
    )
  const verified = async ({ dir, artifactSha256 }: Awaited<ReturnType<typeof trained>>) => {
    const task = { kind: 'credit.verify' as const, version: dir, artifactSha256, approve: 0.8, schema }
    const { signsChecked, signsKept } = await verifyCredit({ ...task, n: 30, seed: 1 }, quiet)
    return { signsChecked, signsKept }
  }

  it('refuses a protected column by its name, before anything is trained', async () => {
    await expect(trained(['noise'], { method: 'logistic' })).rejects.toThrow(
      /column region: is protected, .*--ignore id,loss,noise,region/,
    )
  })

  it('holds trees to the signs, and proves it', async () => {
    const done = await trained(['noise', 'region'], { method: 'boosting', options: { trees: '20' } })
    expect(done.table?.signsKept).toEqual(['income:-', 'late:+'])
    expect(readFileSync(join(done.dir, 'card.md'), 'utf8')).toContain('the probability never falls as late rises')
    expect(await verified(done)).toEqual({ signsChecked: 60, signsKept: 1 })
    const against = trained(['noise', 'region'], { method: 'tree', options: { monotone: 'late:-' } })
    await expect(against).rejects.toThrow(/monotone=late:- is against the schema/)
  })

  it('tells of a method that cannot be held to them, and that they are not kept', async () => {
    const done = await trained(['noise', 'region'], { method: 'logistic' })
    expect(done.table).toMatchObject({ signsNotKept: ['income:-', 'late:+'] })
    expect((await verified(done)).signsKept).toBeLessThan(1)
  })
})

describe('the card of a model that decides', () => {
  it('has the headings that supervisors ask for, and says what the model looks at', () => {
    const card = readFileSync(join(version, 'card.md'), 'utf8')
    expect(card.match(/^## .*$/gm)).toEqual(['## Purpose', '## Data', '## Method', '## Limits', '## Monitoring'])
    expect(card).toContain('the probability that bad is yes, not no')
    expect(card).toMatch(/^\| late \| 0 to 3 \| 0 \| 0 \| 0 \|$/m)
    expect(card).toMatch(/^\| region \| 4 categories \| {2}\| {2}\| south \|$/m)
    expect(card).toContain('- Joint effects of two inputs are not seen.')
    expect(card).toMatch(/^\| 0\.9000 \| 0\.\d{4} \|$/m)
  })
})
