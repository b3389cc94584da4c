import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OnProgress } from '../engine/tasks.ts'
import { InputError } from '../errors.ts'
import { withIntervals } from '../evaluation/bootstrap.ts'
import { misspell } from '../evaluation/misspell.ts'
import { type Judgements, meanFigures, scoreQuestions } from '../evaluation/retrieval-metrics.ts'
import type { IngestReport } from '../ingestion/ingest.ts'
import type { Composition } from '../main.ts'
import { percentile } from '../math/statistics.ts'
import type { RankedPassage, SearchMode } from '../retrieval/types.ts'
import type { CorpusRow, QueryRow } from './eval-files.ts'

export interface EvaluationInputs {
  readonly corpus: readonly CorpusRow[]
  readonly queries: readonly QueryRow[]
  readonly qrels: Judgements
}

/** A document with its best passage: the scores are the passage's. */
export interface RankedDocument {
  readonly doc: string
  readonly score: number
  readonly dense: number
  readonly keyword: number
}

export interface RetrievalOptions {
  readonly mode: SearchMode
  /** Ask every query once more with slips of the keyboard, drawn with this seed. */
  readonly misspell?: number
}

/** Documents that are ranked for every query, where the corpus has them. */
const documentsWanted = 100
/** Passages asked for at first: enough for that even where each document has several. */
const passagesAsked = 400
const lanes = 4

/**
 * Index the corpus through the product's own ingestion, run every query and score the ranking of documents; a document's
 * score is its best passage's.
 * @returns the figures with intervals, those of each query and the ranking by query id.
 * @throws {InputError} if the corpus cannot be indexed.
 */
export async function evaluateRetrieval(
  composition: Composition,
  dir: string,
  inputs: EvaluationInputs,
  { mode, misspell: seed }: RetrievalOptions,
  onProgress: OnProgress,
) {
  const { corpus, queries, qrels } = inputs
  const docs = await indexCorpus(composition, dir, corpus, onProgress)
  const { house } = composition
  const ask = (asked: readonly QueryRow[]) => runQueries(house, asked, mode, docs, corpus.length, onProgress)
  const { ranking, tookMs } = await ask(queries)
  const perQuery = scoreQuestions(docsOf(ranking), qrels)
  const figures = {
    n: perQuery.size,
    ...withIntervals([...perQuery.values()], meanFigures),
    'annRecall@10': house.generations.recallAt10(),
    tookMs: { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) },
  }
  if (seed === undefined) return { figures, perQuery, ranking }
  const again = await ask(queries.map(({ id, text }) => ({ id, text: misspell(text, seed) })))
  const misspelt = meanFigures(scoreQuestions(docsOf(again.ranking), qrels).values())
  return { figures: { ...figures, misspelt }, perQuery, ranking }
}

type Ranking = ReadonlyMap<string, readonly RankedDocument[]>

const docsOf = (ranking: Ranking): Map<string, readonly string[]> =>
  new Map([...ranking].map(([id, found]) => [id, found.map(({ doc }) => doc)]))

async function runQueries(
  house: Composition['house'],
  queries: readonly QueryRow[],
  mode: SearchMode,
  docs: ReadonlyMap<number, string>,
  corpusSize: number,
  onProgress: OnProgress,
): Promise<{ ranking: Ranking; tookMs: readonly number[] }> {
  const ranking = new Map<string, readonly RankedDocument[]>()
  const tookMs: number[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < queries.length; i = next++) {
      const { id, text } = queries[i]!
      const { found, ms } = await rankDocuments(house, text, mode, docs, Math.min(documentsWanted, corpusSize))
      tookMs.push(ms)
      ranking.set(id, found)
      onProgress(i / queries.length, 'running queries')
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return { ranking, tookMs }
}

/** @returns the corpus's own id of every passage. */
async function indexCorpus(
  { run, house }: Composition,
  dir: string,
  corpus: readonly CorpusRow[],
  onProgress: OnProgress,
): Promise<Map<number, string>> {
  const file = join(dir, 'corpus.jsonl')
  // Numbered: an id of the set may be anything, one of ours may not.
  await writeFile(file, corpus.map((row, i) => `${JSON.stringify({ ...row, id: i })}\n`).join(''))
  const request = { paths: [file], collection: 'corpus', sync: false, unchecked: true }
  const { rejected } = (await run('ingest', request, onProgress)) as IngestReport // what the operation returns
  if (rejected[0]) throw new InputError({ file: 'the corpus' }, `cannot be indexed: ${rejected[0].reason}`)
  const { encoderId } = await house.pool.facts()
  const docs = new Map<number, string>()
  for await (const { id, version } of house.store.passages.live(encoderId))
    docs.set(id, corpus[Number(version.doc.slice(version.doc.indexOf('#') + 1))]!.id)
  return docs
}

/** @returns at least `wanted` documents, best first, if the search finds so many, and how long the first search took. */
async function rankDocuments(
  { pool, day }: Composition['house'],
  text: string,
  mode: SearchMode,
  docs: ReadonlyMap<number, string>,
  wanted: number,
): Promise<{ found: RankedDocument[]; ms: number }> {
  const begun = performance.now()
  const scope = { role: 'customer' as const, day: day() }
  let ms: number | undefined
  for (let k = passagesAsked; ; k *= 4) {
    const { passages } = await pool.run({ kind: 'search', text, scope, k, mode })
    ms ??= performance.now() - begun
    const found = bestPerDocument(passages, docs)
    if (found.length >= wanted || passages.length < k) return { found, ms }
  }
}

function bestPerDocument(passages: readonly RankedPassage[], docs: ReadonlyMap<number, string>): RankedDocument[] {
  const best = new Map<string, RankedDocument>()
  for (const { id, score, dense, keyword } of passages) {
    const doc = docs.get(id)
    if (doc !== undefined && !best.has(doc)) best.set(doc, { doc, score, dense, keyword })
  }
  return [...best.values()]
}

/** Lines of a TREC run, in the order of the queries, whichever was done first. */
export function runLines(queries: readonly QueryRow[], ranking: Ranking): string {
  return queries
    .flatMap(({ id }) =>
      (ranking.get(id) ?? []).map(({ doc, score }, i) => `${id} Q0 ${doc} ${i + 1} ${score} bursar\n`),
    )
    .join('')
}
