import { type Candidate, chooseSpans, type Question } from '../answers/spans.ts'
import type { Encoder } from '../embedding/encoder.ts'
import type { AnswerableHead } from '../models/answerable.ts'
import type { IntentReading } from '../models/intent.ts'
import type { SentimentReading } from '../models/sentiment.ts'
import type { Reader } from '../models/service.ts'
import type { Retriever } from '../retrieval/retriever.ts'
import type { RankedPassage } from '../retrieval/types.ts'
import { entitiesIn } from '../text/entities.ts'
import { languageOf } from '../text/language.ts'
import type { NameFinder } from '../text/product-names.ts'
import { synonymsIn } from '../text/synonyms.ts'
import type { AskJob, AskResult, SearchJob, SearchResult } from './jobs.ts'

/** What an engine needs to answer: one generation, loaded. */
export interface Loaded {
  readonly encoder: Encoder
  readonly retriever: Retriever
  readonly intent: Reader<IntentReading>
  readonly sentiment: Reader<SentimentReading>
  readonly answerable: AnswerableHead
  readonly products: NameFinder
}

/** Confidence from which an intent alone decides what happens, such as a hand-over. */
const sureIntent = 0.4
/** Passages whose units are looked at for a span. */
const candidatePassages = 16

/** Read one message and find what answers it. */
export async function ask(loaded: Loaded, { text, scope, k }: AskJob): Promise<AskResult> {
  const { encoder, retriever, intent, sentiment, answerable, products } = loaded
  const lang = languageOf(text) ?? 'en'
  const { vector, tokens } = await vectorOf(encoder, text)
  const passages = retriever.search({
    vector,
    text,
    synonyms: synonymsIn(text),
    lang,
    scope,
    k: Math.max(k, candidatePassages),
    mode: 'hybrid',
  })
  const question = questionOf(retriever, text, vector)
  const spans = await chooseSpans(question, candidatesOf(retriever, passages), answerable.span, answerable.answer)
  const reading = lang === 'zh' ? unknownIntent : await intent.read(text, vector)
  return {
    kind: 'ask',
    lang,
    tokens,
    vector,
    intent: reading,
    sentiment: await sentiment.read(text, vector),
    entities: entitiesIn(text, { day: scope.day, products }),
    thresholds: { answer: answerable.thresholds.answer, topic: answerable.thresholds.topic, intent: sureIntent },
    passages: passages.slice(0, k),
    spans,
  }
}

/** The intent model is trained on English; what it says of another script means nothing. */
const unknownIntent = { name: 'unknown', confidence: 0, outOfScope: true } as const

/** Rank passages without reading spans. */
export async function search(
  { encoder, retriever }: Pick<Loaded, 'encoder' | 'retriever'>,
  job: SearchJob,
): Promise<SearchResult> {
  const { text, scope, k, mode } = job
  const lang = languageOf(text) ?? 'en'
  const vector = mode === 'keyword' ? new Float32Array(encoder.dimension) : await encoder.encode(text, 'query')
  return { kind: 'search', passages: retriever.search({ vector, text, synonyms: synonymsIn(text), lang, scope, k, mode }) }
}

async function vectorOf({ tokenizer, prefixes, maxTokens, encodeIds }: Encoder, text: string) {
  const ids = tokenizer.encode(`${prefixes.query}${text}`, maxTokens)
  return { vector: await encodeIds(ids), tokens: ids.length }
}

/** The question with its analysed terms and their weights; a synonym counts half. */
export function questionOf(retriever: Retriever, text: string, vector: Float32Array): Question {
  const weighted = (from: string, share: number) =>
    [...new Set(retriever.terms(from))].map((term) => ({ term, weight: share * retriever.termWeight(term) }))
  return { text, vector, terms: [...weighted(text, 1), ...weighted(synonymsIn(text), 0.5)] }
}

/** The passages with what the span chooser needs of them. */
export function candidatesOf(retriever: Retriever, ranked: readonly RankedPassage[]): Candidate[] {
  return ranked.slice(0, candidatePassages).map(({ id, score, dense, keyword }) => ({
    ...retriever.record(id),
    unitVectors: retriever.unitVectors(id),
    score,
    dense,
    keyword,
  }))
}
