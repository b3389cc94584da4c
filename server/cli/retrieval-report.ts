import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { InputError, messageOf } from '../errors.ts'
import { type Comparison, compareRuns } from '../evaluation/compare-runs.ts'
import { type RetrievalFigures, type RetrievalMetric, retrievalMetrics } from '../evaluation/retrieval-metrics.ts'
import type { SearchMode } from '../retrieval/types.ts'
import type { EvaluationInputs, evaluateRetrieval } from './eval-retrieval.ts'
import { explainQuery } from './explain-query.ts'
import { openOutput } from './output-file.ts'
import { reportPage } from './report-page.ts'

type Evaluation = Awaited<ReturnType<typeof evaluateRetrieval>>

const share = z.number().min(0).max(1)
const figures = z.object({
  'ndcg@10': share,
  'mrr@10': share,
  'hit@1': share,
  'hit@5': share,
  'hit@10': share,
  'recall@10': share,
}) satisfies z.ZodType<Record<RetrievalMetric, number>>
const scoresSchema = z.object({ queries: z.record(z.string(), figures) })

const worstShown = 25
const foundShown = 3

/**
 * Where a report goes: `index.html`, and `scores.json`, which the next report there is compared with.
 * @throws {InputError} naming the file, if the folder cannot be written to or the scores there are no such file.
 */
export async function openReport(dir: string) {
  await mkdir(dir, { recursive: true }).catch((cause: unknown) => {
    throw new InputError({ file: dir }, `cannot be written (${messageOf(cause)})`, { cause })
  })
  const [page, scores] = [await openOutput(join(dir, 'index.html')), await openOutput(join(dir, 'scores.json'))]
  const before = await readScores(join(dir, 'scores.json'))
  return {
    async write(
      inputs: EvaluationInputs,
      evaluation: Evaluation,
      files: Readonly<Record<string, string>>,
      mode: SearchMode,
    ) {
      const { perQuery } = evaluation
      const comparison = before && compareRuns(before, perQuery)
      await page.write(pageOf(inputs, evaluation, [...Object.entries(files), ['mode', mode]], comparison))
      await scores.write(`${JSON.stringify({ queries: Object.fromEntries(perQuery) })}\n`)
    },
  }
}

async function readScores(file: string): Promise<ReadonlyMap<string, RetrievalFigures> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined // the first report here
  try {
    return new Map(Object.entries(scoresSchema.parse(JSON.parse(text)).queries))
  } catch (cause) {
    throw new InputError({ file }, 'holds no scores of a report: remove it, or name another folder', { cause })
  }
}

function pageOf(
  inputs: EvaluationInputs,
  { figures, perQuery, ranking }: Evaluation,
  files: readonly (readonly [string, string])[],
  comparison: Comparison | undefined,
): string {
  const { corpus, queries } = inputs
  const worst = [...perQuery]
    .sort(([, a], [, b]) => a['ndcg@10'] - b['ndcg@10'] || a['mrr@10'] - b['mrr@10'])
    .map(([id]) => id)
    .filter((id) => ranking.has(id)) // judged but never asked
    .slice(0, worstShown)
  return reportPage({
    facts: [
      ...files.map(([name, file]) => [name, basename(file)] as const),
      ['documents', String(corpus.length)],
      ['queries scored', String(figures.n)],
      ['recall of the index', figures['annRecall@10'].toFixed(3)],
    ],
    n: figures.n,
    figures: retrievalMetrics.map((metric) => ({
      ...{ metric, value: figures[metric], interval: figures[`${metric}_ci`] },
    })),
    ...('misspelt' in figures && { misspelt: figures.misspelt }),
    ...(comparison && { comparison }),
    worst: worst.map((id) => explainQuery(id, inputs, ranking, perQuery, foundShown)),
    queries: new Map(queries.map(({ id, text }) => [id, text])),
  })
}
