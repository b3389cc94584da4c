import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { loadEncoder } from '../../server/embedding/encoder.ts'
import { BusyError } from '../../server/errors.ts'
import { type Composition, type Server, startServer } from '../../server/main.ts'
import { intentService } from '../../server/models/intent.ts'
import type { Version } from '../../server/models/registry.ts'
import { readTextVersion } from '../../server/models/version-folder.ts'
import { createInferencePort } from '../../server/operations/inference-port.ts'
import { copyDemo } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { modelsDir, testEncoderDir } from '../support/models.ts'
import { ask } from './engine/support.ts'

interface Tensor {
  readonly name: string
  readonly shape: number[]
  readonly data: (number | string)[]
}
interface Said {
  readonly id?: string
  readonly model_version: string
  readonly outputs: Tensor[]
}
interface Model {
  readonly versions: string[]
  readonly outputs: { readonly name: string; readonly shape: number[] }[]
  readonly parameters: { readonly labels: string[]; readonly encoder: string }
}

let server: Server
let composition: Composition
let authorization: string
/** The live version of `intent`. */
let live: Version
let log = ''

beforeAll(async () => {
  const env = { BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1' }
  const config = readConfig(env, { dataDir: copyDemo(temporaryFolder()) })
  const kept = new Writable({
    write(line, _, done) {
      log += String(line)
      done()
    },
  })
  server = await startServer(config, pino({ level: 'debug' }, kept), { port: 0, host: '127.0.0.1' })
  composition = await server.compose()
  await server.open(composition)
  const by = { actor: 'local:test', reason: 'test' }
  const { key } = await composition.house.access.keys.create('test', ['models:infer'], 1, by)
  authorization = `Bearer ${key}`
  live = (await composition.house.registry.champion('intent'))!
})
afterAll(() => server.close())

const get = async <T>(path: string): Promise<T> => {
  const response = await fetch(`${server.url}/v2/${path}`, { headers: { authorization } })
  expect([path, response.status]).toEqual([path, 200])
  return (await response.json()) as T // cast: what is tested
}
const post = (path: string, request: object) =>
  fetch(`${server.url}/v2/models/${path}/infer`, {
    ...{ method: 'POST', headers: { authorization, 'content-type': 'application/json' } },
    body: JSON.stringify(request),
  })
const bytes = (name: string, data: string[]) => ({ name, datatype: 'BYTES', shape: [data.length], data })
async function infer(path: string, texts: string[], more: object = {}): Promise<Said> {
  const response = await post(path, { inputs: [bytes('text', texts)], ...more })
  expect([response.status, await response.clone().text()]).toEqual([200, expect.anything()])
  return (await response.json()) as Said // cast: what is tested
}
const dataOf = (said: Said, name: string) => said.outputs.find((output) => output.name === name)?.data ?? []
const texts = ['where is my new card?', '怎么办', 'the weather is nice in june', 'Thank you, that was quick!']

describe('models over the inference protocol', () => {
  it('are listed with what they take and give', async () => {
    const { models } = await get<{ models: object[] }>('models')
    expect(models).toMatchObject([
      { name: 'intent', task: 'classification', versions: [String(live.version)], state: 'READY' },
      { name: 'sentiment', task: 'classification', versions: [expect.any(String)], state: 'READY' },
      { name: 'embeddings', task: 'embedding', versions: [expect.stringMatching(/^[0-9a-f]{12}$/)], state: 'READY' },
      { name: 'similarity', task: 'similarity', state: 'READY' },
    ])
    const intent = await get<Model>(`models/intent/versions/${live.version}`)
    const { labels } = intent.parameters
    expect(labels.length).toBeGreaterThan(10)
    expect(intent).toMatchObject({
      ...{ name: 'intent', platform: 'onnxruntime_onnx', inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }] },
      outputs: [
        { name: 'label' },
        { name: 'confidence' },
        { name: 'scores', datatype: 'FP32', shape: [-1, labels.length] },
      ],
    })
    expect((await get<Model>('models/sentiment')).parameters.labels.sort()).toEqual([
      'negative',
      'neutral',
      'positive',
      'urgent',
    ])
    expect(await get('models/intent/ready')).toEqual({ name: 'intent', ready: true })
    expect(await get('')).toMatchObject({ name: 'bursar', extensions: ['binary_tensor_data'] })
  })

  it('say of each text in a batch what the version says of it alone', async () => {
    const encoder = await loadEncoder(testEncoderDir())
    const head = await intentService.load(live.dir)
    const said = await infer(`intent/versions/${live.version}`, texts, { id: 'batch 7' })
    expect(said).toMatchObject({ id: 'batch 7', model_name: 'intent', model_version: String(live.version) })
    const width = head.labels.length
    expect(said.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['label', [4]],
      ['confidence', [4]],
      ['scores', [4, width]],
    ])
    for (const [i, text] of texts.entries()) {
      const { labels, top, confidence, probabilities } = await head.judge(text, await encoder.encode(text))
      expect(dataOf(said, 'label')[i]).toBe(labels.length > 0 ? top : 'oos')
      expect(dataOf(said, 'confidence')[i]).toBe(confidence)
      expect(dataOf(said, 'scores').slice(i * width, (i + 1) * width)).toEqual([...Array.from(probabilities)])
    }
    expect(dataOf(said, 'label')[2]).toBe('oos')
    await Promise.all([head.close(), encoder.close()])
  })

  it('are moods, vectors and similarities', async () => {
    const mood = await infer('sentiment', texts, { outputs: [{ name: 'label' }] })
    expect(mood.outputs).toMatchObject([{ name: 'label', datatype: 'BYTES', shape: [4] }])
    expect(dataOf(mood, 'label').at(-1)).toBe('positive')
    const encoder = await loadEncoder(testEncoderDir())
    const vectors = await Promise.all(texts.map((text) => encoder.encode(text)))
    const embedded = await infer('embeddings', texts)
    expect(embedded.model_version).toBe(encoder.id.slice(0, 12))
    expect(embedded.outputs[0]?.shape).toEqual([4, encoder.dimension])
    expect(dataOf(embedded, 'embedding')).toEqual(vectors.flatMap((vector) => [...vector]))
    const others = ['my card has not come', 'what to do', 'loans', 'Thank you, that was quick!']
    const similar = await infer('similarity', [], { inputs: [bytes('other', others), bytes('text', texts)] })
    const cosines = dataOf(similar, 'similarity').map(Number)
    expect(cosines).toHaveLength(4)
    expect(cosines[3]).toBeCloseTo(1, 5)
    expect(cosines[0]).toBeGreaterThan(cosines[2]!)
    await encoder.close()
  })

  it('leave nothing of the texts in the log, which says who asked which model for how much', async () => {
    const secret = 'Zanzibar quagga 4929 1234'
    await infer('intent', [secret, secret])
    expect((await post('intent', { inputs: [bytes(secret, [secret])] })).status).toBe(400)
    expect(log).not.toMatch(/Zanzibar|4929/)
    const asked = log.split('\n').findLast((line) => line.includes('model asked')) ?? ''
    expect(JSON.parse(asked)).toMatchObject({
      ...{ actor: expect.stringMatching(/^key:bk_/), model: 'intent', version: String(live.version), items: 2 },
      computeMs: expect.any(Number),
    })
  })

  it('are counted by model', async () => {
    const counts = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text()
      return ['requests', 'items', 'compute_seconds'].map((name) =>
        Number(new RegExp(`bursar_inference_${name}_total{model="similarity"} (\\S+)`).exec(text)?.[1]),
      )
    }
    const pair = { inputs: [bytes('text', texts), bytes('other', texts)] }
    await infer('similarity', [], pair)
    const [requests = 0, items = 0, seconds = 0] = await counts()
    await infer('similarity', [], pair)
    expect(await counts()).toEqual([requests + 1, items + 4, expect.any(Number)])
    expect((await counts())[2]).toBeGreaterThan(seconds)
  })

  it('are counted by key, which may send no more in a day than it is bounded to', async () => {
    const { access, store } = composition.house
    const by = { actor: 'local:test', reason: 'test' }
    const { key, id } = await access.keys.create('bounded', ['models:infer'], 1, by, { textsPerDay: 3 })
    const send = (texts: string[]) =>
      fetch(`${server.url}/v2/models/embeddings/infer`, {
        ...{ method: 'POST', headers: { authorization: `Bearer ${key}` } },
        body: JSON.stringify({ inputs: [bytes('text', texts)] }),
      })
    expect((await send(['a', 'b'])).status).toBe(200)
    const refused = await send(['c', 'd'])
    expect([refused.status, await refused.json()]).toEqual([429, { error: 'the key may send 3 texts a day (UTC)' }])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await send(['c'])).status).toBe(200)
    const usage = (await store.modelUsage.list()).filter(({ actor }) => actor === `key:${id}`)
    const computeMs = expect.any(Number)
    const day = expect.stringMatching(/^\d{4}-\d\d-\d\d$/)
    expect(usage).toEqual([{ actor: `key:${id}`, day, model: 'embeddings', requests: 2, texts: 3, computeMs }])
  })

  it('let a chat overtake a batch', async () => {
    const batch = infer('intent', Array(64).fill('how much does a transfer abroad cost, and how long does it take?'))
    const first = Promise.race([
      batch.then(() => 'batch'),
      // Asked for when the batch is with the engines.
      new Promise((resolve) => setImmediate(resolve)).then(async () => {
        while (composition.house.pool.waiting === 0) await new Promise(setImmediate)
        await composition.house.pool.run(ask('what is the fee?'))
        return 'chat'
      }),
    ])
    expect(await first).toBe('chat')
    expect((await batch).outputs[0]?.shape).toEqual([64])
  })

  it('refuse more than may wait', async () => {
    const { pool, modelMeter } = composition.house
    const port = createInferencePort(pool, modelMeter)
    const asker = { actor: 'key:test' }
    const model = (await port.model('embeddings'))!
    const batch = { text: Array<string>(64).fill('a') }
    const two = [0, 1].map(() => port.infer(model, undefined, batch, asker))
    await expect(port.infer(model, undefined, { text: ['b'] }, asker)).rejects.toThrow(BusyError)
    await Promise.all(two)
    const { embedding } = (await port.infer(model, undefined, { text: ['b'] }, asker)).outputs
    expect(embedding).toEqual(
      (await port.infer(model, undefined, { text: ['b'] }, { actor: 'key:other' })).outputs.embedding,
    )
    expect(embedding).toHaveLength((await pool.facts()).dimension)
  })

  it('answer from one version, also while another takes its place, and then only from that', async () => {
    const { registry, generations, pool } = composition.house
    const { manifest, files } = await readTextVersion(live.dir, 'intent')
    const { recipe, seed, data, encoder, labels, thresholds, metrics, temperature } = manifest
    const copy = { files, labels, thresholds, metrics, temperature }
    const origin = { recipe, seed, data: data.files, encoder }
    const { version: next } = await registry.register('intent', copy, origin)
    await registry.promote('intent', next, { by: 'local:test' })
    const switched = generations.adoptHeads(pool)
    const seen = new Set<string>()
    for (let isOver = false; !isOver; ) {
      isOver = await Promise.race([switched.then(() => true), new Promise(setImmediate).then(() => false)])
      const said = await infer('intent', Array(32).fill('where is my card?'))
      expect(new Set(dataOf(said, 'label')).size).toBe(1)
      seen.add(said.model_version)
    }
    expect(seen.has(String(live.version))).toBe(true)
    expect((await infer('intent', ['where is my card?'])).model_version).toBe(String(next))
    expect((await get<Model>('models/intent')).versions).toEqual([String(next)])
    for (const response of [
      await post(`intent/versions/${live.version}`, { inputs: [bytes('text', ['a'])] }),
      await fetch(`${server.url}/v2/models/intent/versions/${live.version}`, { headers: { authorization } }),
    ]) {
      expect([response.status, await response.json()]).toEqual([
        404,
        { error: `only the version in use can be asked, which is ${next}` },
      ])
    }
  })
})
