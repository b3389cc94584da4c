import { NotFoundError } from '../errors.ts'
import type { RetrievalFigures } from '../evaluation/retrieval-metrics.ts'
import type { EvaluationInputs, RankedDocument } from './eval-retrieval.ts'

/** One document of a ranking beside what the judgements say of it. */
export interface ExplainedDocument extends Partial<RankedDocument> {
  readonly doc: string
  /** From 1; absent where the ranking does not reach the document. */
  readonly rank?: number
  /** 0 where nobody judged it. */
  readonly relevance: number
  readonly title: string
  /** The document's text. */
  readonly text: string
}

/** Why a query scored as it did. */
export interface Explanation {
  readonly id: string
  readonly text: string
  /** Absent if no document is relevant. */
  readonly figures?: RetrievalFigures
  /** Every relevant document, the most relevant first. */
  readonly expected: readonly ExplainedDocument[]
  /** The first documents found. */
  readonly found: readonly ExplainedDocument[]
}

/**
 * What was expected for a query beside what was found.
 * @param most how many of the found documents.
 * @throws {NotFoundError} if no query has this id.
 */
export function explainQuery(
  id: string,
  { corpus, queries, qrels }: EvaluationInputs,
  ranking: ReadonlyMap<string, readonly RankedDocument[]>,
  perQuery: ReadonlyMap<string, RetrievalFigures>,
  most = 10,
): Explanation {
  const query = queries.find((one) => one.id === id)
  if (!query) throw new NotFoundError(`there is no query ${id}`)
  const [ranked, judged] = [ranking.get(id) ?? [], qrels.get(id) ?? new Map<string, number>()]
  const rows = new Map(corpus.map((row) => [row.id, row]))
  const at = new Map(ranked.map((document, i) => [document.doc, { rank: i + 1, ...document }]))
  const explained = (doc: string): ExplainedDocument => ({
    ...{ doc, ...at.get(doc), relevance: judged.get(doc) ?? 0 },
    ...{ title: rows.get(doc)?.title ?? '', text: rows.get(doc)?.text ?? '' },
  })
  const relevant = [...judged].filter(([, relevance]) => relevance > 0).sort(([, a], [, b]) => b - a)
  const figures = perQuery.get(id)
  return {
    ...{ id, text: query.text },
    ...(figures && { figures }),
    expected: relevant.map(([doc]) => explained(doc)),
    found: ranked.slice(0, most).map(({ doc }) => explained(doc)),
  }
}

/** Longest text of a document on a terminal, in characters. */
const shown = 160

/** The explanation for people, a document a line. */
export function explanationText({ id, text, expected, found }: Explanation): string {
  const line = ({ rank, doc, relevance, score, dense, keyword, title, text: said }: ExplainedDocument): string => {
    const place = rank === undefined ? 'not found' : `${rank}.`.padEnd(4)
    const scores =
      score === undefined ? '' : `  ${score.toFixed(3)} = cosine ${dense?.toFixed(3)}, BM25 ${keyword?.toFixed(2)}`
    const words = [...`${title} ${said}`.replace(/\s+/g, ' ').trim()].slice(0, shown).join('')
    return `${relevance > 0 ? '✓' : ' '} ${place} ${doc}${scores}\n       ${words}`
  }
  return [`${id}: ${text}`, '', 'expected', ...expected.map(line), '', 'found', ...found.map(line)].join('\n')
}
