/** How well one question was answered by a ranking; every figure 0 to 1. */
export type RetrievalFigures = Readonly<Record<RetrievalMetric, number>>

export const retrievalMetrics = ['ndcg@10', 'mrr@10', 'hit@1', 'hit@5', 'hit@10', 'recall@10'] as const
export type RetrievalMetric = (typeof retrievalMetrics)[number]

/** Relevance of documents per question: 0 not at all, above 0 relevant. */
export type Judgements = ReadonlyMap<string, ReadonlyMap<string, number>>
/** Ranked documents per question, best first; a document that comes twice counts at its first place. */
export type Run = ReadonlyMap<string, readonly string[]>

const depth = 10
const gain = (relevance: number): number => 2 ** relevance - 1
const discounted = (relevances: readonly number[]): number =>
  relevances.slice(0, depth).reduce((sum, relevance, i) => sum + gain(relevance) / Math.log2(i + 2), 0)

/**
 * Figures of one ranking: nDCG (Järvelin & Kekäläinen 2002; gain 2^relevance − 1, discount log2(rank + 1)), reciprocal rank of
 * the first relevant document, hits, and the share of the relevant documents found, all among the first ten.
 * @param judged must hold a document of relevance above 0.
 */
export function scoreRanking(ranked: readonly string[], judged: ReadonlyMap<string, number>): RetrievalFigures {
  const found = [...new Set(ranked)].slice(0, depth).map((doc) => judged.get(doc) ?? 0)
  const first = found.findIndex((relevance) => relevance > 0)
  const hit = (k: number): number => Number(first >= 0 && first < k)
  const positives = [...judged.values()].filter((relevance) => relevance > 0).length
  const ideal = [...judged.values()].sort((a, b) => b - a)
  return {
    'ndcg@10': discounted(found) / discounted(ideal),
    'mrr@10': first < 0 ? 0 : 1 / (first + 1),
    'hit@1': hit(1),
    'hit@5': hit(5),
    'hit@10': hit(10),
    'recall@10': found.filter((relevance) => relevance > 0).length / positives,
  }
}

/**
 * Figures per question, in the order of the judgements. Questions without a relevant document are left out; questions
 * without a ranking count 0.
 */
export function scoreQuestions(run: Run, judgements: Judgements): Map<string, RetrievalFigures> {
  const figures = new Map<string, RetrievalFigures>()
  for (const [question, judged] of judgements) {
    if (![...judged.values()].some((relevance) => relevance > 0)) continue
    figures.set(question, scoreRanking(run.get(question) ?? [], judged))
  }
  return figures
}

/** Mean of each figure over the questions; NaN of none. */
export function meanFigures(questions: Iterable<RetrievalFigures>): RetrievalFigures {
  const all = [...questions]
  const mean = (metric: RetrievalMetric): number => all.reduce((sum, figures) => sum + figures[metric], 0) / all.length
  return {
    'ndcg@10': mean('ndcg@10'),
    'mrr@10': mean('mrr@10'),
    'hit@1': mean('hit@1'),
    'hit@5': mean('hit@5'),
    'hit@10': mean('hit@10'),
    'recall@10': mean('recall@10'),
  }
}
