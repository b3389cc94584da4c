import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OnProgress } from '../engine/tasks.ts'
import { withIntervals } from '../evaluation/bootstrap.ts'
import { type Judgements, meanFigures, scoreQuestions } from '../evaluation/retrieval-metrics.ts'
import type { Composition } from '../main.ts'
import { percentile } from '../math/statistics.ts'
import type { SearchMode } from '../retrieval/types.ts'
import type { CorpusRow, QueryRow } from './eval-files.ts'

export interface EvaluationInputs {
  readonly corpus: readonly CorpusRow[]
  readonly queries: readonly QueryRow[]
  readonly qrels: Judgements
}

/** Passages asked for per query: enough that at least a hundred documents are ranked even where each has several. */
const passagesAsked = 400
const lanes = 4

/**
 * Index the corpus through the product's own ingestion, run every judged query and score the ranking of documents; a
 * document's score is its best passage's.
 * @returns the figures with intervals, and the ranking as lines of a TREC run.
 */
export async function evaluateRetrieval(
  { run, house }: Composition,
  dir: string,
  inputs: EvaluationInputs,
  mode: SearchMode,
  onProgress: OnProgress,
) {
  const { corpus, queries, qrels } = inputs
  const file = join(dir, 'corpus.jsonl')
  await writeFile(file, corpus.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await run('ingest', { paths: [file], collection: 'corpus', sync: false }, onProgress)
  const docs = await documentsOfPassages(house)
  const ranking = new Map<string, { doc: string; score: number }[]>()
  const tookMs: number[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < queries.length; i = next++) {
      const { id, text } = queries[i]!
      const begun = performance.now()
      const scope = { role: 'customer' as const, day: house.day() }
      const { passages } = await house.pool.run({ kind: 'search', text, scope, k: passagesAsked, mode })
      tookMs.push(performance.now() - begun)
      ranking.set(id, bestPerDocument(passages, docs))
      onProgress(i / queries.length, 'running queries')
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const perQuery = [
    ...scoreQuestions(new Map([...ranking].map(([id, found]) => [id, found.map(({ doc }) => doc)])), qrels).values(),
  ]
  const figures = {
    n: perQuery.length,
    ...withIntervals(perQuery, meanFigures),
    'annRecall@10': house.generations.recallAt10(),
    tookMs: { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) },
  }
  return { figures, run: runLines(ranking) }
}

/** The corpus's own id of every passage. */
async function documentsOfPassages({ store, pool }: Composition['house']): Promise<Map<number, string>> {
  const { encoderId } = await pool.facts()
  const docs = new Map<number, string>()
  for await (const { id, version } of store.passages.live(encoderId))
    docs.set(id, version.doc.slice(version.doc.indexOf('#') + 1))
  return docs
}

function bestPerDocument(passages: readonly { id: number; score: number }[], docs: ReadonlyMap<number, string>) {
  const best = new Map<string, number>()
  for (const { id, score } of passages) {
    const doc = docs.get(id)
    if (doc !== undefined && !best.has(doc)) best.set(doc, score)
  }
  return [...best].map(([doc, score]) => ({ doc, score }))
}

function runLines(ranking: ReadonlyMap<string, readonly { doc: string; score: number }[]>): string {
  const lines = [...ranking].flatMap(([query, found]) =>
    found.map(({ doc, score }, i) => `${query} Q0 ${doc} ${i + 1} ${score} bursar\n`),
  )
  return lines.join('')
}
