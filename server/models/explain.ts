import type { Judge } from './service.ts'

/** What one word of a text does for a label. */
export interface Contribution {
  readonly word: string
  /** Where it stands, UTF-16 offsets. */
  readonly start: number
  readonly end: number
  /** Probability of the label with the word less that without it; negative for a word that speaks against it. */
  readonly weight: number
}

/** A text of more words is explained by its first. Each word costs a reading of the text. */
const mostWords = 100
const wordPattern = /\p{Script=Han}|[^\P{L}\p{Script=Han}]+(?:['’][^\P{L}\p{Script=Han}]+)*|\p{N}+/gu

/**
 * What every word of a text does for a label: the text is read without it. Sources: Li, Monroe & Jurafsky, Understanding Neural
 * Networks through Representation Erasure (2016); as occlusion Zeiler & Fergus (2014). Words that only work together share
 * nothing: each of them alone may weigh little.
 * @param vectorOf the encoder's vector of a text. @returns the most helpful word first.
 * @throws {ModelError} if the model fails. @throws {RangeError} if it knows no such label.
 */
export async function explainText(
  judge: Judge,
  vectorOf: (text: string) => Promise<Float32Array>,
  text: string,
  label: string,
): Promise<readonly Contribution[]> {
  const place = judge.labels.indexOf(label)
  if (place < 0) throw new RangeError(`the model knows no label '${label}'`)
  const probability = async (of: string) => (await judge.judge(of, await vectorOf(of))).probabilities[place]!
  const whole = await probability(text)
  const contributions: Contribution[] = []
  for (const found of [...text.matchAll(wordPattern)].slice(0, mostWords)) {
    const [word, start] = [found[0], found.index]
    const end = start + word.length
    contributions.push({
      word,
      start,
      end,
      weight: whole - (await probability(text.slice(0, start) + text.slice(end))),
    })
  }
  return contributions.sort((a, b) => b.weight - a.weight || a.start - b.start)
}
