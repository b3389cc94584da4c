import { z } from 'zod'
import { InputError } from '../../errors.ts'
import type { Kind } from './architecture.ts'

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)
const between = (least: number, most: number) => z.coerce.number().min(least).max(most)
const end = z.enum(['pre', 'post'])

/** What may be said with `--option`, and within which bounds. */
const optionsSchema = z.strictObject({
  /** Words of a text that are read, and where padding goes and words are cut off. */
  length: whole(1, 1_000).default(100),
  padding: end.default('pre'),
  truncating: end.default('pre'),
  /** Most words that have a vector. */
  words: whole(1, 200_000).default(50_000),
  embedding: whole(1, 1_024).default(100),
  units: whole(1, 1_024).default(100),
  window: whole(1, 20).default(5),
  epochs: whole(1, 1_000).default(10),
  batch: whole(1, 1_024).default(32),
  rate: between(1e-7, 1).default(0.001),
  dropout: between(0, 0.95).default(0),
  clip: between(0, 1e6).default(0),
  balanced: z.enum(['yes', 'no']).default('no'),
  /** Epochs without a better loss on the held-out rows after which training ends. */
  patience: whole(1, 1_000).default(1_000),
})
export type SequenceOptions = z.infer<typeof optionsSchema>

/** Ways to read a sequence, and what they change about the options. `lstm-text` is the preset that other programs have, too. */
const methods: Readonly<Record<string, { readonly kind: Kind; readonly options?: Readonly<Record<string, string>> }>> =
  {
    'lstm-text': { kind: 'lstm' },
    'rnn-text': { kind: 'rnn', options: { clip: '1' } },
    'cnn-text': { kind: 'cnn', options: { units: '128', dropout: '0.3' } },
  }

export const sequenceMethods = Object.keys(methods)

/** @throws {InputError} for a method or an option that there is not, or a value out of its bounds. */
export function sequenceOptions(
  method = 'lstm-text',
  given: Readonly<Record<string, string>> = {},
): SequenceOptions & { readonly kind: Kind } {
  const found = methods[method]
  if (!found) throw new InputError({ file: '--method' }, `is one of ${sequenceMethods.join(', ')}, not '${method}'`)
  const parsed = optionsSchema.safeParse({ ...found.options, ...given })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InputError({ file: '--option', column: issue!.path.join('.') }, issue!.message)
  }
  const { kind } = found
  const { window, length } = parsed.data
  if (kind === 'cnn' && window > length)
    throw new InputError({ file: '--option', column: 'window' }, `is ${window}, longer than a text of ${length} words`)
  return { ...parsed.data, kind }
}
