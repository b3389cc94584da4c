import { beforeAll, describe, expect, it } from 'vitest'
import { rightFigures } from '../../../server/evaluation/label-figures.ts'
import { judgementOf } from '../../../server/models/judgement.ts'
import { rightsService } from '../../../server/models/rights.ts'
import type { Artifact, Example, Judge } from '../../../server/models/service.ts'
import { gateScore, gateThresholds } from '../../../server/models/several.ts'

/** Directions stand for what an encoder makes of texts: complaint, human, neither. */
const vectorOf = ({ labels = [] }: Example, i: number): Float32Array => {
  const vector = Float32Array.from({ length: 8 }, (_, k) => 0.1 * Math.sin(3 * i + k))
  vector[labels.includes('complaint') ? 0 : labels.includes('human') ? 1 : 2] = 1
  return vector
}
const examples = Array.from({ length: 60 }, (_, i): Example => {
  const labels = i % 3 === 0 ? ['complaint'] : i % 3 === 1 ? ['human'] : []
  return { text: `text ${i}`, label: labels.join(' '), labels }
})
const vectors = examples.map(vectorOf)
const neither = Float32Array.from([0, 0, 1, 0, 0, 0, 0, 0])

describe('the service of rights', () => {
  let artifact: Artifact
  let judge: Judge
  beforeAll(async () => {
    artifact = await rightsService.train({ examples, vectors, seed: 1 })
    judge = await rightsService.open(artifact, 8)
  })

  it('learns which are invoked, and whether any is', async () => {
    expect(artifact.labels).toEqual(['any', 'complaint', 'human'])
    expect(artifact.metrics).toMatchObject({ n: 60, recall: 1, falseAlarmRate: 0 })
    const said = async (i: number) => (await judge.judge(`new ${i}`, vectors[i]!)).labels
    expect([await said(0), await said(1), await said(2)]).toEqual([['complaint'], ['human'], []])
  })

  it('is joined by the wordings where the head is not against it', async () => {
    const between = Float32Array.from([0.55, 0.45, 0.5, 0, 0, 0, 0, 0])
    const { labels } = await judge.judge('Stop sending me marketing and let me speak to a person', between)
    expect(labels).toEqual(expect.arrayContaining(['human', 'opt_out']))
    expect((await judge.judge('I want to make a complaint', neither)).labels).toEqual(['complaint'])
    expect((await judge.judge('I want to see the fees', neither)).labels).toEqual([])
  })

  it('chooses from the rights that are asked for', async () => {
    const only = new Set(['human'])
    expect((await judge.judge('I want to make a complaint', vectors[1]!, only)).labels).toEqual(['human'])
  })

  it('gives the same bytes for the same rows', async () => {
    const again = await rightsService.train({ examples, vectors, seed: 1 })
    expect(again.files).toEqual(artifact.files)
  })

  it('refuses a right that there is none of', async () => {
    const wrong = [{ ...examples[0]!, labels: ['gate'] }, ...examples.slice(1)]
    await expect(rightsService.train({ examples: wrong, vectors, seed: 1 })).rejects.toThrow("label 'gate' is none of")
  })
})

describe('a gate', () => {
  const labels = ['any', 'complaint', 'human']
  const open = gateScore(0.5, 0.5)
  const given = (probabilities: readonly number[]) =>
    judgementOf(probabilities, 0, { labels, thresholds: { several: 0.4, gate: open } }).labels

  it('lets the likeliest through in any case, and others that are likely', () => {
    expect(given([0.9, 0.3, 0.1])).toEqual(['complaint'])
    expect(given([0.9, 0.5, 0.6])).toEqual(['complaint', 'human'])
    expect(given([0.2, 0.5, 0.6])).toEqual([])
  })

  it('is put where as many texts without a label pass as are tolerated', () => {
    const texts = Array.from({ length: 20 }, (_, i) => Float32Array.from([i / 4, 0]))
    const lists = [...texts.map(() => []), [0, 1]]
    const { gate } = gateThresholds([...texts, Float32Array.from([9, 9])], lists, 1, { place: 0, falseAlarms: 0.1 })
    const passing = texts.filter(([any = 0]) => any >= gate)
    expect(passing.length).toBe(2)
  })
})

it('counts what is invoked, found, and found in nothing', () => {
  const of = (gold: readonly string[], said: readonly string[]) => ({
    gold,
    said,
    top: '',
    confidence: 0,
    scope: 0,
    ofGold: 0,
  })
  const outcomes = [of(['a', 'b'], ['a']), of(['a'], []), of([], ['b']), of([], [])]
  const [recall, falseAlarmRate, microPrecision, microRecall, microF1] = [0.5, 0.5, 1 / 2, 1 / 3, 2 / 5]
  expect(rightFigures(outcomes)).toEqual({ recall, falseAlarmRate, microPrecision, microRecall, microF1 })
})
