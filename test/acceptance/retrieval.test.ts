import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'
import { needing } from '../support/programs.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

/** Sets, and what `eval retrieval` has to reach on them at its defaults. */
const sets = [
  ['us_regs', 'hit@5', 0.78],
  ['bank_faq_en', 'mrr@10', 0.63],
  ['fiqa_mini', 'ndcg@10', 0.68],
] as const
const metrics = ['ndcg@10', 'mrr@10', 'hit@1', 'hit@5', 'recall@10'] as const
const leastRecall = 0.98
const documentsWanted = 100

const python = needing('python3', 'apt-get install python3')
const scorer = outside('acceptance/score_run.py')

describe.each(sets)('eval retrieval on %s', (name, metric, least) => {
  const set = outside(`data/${name}`)
  const file = (part: string): string => join(set.path, part)
  const out = join(temporaryFolder(), 'out.run')
  let figures: Record<string, unknown>

  describe.skipIf(set.skip)(`of the built program${set.note}`, () => {
    beforeAll(async () => {
      const files = ['--corpus', file('corpus.jsonl'), '--queries', file('queries.jsonl'), '--qrels', file('qrels.tsv')]
      const ended = await bursar(['eval', 'retrieval', ...files, '--run', out, '--json'])
      expect(ended.code, ended.stderr).toBe(0)
      expect(ended.stdout.trimEnd()).not.toContain('\n')
      figures = lastJson(ended)
    })

    it(`reaches ${metric} ${least}`, () => {
      figure(`${name} ${metric}`, Number(figures[metric]), `≥ ${least}`)
      expect(figures[metric]).toBeGreaterThanOrEqual(least)
    })

    it(`finds ${leastRecall} of the true neighbours`, () => {
      figure(`${name} annRecall@10`, Number(figures['annRecall@10']), `≥ ${leastRecall}`)
      expect(figures['annRecall@10']).toBeGreaterThanOrEqual(leastRecall)
    })

    it('gives an interval around each figure, and times', () => {
      for (const key of metrics) {
        const [low, high] = figures[`${key}_ci`] as [number, number] // as cli.md has it
        expect(low, key).toBeLessThanOrEqual(Number(figures[key]))
        expect(high, key).toBeGreaterThanOrEqual(Number(figures[key]))
      }
      const { p50, p99 } = figures.tookMs as { p50: number; p99: number } // as cli.md has it
      figure(`${name} query p50 ms`, p50)
      expect(p50).toBeGreaterThan(0)
      expect(p99).toBeGreaterThanOrEqual(p50)
    })

    it(`ranks at least ${documentsWanted} documents for every query, where the corpus has them`, () => {
      const corpus = new Set(rowsOf<{ id: string }>(file('corpus.jsonl')).map(({ id }) => String(id)))
      const ranked = readRun(out)
      for (const { id } of rowsOf<{ id: string }>(file('queries.jsonl'))) {
        const docs = ranked.get(String(id)) ?? []
        expect(docs.length, id).toBeGreaterThanOrEqual(Math.min(documentsWanted, corpus.size))
        expect(new Set(docs).size, id).toBe(docs.length)
        expect(
          docs.filter((doc) => !corpus.has(doc)),
          id,
        ).toEqual([])
      }
    })

    it.skipIf(scorer.skip || python.skip)(`agrees with score_run.py to four places${scorer.note}${python.note}`, () => {
      const scored = spawnSync('python3', [scorer.path, out, file('qrels.tsv')], { encoding: 'utf8' })
      expect(scored.status, scored.stderr).toBe(0)
      const theirs: Record<string, number> = JSON.parse(scored.stdout)
      expect(figures.n).toBe(theirs.n)
      for (const key of metrics) expect(Number(figures[key]), key).toBeCloseTo(theirs[key] ?? Number.NaN, 4)
    })
  })
})

/** Documents by query in the order of their ranks; lines as cli.md has them, ranks from 1 without gaps, scores falling. */
function readRun(path: string): Map<string, string[]> {
  const ranked = new Map<string, string[]>()
  let before = Number.POSITIVE_INFINITY
  const isGood = (line: string): boolean => {
    const [query = '', q0, doc = '', rank, score, ...rest] = line.split(' ')
    const docs = ranked.get(query) ?? []
    ranked.set(query, docs)
    const isNext = Number(rank) === docs.push(doc) && (docs.length === 1 || Number(score) <= before)
    before = Number(score)
    return q0 === 'Q0' && rest.join(' ') === 'bursar' && isNext
  }
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines.filter((line) => !isGood(line)).slice(0, 3)).toEqual([])
  return ranked
}
