import { ModelError } from '../errors.ts'
import { isObject } from './manifest.ts'

/** A tokenizer for fewer pieces, and which of the old ones they are. */
export interface CutTokenizer {
  /** `tokenizer.json`, to be written. */
  readonly tokenizer: object
  /** Old ids in the order of the new ones. */
  readonly kept: Int32Array
}

type Piece = readonly [piece: string, score: number]

/** A piece of English or Chinese: printable ASCII, Han characters, bopomofo, and signs that are no letters of any other script. */
const wanted = /^(?:[\u0020-\u007E]|\p{Script=Han}|\p{Script=Bopomofo}|[^\p{L}\p{M}])*$/u

/**
 * Take the pieces of other languages out of a Unigram tokenizer (SentencePiece as Hugging Face writes it). What is left is
 * split as before, as each piece keeps its score; a text in another script becomes unknown pieces.
 * @param file for messages. @throws {ModelError} if it is no such tokenizer.
 */
export function cutVocabulary(json: unknown, file: string): CutTokenizer {
  const malformed = (what: string) => new ModelError(`${file}: ${what}; is it the official file?`)
  const model = isObject(json) && isObject(json.model) ? json.model : {}
  if (!isObject(json) || model.type !== 'Unigram') throw malformed('it is no Unigram tokenizer')
  const vocab: unknown = model.vocab
  if (!Array.isArray(vocab) || !vocab.every(isPiece)) throw malformed('model.vocab is not a list of pieces with scores')
  const added: unknown = json.added_tokens
  if (!Array.isArray(added) || !added.every(isAdded)) throw malformed('added_tokens is not a list of tokens')
  const special = new Set(added.map(({ id }) => id))
  const kept = vocab.flatMap(([piece], id) => (special.has(id) || wanted.test(piece) ? [id] : []))
  const now = new Map(kept.map((id, at) => [id, at]))
  const renumbered = (id: unknown): number => {
    const at = typeof id === 'number' ? now.get(id) : undefined
    if (at === undefined) throw malformed(`the special token ${String(id)} is not in the vocabulary`)
    return at
  }
  return {
    kept: Int32Array.from(kept),
    tokenizer: {
      ...json,
      added_tokens: added.map((token) => ({ ...token, id: renumbered(token.id) })),
      post_processor: withIds(json.post_processor, renumbered),
      model: { ...model, unk_id: renumbered(model.unk_id), vocab: kept.map((id) => vocab[id]) },
    },
  }
}

const isPiece = (value: unknown): value is Piece =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'

const isAdded = (value: unknown): value is { readonly id: number } => isObject(value) && typeof value.id === 'number'

/** A template's special tokens, each by its new id. */
function withIds(processor: unknown, renumbered: (id: unknown) => number): unknown {
  if (!isObject(processor) || !isObject(processor.special_tokens)) return processor
  const tokens = Object.entries(processor.special_tokens).map(([name, token]) =>
    isObject(token) && Array.isArray(token.ids) ? [name, { ...token, ids: token.ids.map(renumbered) }] : [name, token],
  )
  return { ...processor, special_tokens: Object.fromEntries(tokens) }
}
