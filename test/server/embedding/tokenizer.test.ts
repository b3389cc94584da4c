import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadTokenizer } from '../../../server/embedding/tokenizer.ts'
import { ModelError } from '../../../server/errors.ts'
import { readReference } from '../../support/encoder-reference.ts'
import { testEncoderDir } from '../../support/models.ts'
import { tinyBertFiles, writeFiles } from '../../support/tiny-bert.ts'

const tokenizer = await loadTokenizer(testEncoderDir())
const reference = await readReference()
const [CLS, SEP, UNK] = [101, 102, 100]
const list = (ids: Int32Array) => Array.from(ids)

describe('tokenizing', () => {
  it.each(reference)('gives the official ids of "$text"', ({ text, ids }) => {
    expect(list(tokenizer.encode(text, 256))).toEqual(ids)
  })

  it('cuts long texts and keeps the closing token', () => {
    const whole = list(tokenizer.pieces('Interest is charged from the day of the transaction.'))
    expect(list(tokenizer.encode('Interest is charged from the day of the transaction.', 6))).toEqual([
      CLS,
      ...whole.slice(0, 4),
      SEP,
    ])
    expect(list(tokenizer.encode('anything', 2))).toEqual([CLS, SEP])
    expect(() => tokenizer.encode('anything', 1)).toThrow(RangeError)
  })

  it('does not pad', () => {
    expect(list(tokenizer.encode('', 256))).toEqual([CLS, SEP])
    expect(tokenizer.encode('fee', 256)).toHaveLength(3)
  })

  it('never makes a special token out of what is typed', () => {
    for (const token of ['[SEP]', '[CLS]', '[PAD]', '[MASK]', '[SE\u200dP]', '[[SEP]]', '[SEP][SEP]']) {
      const ids = list(tokenizer.pieces(`my ${token} card`))
      expect(
        ids.filter((id) => id === 0 || (id >= 100 && id <= 103)),
        token,
      ).toEqual([])
    }
    expect(list(tokenizer.pieces('[SEP]'))).toEqual(list(tokenizer.pieces('[ sep ]')))
    expect(list(tokenizer.pieces('[UNK]'))).not.toContain(UNK)
  })

  it('ignores zero-width joiners and other invisible characters', () => {
    expect(tokenizer.pieces('mort\u200dgage \u200brate\ufeff s\u00adaver')).toEqual(
      tokenizer.pieces('mortgage rate saver'),
    )
  })

  it('counts pieces, up to a limit', () => {
    expect(tokenizer.count('')).toBe(0)
    expect(tokenizer.count('I lost my card.')).toBe(5)
    expect(tokenizer.count('I lost my card.', 3)).toBe(3)
  })
})

describe('putting pieces together', () => {
  const sentences = [
    'Fees',
    'Using your card abroad costs 2.75 % of the amount.',
    'Is there a £1.50 charge at cash machines?',
    '(See section 4.)',
    '我的信用卡丢了。',
    'Paid by 23:59 — next working day!',
  ]

  it('gives the ids of the texts joined by a space', () => {
    for (const a of sentences) {
      for (const b of sentences) {
        expect([...tokenizer.pieces(a), ...tokenizer.pieces(b)]).toEqual(list(tokenizer.pieces(`${a} ${b}`)))
      }
    }
    const framed = tokenizer.frame(
      sentences.map((sentence) => tokenizer.pieces(sentence)),
      256,
    )
    expect(framed).toEqual(tokenizer.encode(sentences.join(' '), 256))
    const short = tokenizer.frame(
      sentences.map((sentence) => tokenizer.pieces(sentence)),
      9,
    )
    expect(short).toEqual(tokenizer.encode(sentences.join(' '), 9))
  })

  it('does so for any two texts', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect([...tokenizer.pieces(a), ...tokenizer.pieces(b)]).toEqual(list(tokenizer.pieces(`${a} ${b}`)))
      }),
      { numRuns: 200, seed: 1 },
    )
  })
})

describe('hostile text', () => {
  const size = 64 * 1024
  const words = (letter: string, length: number) => `${letter.repeat(length - 1)} `.repeat(size / length)

  it.each([
    ['64 KiB of one letter', 'a'.repeat(size), 1],
    ['64 KiB of one Chinese character', '我'.repeat(size), 254],
    ['64 KiB of full stops', '.'.repeat(size), 254],
    ['64 KiB of spaces', ' '.repeat(size), 0],
    ['emoji only', '🙂'.repeat(size / 2), 1],
    ['emoji held together by joiners', '👩‍👩‍👧'.repeat(size / 8), 1],
    ['one letter under 64 KiB of accents', `a${'\u0301'.repeat(size)}`, 1],
    ['the longest words that are split at all', words('q', 100), 254],
    ['special tokens only', '[SEP]'.repeat(size / 5), 254],
  ])(
    'is read at once, however long: %s',
    (_, text, pieces) => {
      expect(tokenizer.encode(text, 256)).toHaveLength(pieces + 2)
    },
    5_000, // it takes some hundredths of a second; work that grew with the square of the length would take minutes
  )

  it('gives the same ids as reading all of it, whatever lies at the cuts', () => {
    const texts = [
      `${'The fee is due. '.repeat(90)}${'b'.repeat(300)} ${'card '.repeat(400)}`,
      `${'x'.repeat(1_500)} ${'late payment '.repeat(300)}`,
      `${'🙂 '.repeat(700)}${'𠀀'.repeat(3_000)} end`,
    ]
    for (const text of texts) {
      for (const limit of [5, 60, 254]) {
        expect(list(tokenizer.pieces(text, limit))).toEqual(list(tokenizer.pieces(text)).slice(0, limit))
      }
    }
  })
})

describe('a tokenizer that cannot be used', () => {
  it('is refused in one line', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'bursar-tokenizer-'))
    const files = tinyBertFiles()
    await expect(loadTokenizer(dir)).rejects.toThrow(/^tokenizer.json is missing .* run `bursar models pull`$/)
    for (const bad of ['', '{"model": ', '[]', '{}', '{"added_tokens": 1}']) {
      await writeFiles(dir, { ...files, 'tokenizer.json': bad })
      await expect(loadTokenizer(dir)).rejects.toThrow(ModelError)
    }
    const unframed = { ...JSON.parse(String(files['tokenizer.json'])), post_processor: null }
    await writeFiles(dir, { ...files, 'tokenizer.json': JSON.stringify(unframed) })
    await expect(loadTokenizer(dir)).rejects.toThrow(/one token before and one after/)
    await rm(dir, { recursive: true })
  })
})
