import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelsPullCommand } from '../../../server/cli/models.ts'
import { readConfig } from '../../../server/config.ts'
import { buildEncoder } from '../../../server/embedding/build-encoder.ts'
import { cutVocabulary } from '../../../server/embedding/cut-vocabulary.ts'
import { loadEncoder } from '../../../server/embedding/encoder.ts'
import { sha256Of } from '../../../server/embedding/files.ts'
import { WEIGHTS } from '../../../server/embedding/model-spec.ts'
import { pullBilingual } from '../../../server/embedding/pull-bilingual.ts'
import { createLogger } from '../../../server/logger.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { tinyBertFiles, writeFiles } from '../../support/tiny-bert.ts'

/** Sixteen pieces, as many as the tiny weights have rows: of English, Chinese, Russian and Arabic, and signs. */
const pieces = [
  '<s>',
  '<pad>',
  '</s>',
  '<unk>',
  '▁',
  '▁card',
  'ка',
  '▁lost',
  's',
  '卡',
  'ب',
  '挂失',
  '£',
  'é',
  '，',
  '<mask>',
]
const special = [0, 1, 2, 3, 15]
const template = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
const tokenizer = {
  added_tokens: special.map((id) => ({ id, content: pieces[id], special: true, normalized: false })),
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true, prepend_scheme: 'always' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [template('<s>'), { Sequence: { id: 'A', type_id: 0 } }, template('</s>')],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [0] }, '</s>': { id: '</s>', ids: [2] } },
  },
  decoder: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  model: { type: 'Unigram', unk_id: 3, vocab: pieces.map((piece, i) => [piece, special.includes(i) ? 0 : -3]) },
}
const settings = { tokenizer_class: 'XLMRobertaTokenizer', unk_token: '<unk>', model_max_length: 512 }
const official: Readonly<Record<string, Buffer>> = {
  ...tinyBertFiles(),
  'tokenizer.json': Buffer.from(JSON.stringify(tokenizer)),
  'tokenizer_config.json': Buffer.from(JSON.stringify(settings)),
}
const officialFolder = (more: Readonly<Record<string, Uint8Array | string>> = {}) =>
  writeFiles(temporaryFolder(), { ...official, ...more })
const noPins = new Map<string, string>()

describe('a vocabulary', () => {
  it('is cut to English, Chinese and signs, and its special tokens keep their meaning', () => {
    const { kept, tokenizer: cut } = cutVocabulary(tokenizer, 'tokenizer.json')
    expect(Array.from(kept)).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 14, 15])
    expect(cut).toMatchObject({
      added_tokens: [{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }, { id: 12, content: '<mask>' }],
      model: { unk_id: 3, vocab: Array.from(kept, (id) => [pieces[id], expect.any(Number)]) },
      post_processor: { special_tokens: { '</s>': { ids: [2] } } },
    })
  })

  it.each([
    [[], 'it is no Unigram tokenizer'],
    [{ model: { type: 'WordPiece', vocab: {} } }, 'it is no Unigram tokenizer'],
    [{ ...tokenizer, model: { ...tokenizer.model, vocab: [['a']] } }, 'model.vocab is not a list of pieces'],
    [{ ...tokenizer, added_tokens: undefined }, 'added_tokens is not a list of tokens'],
    [{ ...tokenizer, model: { ...tokenizer.model, unk_id: 99 } }, 'the special token 99 is not in the vocabulary'],
  ])('that is none is refused', (json, why) => {
    expect(() => cutVocabulary(json, 'tokenizer.json')).toThrow(`tokenizer.json: ${why}`)
  })
})

describe('a pull of the bilingual encoder', () => {
  it('from official files gives the vectors of the whole vocabulary, in the layout of a second encoder', async () => {
    const modelsDir = temporaryFolder()
    const from = await officialFolder()
    const { path, pieces: left, official: sums, built } = await pullBilingual({ modelsDir, from, pins: noPins })
    expect([left, built, readdirSync(modelsDir)]).toEqual([13, true, ['multilingual-e5-small']])
    expect(sums[WEIGHTS]).toBe(sha256Of(official[WEIGHTS]!))
    const whole = await officialFolder({
      'model.onnx': buildEncoder(
        { weights: official[WEIGHTS]!, config: JSON.parse(String(official['config.json'])) },
        { precision: 'int8' },
      ),
      'bursar.json': readFileSync(join(path, 'bursar.json')),
    })
    const [cut, full] = [await loadEncoder(path), await loadEncoder(whole)]
    expect(cut).toMatchObject({ maxTokens: 32, prefixes: { query: 'query: ', passage: 'passage: ' }, dimension: 8 })
    for (const text of ['cards lost', '卡挂失，£', 'cards 挂失'])
      expect(await cut.encode(text)).toEqual(await full.encode(text))
    expect(await cut.encode('каб')).not.toEqual(await full.encode('каб'))
    await Promise.all([cut.close(), full.close()])
  })

  it('has nothing to do when it is there, and builds anew what was altered', async () => {
    const modelsDir = temporaryFolder()
    const pull = async (from?: string) =>
      await pullBilingual({ modelsDir, offline: true, pins: noPins, ...(from && { from }) })
    const { path } = await pull(await officialFolder())
    expect((await pull()).built).toBe(false)
    writeFileSync(join(path, 'tokenizer.json'), '{}')
    await expect(pull()).rejects.toThrow('run `bursar models pull multilingual-e5-small --from DIR`')
    expect((await pull(await officialFolder())).built).toBe(true)
    expect((await pull()).built).toBe(false)
  })

  it('leaves nothing behind where a file is missing, damaged or not the one that was pinned', async () => {
    const modelsDir = temporaryFolder()
    const pull = (from: string, pins = noPins) => pullBilingual({ modelsDir, from, pins })
    await expect(pull(temporaryFolder())).rejects.toThrow('tokenizer_config.json is missing there')
    await expect(pull(await officialFolder({ [WEIGHTS]: 'x' }))).rejects.toThrow('model.safetensors: cut off')
    const pin = new Map([[WEIGHTS, 'f'.repeat(64)]])
    await expect(pull(await officialFolder(), pin)).rejects.toThrow(
      `model.safetensors is not the one that was pinned: its SHA-256 is ${sha256Of(official[WEIGHTS]!)}`,
    )
    expect(readdirSync(modelsDir)).toEqual([])
  })

  it('makes smoothing vectors from own texts', async () => {
    const from = await officialFolder()
    const [plain, own] = [
      await pullBilingual({ modelsDir: temporaryFolder(), from, pins: noPins }),
      await pullBilingual({ modelsDir: temporaryFolder(), from, pins: noPins, calibrate: ['card lost', '卡挂失'] }),
    ]
    expect(own.sha256).not.toBe(plain.sha256)
  })

  it('prints checksums, and takes them back as pins', async () => {
    const config = readConfig({ BURSAR_MODELS: temporaryFolder(), BURSAR_OFFLINE: '1' })
    const context = {
      config,
      logger: createLogger('silent'),
      progress: () => {},
      announce: () => {},
      perform: async () => {},
    }
    const run = (words: string[], options: Record<string, string>) => modelsPullCommand.run(context, words, options)
    const from = await officialFolder()
    const told = await run(['multilingual-e5-small'], { from })
    expect(told?.text).toContain(`${sha256Of(official[WEIGHTS]!)}  model.safetensors`)
    const pin = `${WEIGHTS}=${sha256Of(official[WEIGHTS]!)}`
    expect((await run(['multilingual-e5-small'], { sha256: pin }))?.text).toContain('is there and intact')
    await expect(run(['multilingual-e5-small'], { sha256: `${WEIGHTS}=${'0'.repeat(64)}` })).rejects.toThrow('pinned')
    await expect(run(['multilingual-e5-small'], { sha256: 'weights' })).rejects.toThrow(
      '--sha256: "weights" is not NAME=HEX',
    )
    await expect(run(['e5'], {})).rejects.toThrow('there is no encoder e5')
    await expect(run([], { sha256: pin })).rejects.toThrow('are pinned already')
  })
})
