import { type LinearModel, logitsOf, type TrainingOptions, trainMultinomial, trainSeveral } from '../training.ts'
import { type Features, stackRows, stackSparse } from './features.ts'
import { createNgrams, fitVocabulary, type Vocabulary, type VocabularyOptions } from './ngrams.ts'

/** Labelled texts as a linear model sees them. */
export interface TextRows {
  readonly texts: readonly string[]
  readonly vectors: readonly Float32Array[]
  /** Class of each row. */
  readonly labels: readonly number[]
  /** Where a row may have several classes or none: all of them. */
  readonly lists?: readonly (readonly number[])[]
}

export interface TextHeadOptions {
  readonly vocabulary: VocabularyOptions
  /** Further dense features of a text, always as many; they stand after the vector. */
  readonly extra?: (text: string) => readonly number[]
  readonly training: TrainingOptions
}

/** A linear model over sentence vector, further features and n-grams. */
export interface TextHead {
  readonly model: LinearModel
  readonly vocabulary: Vocabulary
}

/** Fit vocabulary and weights on these rows only. */
export async function fitTextHead(rows: TextRows, classes: number, options: TextHeadOptions): Promise<TextHead> {
  const vocabulary = fitVocabulary(rows.texts, options.vocabulary)
  const features = textFeatures(rows, vocabulary, options.extra)
  const model = rows.lists
    ? trainSeveral(features, targetsOf(rows.lists, classes), classes, options.training)
    : trainMultinomial(features, rows.labels, classes, options.training)
  return { vocabulary, model: await model }
}

/** Logits of rows that the head has not seen, rows × classes. */
export function headLogits(head: TextHead, rows: TextRows, extra: TextHeadOptions['extra']): Promise<Float32Array> {
  return logitsOf(head.model, textFeatures(rows, head.vocabulary, extra))
}

/** The rows at `indices`. */
export function pickTexts({ texts, vectors, labels, lists }: TextRows, indices: readonly number[]): TextRows {
  return {
    ...(lists && { lists: indices.map((i) => lists[i]!) }),
    texts: indices.map((i) => texts[i]!),
    vectors: indices.map((i) => vectors[i]!),
    labels: indices.map((i) => labels[i]!),
  }
}

/** Rows one after the other; both know lists of classes, or neither does. */
export function joinTexts(first: TextRows, then: TextRows): TextRows {
  return {
    ...(first.lists && then.lists && { lists: [...first.lists, ...then.lists] }),
    texts: [...first.texts, ...then.texts],
    vectors: [...first.vectors, ...then.vectors],
    labels: [...first.labels, ...then.labels],
  }
}

/** Rows × classes, 1 where the row has the class. */
function targetsOf(lists: readonly (readonly number[])[], classes: number): Uint8Array {
  const targets = new Uint8Array(lists.length * classes)
  lists.forEach((list, row) => {
    for (const place of list) targets[row * classes + place] = 1
  })
  return targets
}

/** The dense part of one text: its vector, then the further features. */
export function denseOf(text: string, vector: Float32Array, extra: TextHeadOptions['extra']): Float32Array {
  if (!extra) return vector
  const more = extra(text)
  const dense = new Float32Array(vector.length + more.length)
  dense.set(vector)
  dense.set(more, vector.length)
  return dense
}

function textFeatures({ texts, vectors }: TextRows, vocabulary: Vocabulary, extra: TextHeadOptions['extra']): Features {
  const features = stackRows(texts.map((text, i) => denseOf(text, vectors[i]!, extra)))
  const size = vocabulary.hashes.length
  return size === 0 ? features : { ...features, sparse: stackSparse(texts.map(createNgrams(vocabulary)), size) }
}
