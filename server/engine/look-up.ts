import type { Candidate, Question } from '../answers/spans.ts'
import type { Encoder } from '../embedding/encoder.ts'
import type { Retriever } from '../retrieval/retriever.ts'
import type { RankedPassage, Scope, SearchMode } from '../retrieval/types.ts'
import { languageOf } from '../text/language.ts'
import { plain } from '../text/plain.ts'
import { simplified } from '../text/simplified.ts'
import { createSpeller, type Speller } from '../text/spelling.ts'
import { createSynonyms } from '../text/synonyms.ts'

/** What it takes to look a question up. */
export interface Library {
  readonly encoder: Encoder
  /** One that knows Chinese, beside one that does not. */
  readonly second?: Encoder | undefined
  readonly retriever: Retriever
  readonly spell: Speller
  /** The words that documents may use for what a text says: of one collection, or of all. */
  synonymsIn(text: string, collection?: string): string
}

/** A question as it was looked up, and what was found. */
export interface Found {
  /** Spelling corrected, white space and Unicode variants unified. */
  readonly text: string
  /** Words that documents may use instead. */
  readonly synonyms: string
  readonly lang: string
  readonly vector: Float32Array
  /** By the second encoder, where it was needed. */
  readonly secondVector?: Float32Array
  readonly passages: readonly RankedPassage[]
}

/** Passages whose units are looked at for a span. */
export const candidatePassages = 16

/**
 * Encoder and index with synonyms and a speller: a word is known if the documents or the synonyms have it, or the tokenizer has
 * it whole.
 */
export function createLibrary(encoder: Encoder, retriever: Retriever, second?: Encoder): Library {
  const [all, none] = [createSynonyms([...retriever.synonyms.values()].flat()), createSynonyms()]
  const own = new Map([...retriever.synonyms].map(([collection, list]) => [collection, createSynonyms(list)]))
  const isKnown = (word: string): boolean => all.knows(word) || encoder.tokenizer.count(word, 2) === 1
  return {
    ...{ encoder, second, retriever },
    spell: createSpeller(retriever.words, isKnown),
    synonymsIn: (text, collection) => (collection === undefined ? all : (own.get(collection) ?? none)).in(text),
  }
}

/** Correct and embed. Mode keyword needs no vector and gets a zero one. */
export async function readText({ encoder, spell }: Library, written: string, mode: SearchMode) {
  const text = spell(plain(written))
  const lang = languageOf(text) ?? 'en'
  const ids = encoder.tokenizer.encode(`${encoder.prefixes.query}${text}`, encoder.maxTokens)
  const vector = mode === 'keyword' ? new Float32Array(encoder.dimension) : await encoder.encodeIds(ids)
  return { text, lang, vector }
}

/** Correct, embed and rank. */
export async function lookUp(
  library: Library,
  written: string,
  scope: Scope,
  k: number,
  mode: SearchMode,
): Promise<Found> {
  const { second, retriever, synonymsIn } = library
  const { text, lang, vector } = await readText(library, written, mode)
  const isNeeded = mode !== 'keyword' && retriever.needed(lang === 'zh').includes('second')
  const secondVector = isNeeded ? await second?.encode(text) : undefined
  const synonyms = synonymsIn(text, scope.collection)
  const vectors = { vector, ...(secondVector && { second: secondVector }) }
  const passages = retriever.search({ ...vectors, text, synonyms, lang, scope, k, mode })
  return { text, synonyms, lang, vector, ...(secondVector && { secondVector }), passages }
}

/** The question with its analysed terms and their weights; a synonym counts half, and only if documents have it. */
export function questionOf({ retriever }: Library, { text, synonyms }: Found): Question {
  const weighted = (from: string, share: number) =>
    [...new Set(retriever.terms(from))].map((term) => ({ term, weight: share * retriever.termWeight(term) }))
  const others = weighted(synonyms, 0.5).filter(({ weight }) => weight > 0)
  return { text: simplified(text), terms: [...weighted(text, 1), ...others] }
}

/**
 * The best passages with what the span chooser needs of them.
 * @param direction where the answers to the question lie among the units' vectors of the first encoder; nobody has learned it
 * for the second one.
 */
export function candidatesOf(
  { retriever }: Library,
  { vector, secondVector, passages }: Found,
  direction: Float32Array,
): Candidate[] {
  return passages.slice(0, candidatePassages).map(({ id, score, dense, space, keyword }) => {
    const { record, unitProducts } =
      space === 'second' && secondVector
        ? retriever.read(id, [secondVector, new Float32Array(secondVector.length)], space)
        : retriever.read(id, [vector, direction])
    const { doc, ver, kind, heading, text, start, units } = record
    const [unitCosines, unitMatches] = [space && unitProducts[0]!, unitProducts[1]!]
    return { id, doc, ver, kind, heading, text, start, units, unitCosines, unitMatches, score, dense, keyword }
  })
}
