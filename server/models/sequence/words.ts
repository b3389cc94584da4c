/** Where zeros are put before or after a text that is too short, and words are taken from one that is too long. */
export type End = 'pre' | 'post'

export interface Fitting {
  /** Words of a text that are read. */
  readonly length: number
  readonly padding: End
  readonly truncating: End
}

/** The words of a text: letters and digits in lower case, and Chinese characters one by one, as nothing divides them. */
export function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/\p{Script=Han}|[^\P{L}\p{Script=Han}]+|\p{N}+/gu) ?? []
  )
}

/**
 * The words of some texts, the most frequent first, those as frequent in the order of their first use: word i has the id
 * i + 1, as 0 is padding. As Keras' Tokenizer, which leaves unknown words out as well.
 * @param most words that are kept.
 */
export function fitWords(texts: readonly (readonly string[])[], most: number): readonly string[] {
  const counts = new Map<string, number>()
  for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([word]) => word)
}

/** The ids of a text's known words, padded and truncated to one length. As Keras' pad_sequences. */
export function sequenceOf(
  words: readonly string[],
  ids: ReadonlyMap<string, number>,
  { length, padding, truncating }: Fitting,
): Int32Array {
  const known = words.flatMap((word) => ids.get(word) ?? [])
  const kept = truncating === 'pre' ? known.slice(-length) : known.slice(0, length)
  const sequence = new Int32Array(length)
  sequence.set(kept, padding === 'pre' ? length - kept.length : 0)
  return sequence
}
