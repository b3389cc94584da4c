import { chinesePairs, englishPairs } from '../../server/embedding/known-pairs.ts'
import { tinyTokenizer } from './tiny-bert.ts'
import { encoderFolder, hiddenStates } from './tiny-encoder.ts'

/** One direction for each pair of known texts, and one that all texts share a little. */
const dimension = chinesePairs.length + 1

/** Words of English and characters of Chinese, each with the numbers of the pairs that hold it. */
function wordsOfPairs(): Map<string, Set<number>> {
  const words = new Map<string, Set<number>>()
  for (const pairs of [englishPairs, chinesePairs])
    pairs.forEach((pair, i) => {
      for (const [word] of pair
        .join(' ')
        .toLowerCase()
        .matchAll(/\p{Script=Han}|[a-z]+/gu))
        words.set(word, (words.get(word) ?? new Set()).add(i))
    })
  return words
}

/**
 * A folder with a small encoder of two languages: a text is the mean of its words, and a word points to the pairs of known
 * texts that hold it, in whichever language; the fewer they are, the more it says.
 */
export function twoLanguages(dir: string): Promise<string> {
  const words = wordsOfPairs()
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...words.keys()]
  const table = new Float32Array(vocabulary.length * dimension)
  vocabulary.forEach((word, row) => {
    const pairs = words.get(word) ?? new Set()
    for (const pair of pairs) table[row * dimension + pair] = 1 / pairs.size ** 2
    table[(row + 1) * dimension - 1] = 0.1
  })
  return encoderFolder(dir, hiddenStates(undefined, [table, dimension]), {
    'tokenizer.json': JSON.stringify(tinyTokenizer(vocabulary)),
    'bursar.json': '{"maxTokens": 256}',
  })
}
