import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Decision } from '../../../server/credit/decision.ts'
import { readCreditSchema } from '../../../server/credit/schema.ts'
import { scoreCredit, verifyCredit } from '../../../server/engine/credit.ts'
import type { TrainDone } from '../../../server/engine/tasks.ts'
import { train } from '../../../server/engine/train.ts'
import { underwritingCsv } from '../../quality/underwriting/generate.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { fileOf } from '../models/tabular/support.ts'

const quiet = () => undefined
const folder = resolve(import.meta.dirname, '../../../corpora/insurance')
const [rows, schema] = [join(folder, 'motor.csv'), join(folder, 'motor.schema.json')]

describe('underwriting by an insurer’s schema', () => {
  let task: { version: string; artifactSha256: string; approve: number; schema: string }
  let done: TrainDone
  beforeAll(async () => {
    done = await train(
      {
        ...{ kind: 'train', encoder: '', test: [], validation: [], seed: 1, service: 'credit', train: [rows] },
        ...{ registry: temporaryFolder(), way: { method: 'boosting', options: { trees: '30', leaves: '8' } } },
        table: { target: 'claim', ignore: ['id'], rule: '1se', schema },
      },
      quiet,
    )
    task = { version: done.dir, artifactSha256: done.artifactSha256, approve: 0.97, schema }
  })
  const score = async (content: string) => {
    const output = join(temporaryFolder(), 'out.jsonl')
    const counts = await scoreCredit({ kind: 'credit.score', ...task, input: fileOf(content), output }, quiet)
    const lines = readFileSync(output, 'utf8').trim().split('\n')
    return { counts, lines: lines.map((line): Decision & { refused?: string[] } => JSON.parse(line)) }
  }

  it('has rows that the generator makes again, byte for byte', () => {
    expect(underwritingCsv()).toBe(readFileSync(rows, 'utf8'))
  })

  it('is the same service: held to the signs, with a premium by the band', async () => {
    expect(done.table?.signsKept).toEqual(['noClaimsYears:-', 'claims:+', 'mileage:+', 'power:+'])
    expect(done.metrics.auc).toBeGreaterThan(0.7)
    const { counts, lines } = await score(readFileSync(rows, 'utf8').split('\n').slice(0, 201).join('\n'))
    expect(counts).toMatchObject({ n: 200, refused: 0 })
    const { premiums } = readCreditSchema(schema)
    expect(lines.map(({ premium }) => premium)).toEqual(lines.map(({ band }) => premiums?.[band]))
    expect(new Set(lines.map(({ band }) => band)).size).toBeGreaterThanOrEqual(4)
    const dearest = lines.toSorted((a, b) => a.probability - b.probability).map(({ premium }) => premium?.factor ?? 0)
    expect(dearest).toEqual(dearest.toSorted((a, b) => a - b))
    expect(await verifyCredit({ kind: 'credit.verify', ...task, n: 60, seed: 2 }, quiet)).toMatchObject({
      ...{ n: 60, faithful: 1, counterfactualsValid: 1, protectedUsed: 0, signsKept: 1, identicalOnRerun: 1 },
    })
  })

  it('refuses what an insurer’s definitions rule out', async () => {
    const head = 'id,yearsLicensed,noClaimsYears,claims,mileage,power,parking'
    const { lines } = await score(`${head}\na,3,9,0,9000,80,street\nb,20,6,1,9000,80,street\nc,20,4,1,9000,80,street\n`)
    expect(lines.map(({ refused }) => refused)).toEqual([
      ['There are more years without a claim than years since the licence'],
      ['There are claims in the last five years, and five years or more without one'],
      undefined,
    ])
  })

  it('needs premiums that never fall as the risk rises', () => {
    const own = JSON.parse(readFileSync(schema, 'utf8')) as { premiums: Record<string, object> }
    const cheaper = { ...own, premiums: { ...own.premiums, E: { name: 'Class 5', factor: 1 } } }
    expect(() => readCreditSchema(fileOf(JSON.stringify(cheaper), 's.json'))).toThrow(
      /s\.json: premiums: have a lower factor in a band of higher risk/,
    )
  })
})
