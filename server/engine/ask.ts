import { chooseSpans } from '../answers/spans.ts'
import type { AnswerableHead } from '../models/answerable.ts'
import type { IntentReading } from '../models/intent.ts'
import type { SentimentReading } from '../models/sentiment.ts'
import type { Reader } from '../models/service.ts'
import type { ReadWith } from '../storage/receipts.ts'
import { entitiesIn } from '../text/entities.ts'
import type { NameFinder } from '../text/product-names.ts'
import { linesOfRights } from '../text/rights.ts'
import type { AskJob, AskResult, SearchJob, SearchResult } from './jobs.ts'
import { candidatePassages, candidatesOf, type Library, lookUp, questionOf, readText } from './look-up.ts'

/** What an engine needs to answer: one generation, loaded. */
export interface Loaded extends Library {
  readonly intent: Reader<IntentReading>
  readonly sentiment: Reader<SentimentReading>
  readonly answerable: AnswerableHead
  readonly products: NameFinder
  /** The versions of all this. */
  readonly readWith: ReadWith
}

/** Confidence from which an intent alone decides what happens, such as a hand-over. */
const sureIntent = 0.5

/** Read one message and find what answers it. */
export async function ask(loaded: Loaded, { text, said = text, scope, k }: AskJob): Promise<AskResult> {
  const begun = performance.now()
  const { intent, sentiment, answerable, products, readWith } = loaded
  const found = await lookUp(loaded, text, scope, candidatePassages, 'hybrid')
  const own = said === text ? found : await readText(loaded, said, 'hybrid')
  const candidates = candidatesOf(loaded, found, await answerable.direction(found.vector))
  const spans = await chooseSpans(questionOf(loaded, found), candidates, answerable.span, answerable.answer)
  const read = {
    ...{ readWith, lang: own.lang, vector: found.vector },
    lookedUp: { text: found.text, synonyms: found.synonyms },
    intent: own.lang === 'zh' ? unknownIntent : await intent.read(own.text, own.vector),
    sentiment: await sentiment.read(said, own.vector),
    rights: linesOfRights(said),
    entities: entitiesIn(text, { day: scope.day, products }),
    thresholds: { ...answerable.thresholds, intent: sureIntent },
    spans: spans.slice(0, k),
  }
  return { kind: 'ask', ...read, computeMs: performance.now() - begun }
}

/** The intent model is trained on English; what it says of another script means nothing. */
const unknownIntent = { name: 'unknown', confidence: 0, outOfScope: true } as const

/** Rank passages without reading spans. */
export async function search(library: Library, { text, scope, k, mode }: SearchJob): Promise<SearchResult> {
  const { passages } = await lookUp(library, text, scope, k, mode)
  return { kind: 'search', passages }
}
