import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { logitOf } from '../../../server/credit/applicant.ts'
import { createDecider, type Decision } from '../../../server/credit/decision.ts'
import { protectedIn, readCreditSchema } from '../../../server/credit/schema.ts'
import { drawApplicants, verifyDecisions } from '../../../server/credit/verify.ts'
import { assessCredit, scoreCredit, verifyCredit } from '../../../server/engine/credit.ts'
import type { TrainDone } from '../../../server/engine/tasks.ts'
import { train } from '../../../server/engine/train.ts'
import { createRandom } from '../../../server/math/random.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { createLoans, fileOf, toCsv } from '../models/tabular/support.ts'

const quiet = () => undefined
const base = { kind: 'train' as const, encoder: '', test: [], validation: [], seed: 1, service: 'credit' }
const schema = fileOf(
  JSON.stringify({
    name: 'made-up loans',
    protected: ['sex'],
    columns: {
      income: {
        label: 'Income',
        unit: 'a year',
        min: 0,
        max: 1e6,
        actionable: { direction: 'up', step: 100, until: 60_000 },
        reasons: { low: 'The income is low', missing: 'The income was not told' },
      },
      late: {
        label: 'Late payments',
        unit: 'times',
        min: 0,
        max: 20,
        whole: true,
        reasons: { high: 'Payments were late' },
      },
      noise: { label: 'Noise', unit: '', min: -10, max: 10, unnamed: true, reasons: {} },
    },
  }),
  'schema.json',
)
const loans = createLoans(120, 2)

describe('credit decisions', () => {
  let made: TrainDone
  let task: { version: string; artifactSha256: string; approve: number; schema: string }
  beforeAll(async () => {
    const table = { target: 'bad', ignore: ['id', 'loss'], rule: '1se' as const }
    const way = { method: 'boosting', options: { trees: '30' } }
    const train400 = { ...base, registry: temporaryFolder(), train: [fileOf(toCsv(createLoans(400, 1)))] }
    made = await train({ ...train400, table, way }, quiet)
    task = { version: made.dir, artifactSha256: made.artifactSha256, approve: 0.6, schema }
  })
  const score = async (rows: readonly Record<string, string>[]) => {
    const output = join(temporaryFolder(), 'out.jsonl')
    const done = await scoreCredit({ kind: 'credit.score', ...task, input: fileOf(toCsv(rows)), output }, quiet)
    const lines = readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line): Decision & Record<string, unknown> & { refused?: string[] } => JSON.parse(line))
    return { done, lines }
  }

  it('are made on every row, in its order, with at most four reasons in the words of the schema', async () => {
    const { done, lines } = await score(loans)
    expect(done).toMatchObject({
      n: 120,
      refused: 0,
      approved: lines.filter(({ decision }) => decision === 'approve').length,
    })
    expect(done.declined).toBe(120 - done.approved)
    expect(lines.map(({ id }) => id)).toEqual(loans.map(({ id }) => id))
    const least = Math.min(
      ...lines.filter(({ decision }) => decision === 'decline').map(({ probability }) => probability),
    )
    expect(
      Math.max(...lines.filter(({ decision }) => decision === 'approve').map(({ probability }) => probability)),
    ).toBeLessThan(least)
    for (const { reasons, probability, decision, counterfactual, income, imputed } of lines) {
      expect(reasons.length).toBeLessThanOrEqual(4)
      expect(reasons.map(({ column }) => column)).not.toContain('noise')
      expect(reasons.map(({ contribution }) => contribution)).toEqual(
        reasons.map(({ contribution }) => contribution).toSorted((a, b) => b - a),
      )
      expect(imputed).toEqual(income === '' ? ['income'] : undefined)
      expect(counterfactual === undefined).toBe(decision === 'approve')
      if (counterfactual) expect(counterfactual.probability).toBeLessThan(Math.min(probability, least))
    }
    const texts = new Set(lines.flatMap(({ reasons }) => reasons.map(({ text }) => text)))
    expect([...texts]).toEqual(
      expect.arrayContaining(['The income is low', 'Payments were late', 'region differs from what is usual']),
    )
    expect((await score(loans)).lines).toEqual(lines)
  })

  it('refuse a row that cannot be true by its column, and decide on the others', async () => {
    const odd = [{ ...loans[0]!, late: '2.5' }, { ...loans[1]!, income: '-3', late: '40' }, loans[2]!]
    const { done, lines } = await score(odd)
    expect(done).toMatchObject({ n: 3, refused: 2 })
    expect(lines.map(({ refused }) => refused)).toEqual([
      ['Late payments: 2.5 is no whole number'],
      ['Income: -3 is not from 0 to 1000000 a year', 'Late payments: 40 is not from 0 to 20 times'],
      undefined,
    ])
    await expect(score([{ ...loans[0]!, region: 'moon' }])).rejects.toThrow(/rows\.csv:2 column region: is a category/)
  })

  it('are what they are said to be, on made-up applicants and on rows of a file', async () => {
    const verify = { kind: 'credit.verify' as const, ...task, n: 80, seed: 3 }
    const holds = { faithful: 1, counterfactualsValid: 1, protectedUsed: 0, identicalOnRerun: 1 }
    const made80 = await verifyCredit(verify, quiet)
    expect(made80).toMatchObject({ n: 80, ...holds })
    expect([made80.reasons > 80, made80.declined > 10, made80.counterfactuals > 5]).toEqual([true, true, true])
    const untrue = loans.slice(0, 2).map((row) => ({ ...row, late: '40' }))
    expect(await verifyCredit({ ...verify, n: 50, input: fileOf(toCsv(untrue)) }, quiet)).toMatchObject({
      n: 0,
      refused: 2,
    })
    expect(await verifyCredit({ ...verify, n: 50, input: fileOf(toCsv(loans)) }, quiet)).toMatchObject({
      n: 50,
      ...holds,
    })
  })

  it('weigh in on a loan: one applicant, whose values can be true', async () => {
    const { lines } = await score(loans)
    const loan = { amount: 1_000_000, months: 36, rate: 79_000, income: 250_000, debts: 0, spending: 0 }
    const assess = (rows: readonly Record<string, string>[]) =>
      assessCredit({ kind: 'credit.loan', ...task, applicant: fileOf(toCsv(rows)), loan })
    const place = lines.findIndex(({ decision }) => decision === 'decline')
    const told = await assess([loans[place]!])
    expect(told.decision).toBe('decline')
    expect(told.credit?.decisionId).toBe(lines[place]?.decisionId)
    const [first] = told.reasons
    expect([first?.id, first?.value]).toEqual(['CREDIT-LIMIT', lines[place]?.probability])
    expect(first?.limit).toBeLessThanOrEqual(lines[place]!.probability)
    expect(told.expectedLoss?.amount).toBe(Math.round(lines[place]!.probability * 0.45 * 1_000_000))
    await expect(assess(loans.slice(0, 2))).rejects.toThrow(/rows\.csv: has more than one row/)
    await expect(assess([{ ...loans[0]!, late: '40' }])).rejects.toThrow(/cannot be true: Late payments: 40 is not/)
  })

  it('refuse what cannot be true together, and offer no change that leads there', async () => {
    const meaning = { label: 'x', unit: '', min: 0, max: 50, whole: true, reasons: {} }
    const read = readCreditSchema(
      fileOf(
        JSON.stringify({
          ...{ name: 'x', protected: [] },
          columns: {
            lines: { ...meaning, actionable: { direction: 'down', step: 1, until: 0 } },
            property: meaning,
          },
          contradictions: [
            { id: 'part', when: [{ column: 'property', operator: '>', than: 'lines' }], text: 'More than all of them' },
          ],
        }),
        's.json',
      ),
    )
    const number = (name: string) => ({ kind: 'number' as const, name, value: 1, quantiles: [0, 5, 10], missing: 0.2 })
    const reference = { columns: [number('lines'), number('property')], scores: [0.1, 0.3, 0.9] }
    const names = ['lines', 'property']
    const parts = {
      ...{ names, meanings: [read.columns.lines, read.columns.property], reference },
      contradictions: read.contradictions,
      score: async (rows: readonly (readonly (number | string)[])[]) =>
        Float64Array.from(rows, ([lines]) => logitOf(0.1 + 0.05 * Number(lines))),
    }
    const decider = createDecider({ ...parts, approve: 0.5, model: 'm' })
    expect(await decider.decide([3, 4])).toEqual({ refused: ['More than all of them'] })
    expect(await decider.decide([3, Number.NaN])).toMatchObject({ decision: 'approve' })
    // Refused from 0.3 on: below four lines are enough, but not with four loans on property.
    expect(await decider.decide([8, 2])).toMatchObject({
      counterfactual: { changes: [{ column: 'lines', from: 8, to: 3 }] },
    })
    expect(await decider.decide([8, 4])).toMatchObject({ decision: 'decline', counterfactual: null })
    const drawn = drawApplicants(parts, 200, createRandom(1))
    expect(drawn.filter(([lines, property]) => Number(property) > Number(lines))).toEqual([])
    // Somebody who looks away from the rule offers what cannot be, and is found out.
    const blind = createDecider({ ...parts, contradictions: [], approve: 0.5, model: 'm' })
    const verify = (by: typeof decider) =>
      verifyDecisions([[8, 4]], { ...parts, decider: by, protectedColumns: [] }, quiet)
    expect(await verify(blind)).toMatchObject({ counterfactuals: 1, counterfactualsValid: 0 })
    expect(await verify(decider)).toMatchObject({ counterfactuals: 0, withoutChange: 1 })
  })

  it('are found wanting where a reason is none, a change is not allowed, or a column is protected', async () => {
    const reference = {
      columns: [
        { kind: 'number' as const, name: 'a', value: 0, quantiles: [0, 5, 10], missing: 0 },
        { kind: 'number' as const, name: 'b', value: 0, quantiles: [0, 5, 10], missing: 0 },
      ],
      scores: [0.1, 0.5, 0.9],
    }
    const { columns } = readCreditSchema(
      fileOf(
        JSON.stringify({
          name: 'x',
          protected: [],
          columns: {
            a: {
              label: 'A',
              unit: '',
              min: 0,
              max: 10,
              actionable: { direction: 'down', step: 1, until: 0 },
              reasons: {},
            },
          },
        }),
        's.json',
      ),
    )
    const score = async (rows: readonly (readonly (number | string)[])[]) =>
      Float64Array.from(rows, ([a, b]) => logitOf(0.05 + 0.05 * Number(a) + 0.03 * Number(b)))
    const parts = { names: ['a', 'b'], meanings: [columns.a, undefined], score }
    const decider = createDecider({ ...parts, reference, approve: 0.5, model: 'm' })
    const verified = (change: Partial<typeof parts & { protectedColumns: string[]; decider: typeof decider }>) =>
      verifyDecisions(
        [
          [9, 3],
          [2, 1],
        ],
        { ...parts, reference, decider, protectedColumns: [], ...change },
        quiet,
      )
    expect(await verified({})).toMatchObject({
      n: 2,
      declined: 1,
      reasons: 4,
      faithful: 1,
      counterfactuals: 1,
      counterfactualsValid: 1,
    })
    const lying = async (applicant: readonly (number | string)[]) => {
      const told = await decider.decide(applicant)
      return 'refused' in told || !told.counterfactual
        ? told
        : { ...told, counterfactual: { ...told.counterfactual, changes: [{ column: 'a', from: 9, to: 8.5 }] } }
    }
    expect(await verified({ decider: { ...decider, decide: lying } })).toMatchObject({
      counterfactualsValid: 0,
      identicalOnRerun: 1,
    })
    const against = async (rows: Parameters<typeof score>[0]) => (await score(rows)).map((value) => -value)
    expect((await verified({ score: against })).faithful).toBe(0)
    expect(await verified({ protectedColumns: ['b'] })).toMatchObject({ protectedUsed: 1 })
  })

  it('name a category in words of its own, and one that is missing', async () => {
    const reasons = { high: 'never', low: 'never', other: 'The home is rented', missing: 'The home was not told' }
    const home = { label: 'Home', unit: '', min: 0, max: 0, reasons }
    const { columns } = readCreditSchema(
      fileOf(JSON.stringify({ name: 'x', protected: [], columns: { home } }), 's.json'),
    )
    const reference = {
      columns: [{ kind: 'category' as const, name: 'home', value: 'own', shares: { own: 0.5, rent: 0.5 } }],
      scores: [0.1, 0.5, 0.9],
    }
    const score = async (rows: readonly (readonly (number | string)[])[]) =>
      Float64Array.from(rows, ([value]) => logitOf(value === 'own' ? 0.2 : 0.7))
    const parts = { names: ['home'], meanings: [columns.home], reference, score, approve: 0.5, model: 'm' }
    const texts = await Promise.all(
      ['rent', '', 'own'].map(async (value) => {
        const decided = await createDecider(parts).decide([value])
        return 'refused' in decided ? [] : decided.reasons.map(({ text }) => text)
      }),
    )
    expect(texts).toEqual([['The home is rented'], ['The home was not told'], []])
  })

  it('are not made by a model that holds what the law protects', async () => {
    const names = ['SEX', 'maritalStatus', 'age', 'Essex', 'zip_code', 'income']
    expect(protectedIn(names, readCreditSchema())).toEqual(['SEX', 'maritalStatus', 'zip_code'])
    const rows = createLoans(200, 4).map((row, i) => ({ ...row, sex: String(i % 2) }))
    const table = { target: 'bad', ignore: ['id', 'loss', 'region', 'noise'], rule: '1se' as const }
    const way = { method: 'logistic' }
    const { dir, artifactSha256 } = await train(
      { ...base, registry: temporaryFolder(), train: [fileOf(toCsv(rows))], table, way },
      quiet,
    )
    const other = { ...task, version: dir, artifactSha256 }
    const output = join(temporaryFolder(), 'out.jsonl')
    await expect(
      scoreCredit({ kind: 'credit.score', ...other, input: fileOf(toCsv(rows)), output }, quiet),
    ).rejects.toThrow(/looks at sex, .*--ignore sex/)
    expect(await verifyCredit({ kind: 'credit.verify', ...other, n: 5, seed: 1 }, quiet)).toMatchObject({
      protectedUsed: 1,
    })
  })

  it.each([
    ['{', /s\.json: cannot be read/],
    ['{"name":"x","protected":[],"columns":{"a":{"label":"A"}}}', /s\.json: columns\.a\./],
    ['{"name":"x","protected":"sex","columns":{}}', /s\.json: protected/],
    [
      '{"name":"x","protected":[],"columns":{},"contradictions":[{"id":"a","text":"t","when":[{"column":"b","operator":">","value":1}]}]}',
      /s\.json: contradictions\.0: there is no column b/,
    ],
  ])('need a schema that can be read: %s', (content, says) => {
    expect(() => readCreditSchema(fileOf(content, 's.json'))).toThrow(says)
  })
})
