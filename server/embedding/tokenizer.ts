import { join } from 'node:path'
import { AutoTokenizer } from '@xenova/transformers/src/tokenizers.js'
import { ModelError, messageOf } from '../errors.ts'
import { simplified } from '../text/simplified.ts'
import { readJson } from './files.ts'
import { isObject } from './manifest.ts'

/** Text to token ids, as the encoder was trained on them. Whatever a user types, no special token comes out of it. */
export interface Tokenizer {
  /**
   * The ids of `text` between the two special tokens, cut to `maxTokens` with the closing one kept.
   * However long the text is, only as much of it is read as is needed. @throws {RangeError} if `maxTokens` is below 2.
   */
  encode(text: string, maxTokens: number): Int32Array
  /**
   * The first `limit` ids without special tokens. Pieces of two texts one after the other are those of the two joined by a
   * space, so a heading and sentences can be put together with known borders.
   */
  pieces(text: string, limit?: number): Int32Array
  /** How many pieces `text` has; `limit` where it has more. */
  count(text: string, limit?: number): number
  /** Pieces, one list after the other, between the special tokens; cut as {@link encode} does. */
  frame(pieces: readonly Int32Array[], maxTokens: number): Int32Array
}

/** Invisible formatting characters, such as zero-width joiners: the model has never seen them. */
const FORMAT_CHARACTERS = /\p{Cf}/gu

/**
 * The longest word, in characters, that BERT's tokenizer splits into pieces; a longer one becomes a single [UNK]. So no
 * number of characters bounds a number of tokens from below (64 KiB of one letter is one token), but a word torn by a cut
 * yields at most this many wrong ids, all at the end.
 */
const LONGEST_WORD = 100

/** Characters per token to begin with; English has 4 to 5. */
const CHARACTERS_PER_TOKEN = 4

/**
 * Load tokenizer.json and tokenizer_config.json of a folder.
 * @param remedy what to do about a file that cannot be used; default: make the own encoder anew.
 * @throws {ModelError} if they cannot be read or are not those of a BERT-like tokenizer.
 */
export async function loadTokenizer(dir: string, remedy?: string): Promise<Tokenizer> {
  const tokenizer = await createFromFiles(dir, remedy)
  const read = (text: string) => tokenizer.encode(text, null, { add_special_tokens: false })
  const [begin, end, ...more] = tokenizer.encode('')
  if (begin === undefined || end === undefined || more.length > 0) {
    throw new ModelError(`${dir}: the tokenizer does not put one token before and one after a text`)
  }
  const specials = tokenizer.special_tokens.map(String)
  const forbidden = new Set<number>(tokenizer.all_special_ids.filter((id) => id !== tokenizer.unk_token_id))
  const clean = cleaner(specials)

  function pieces(text: string, limit = Number.POSITIVE_INFINITY): Int32Array {
    // A tokenizer that folds full-width letters can still spell a special token out of them; then it is an unknown word.
    const ids = readStart(read, clean(text), limit).map((id) => (forbidden.has(id) ? tokenizer.unk_token_id : id))
    return Int32Array.from(ids)
  }

  function frame(lists: readonly Int32Array[], maxTokens: number): Int32Array {
    if (!(maxTokens >= 2)) throw new RangeError(`${maxTokens} tokens do not hold the two special ones`)
    const inner = Math.min(
      lists.reduce((sum, list) => sum + list.length, 0),
      maxTokens - 2,
    )
    const ids = new Int32Array(inner + 2)
    ids[0] = begin!
    let at = 1
    for (const list of lists) {
      const part = list.subarray(0, inner + 1 - at)
      ids.set(part, at)
      at += part.length
    }
    ids[at] = end!
    return ids
  }

  return {
    pieces,
    frame,
    encode: (text, maxTokens) => frame([pieces(text, maxTokens - 2)], maxTokens),
    count: (text, limit) => pieces(text, limit).length,
  }
}

/**
 * Pick the class as AutoTokenizer.from_pretrained does, from its own table, but read the files ourselves: that function
 * also looks into a cache folder of its own and loads Node's whole fetch, which costs every engine 50 ms at its start.
 */
async function createFromFiles(dir: string, remedy = 'run `bursar models pull`') {
  const [json, config] = [
    await readJson(join(dir, 'tokenizer.json'), remedy),
    await readJson(join(dir, 'tokenizer_config.json'), remedy),
  ]
  const wanted = isObject(config) ? String(config.tokenizer_class ?? '').replace(/Fast$/, '') : ''
  const classes = new Map(Object.entries(AutoTokenizer.TOKENIZER_CLASS_MAPPING))
  const Tokenizer = classes.get(wanted) ?? AutoTokenizer.TOKENIZER_CLASS_MAPPING.PreTrainedTokenizer
  try {
    return new Tokenizer(json, config)
  } catch (cause) {
    const why = isObject(json) && isObject(config) ? messageOf(cause) : 'it or tokenizer_config.json is not JSON'
    throw new ModelError(`${join(dir, 'tokenizer.json')} cannot be used (${why}); ${remedy}`, { cause })
  }
}

/**
 * The first `limit` ids of `text`, reading little more of it than they need: a longer and longer beginning, until it gives
 * {@link LONGEST_WORD} ids more than asked for. Those cover the word that the cut may have torn, so the result is exact for
 * BERT's tokenizers; for ones that do not split at spaces it is exact but for the odd piece near the cut, which is dropped.
 * The work stays within twice that of the text's own length, and long texts of few tokens are cheap to read.
 */
function readStart(read: (text: string) => number[], text: string, limit: number): number[] {
  const enough = limit + LONGEST_WORD
  for (let length = enough * CHARACTERS_PER_TOKEN; length < text.length; length *= 2) {
    // A cut between the halves of a surrogate pair would leave a character that is none.
    const torn = text.charCodeAt(length - 1) >= 0xd800 && text.charCodeAt(length - 1) <= 0xdbff
    const ids = read(text.slice(0, torn ? length - 1 : length))
    if (ids.length >= enough) return ids.slice(0, limit)
  }
  return read(text).slice(0, limit)
}

/** Makes typed text harmless: `[SEP]` becomes `[ SEP]`, which gives the ids of its letters instead of the special one. */
function cleaner(specials: readonly string[]): (text: string) => string {
  const escaped = specials.map((token) => token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const special = new RegExp(escaped.join('|') || '(?!)', 'g')
  return (text) =>
    text.replace(FORMAT_CHARACTERS, '').replace(special, ([first, ...rest]) => `${first} ${rest.join('')}`)
}

/**
 * The same tokenizer for texts whose traditional Chinese characters are read as simplified ones: then both ways of writing
 * have one vector, and the better one (25 questions to a bank in Taiwan, multilingual-e5-small: hit@1 0.88 instead of 0.80).
 */
export const inSimplified = ({ encode, pieces, count, frame }: Tokenizer): Tokenizer => ({
  encode: (text, maxTokens) => encode(simplified(text), maxTokens),
  pieces: (text, limit) => pieces(simplified(text), limit),
  count: (text, limit) => count(simplified(text), limit),
  frame,
})
