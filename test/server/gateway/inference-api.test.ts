import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BusyError, DeadlineError } from '../../../server/errors.ts'
import type { Inference, ServedModel } from '../../../server/gateway/ports.ts'
import { by, openAccess } from '../access/support.ts'
import { startGateway, type TestOptions } from './harness.ts'

const shout: ServedModel = {
  ...{ name: 'shout', task: 'classification', version: '4', parameters: { labels: ['A', 'B'] } },
  inputs: [{ name: 'text', datatype: 'BYTES', shape: [] }],
  outputs: [
    { name: 'label', datatype: 'BYTES', shape: [] },
    { name: 'scores', datatype: 'FP32', shape: [2] },
  ],
}
const models = [shout, { ...shout, name: 'unborn', version: undefined }]
/** Gives every text back in capitals, and how long it is. */
const inference: Inference = {
  models: async () => models,
  model: async (name) => models.find((model) => model.name === name),
  infer: async (_, __, { text = [] }) => {
    const outputs = {
      label: text.map((one) => one.toUpperCase()),
      scores: Float32Array.from(text.flatMap((one) => [one.length, 0.5])),
    }
    return { version: '4', computeMs: 1, outputs }
  },
}

/** A gateway in front of real keys, and of models that answer at once. */
async function start(options: TestOptions = {}) {
  const { keys } = await openAccess()
  const none = async () => undefined
  const access = {
    signIn: none,
    signOut: none,
    ofSession: none,
    ofKey: keys.principal,
    onChange: () => () => undefined,
  }
  const gateway = await startGateway({ access, inference, ...options })
  onTestFinished(gateway.close)
  const keyFor = async (scope: string) => `Bearer ${(await keys.create('test', [scope], 1, by)).key}`
  const authorization = await keyFor('models:infer')
  const get = (path: string, headers: Record<string, string> = { authorization }) =>
    fetch(`${gateway.url}/v2${path}`, { headers })
  const post = (body: object | Buffer, headers: Record<string, string> = {}, path = '/models/shout/infer') =>
    fetch(`${gateway.url}/v2${path}`, {
      ...{ method: 'POST', headers: { authorization, ...headers } },
      body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
    })
  return { ...gateway, get, post, keyFor, authorization }
}

const texts = (...data: string[]) => ({ inputs: [{ name: 'text', datatype: 'BYTES', shape: [data.length], data }] })
/** Status and body of a refusal: in the protocol's form, a text under `error` and nothing else. */
const refusal = async (response: Response) => {
  const body = (await response.json()) as { error: string } // cast: what is tested
  expect(body).toEqual({ error: expect.any(String) })
  return [response.status, body.error] as const
}

describe('the inference protocol', () => {
  it('answers in JSON, and in binary what is asked for in binary', async () => {
    const { post } = await start()
    const answered = await post({ id: '7', ...texts('where?', 'é') })
    expect([answered.status, answered.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(await answered.json()).toEqual({
      ...{ model_name: 'shout', model_version: '4', id: '7' },
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [2], data: ['WHERE?', 'É'] },
        { name: 'scores', datatype: 'FP32', shape: [2, 2], data: [6, 0.5, 1, 0.5] },
      ],
    })
    const blob = Buffer.from([2, 0, 0, 0, 0xc3, 0xa9])
    const json = Buffer.from(
      JSON.stringify({
        inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: blob.length } }],
        outputs: [{ name: 'label', parameters: { binary_data: true } }],
      }),
    )
    const header = { 'inference-header-content-length': String(json.length), 'content-encoding': 'gzip' }
    const raw = await post(gzipSync(Buffer.concat([json, blob])), header, '/models/shout/versions/4/infer')
    expect([raw.status, raw.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    const length = Number(raw.headers.get('inference-header-content-length'))
    const bytes = Buffer.from(await raw.arrayBuffer())
    expect(JSON.parse(bytes.subarray(0, length).toString()).outputs).toEqual([
      { name: 'label', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: 6 } },
    ])
    expect(bytes.subarray(length)).toEqual(Buffer.from([2, 0, 0, 0, 0xc3, 0x89]))
  })

  it('tells of a model that is not there yet', async () => {
    const { get } = await start()
    expect(await (await get('/models')).json()).toEqual({
      models: [
        { name: 'shout', task: 'classification', versions: ['4'], state: 'READY' },
        { name: 'unborn', task: 'classification', versions: [], state: 'UNAVAILABLE' },
      ],
    })
    const ready = await get('/models/unborn/ready')
    expect([ready.status, await ready.json()]).toEqual([503, { name: 'unborn', ready: false }])
    expect((await get('/models/shout/versions/4/ready')).status).toBe(200)
  })

  it('probes need no key', async () => {
    let ready = true
    const { get } = await start({ readiness: () => ({ ready, waiting: [] }) })
    expect([(await get('/health/live', {})).status, (await get('/health/ready', {})).status]).toEqual([200, 200])
    expect((await get('/models/shout/ready')).status).toBe(200)
    ready = false
    expect([(await get('/health/live', {})).status, (await get('/health/ready', {})).status]).toEqual([200, 503])
    expect((await get('/models/shout/ready')).status).toBe(503)
  })

  it('everything else needs a key of scope models:infer, from any machine', async () => {
    const { get, post, keyFor, authorization } = await start()
    const far = { 'x-forwarded-for': '192.0.2.7' }
    const other = { authorization: await keyFor('documents:read') }
    for (const path of ['', '/models', '/models/shout', '/models/shout/ready', '/models/shout/versions/4']) {
      const refused = await get(path, {})
      expect([path, refused.headers.get('www-authenticate')]).toEqual([path, 'Bearer'])
      expect(await refusal(refused)).toEqual([401, 'a valid credential is needed'])
      expect(await refusal(await get(path, other))).toEqual([403, 'that is not allowed here'])
      expect((await get(path, far)).status).toBe(403)
      expect((await get(path, { authorization, ...far })).status).toBe(200)
    }
    expect((await refusal(await post(texts('a'), { authorization: `Bearer bk_${'A'.repeat(43)}` })))[0]).toBe(401)
    expect((await refusal(await post(texts('a'), other)))[0]).toBe(403)
  })

  it('refuses what it cannot read, in its own form', async () => {
    const { url, get, post, authorization } = await start()
    expect(await refusal(await post({}))).toEqual([400, 'inputs is missing or not valid'])
    expect(await refusal(await post(Buffer.from('{"inputs')))).toEqual([400, 'the request is not a JSON object'])
    expect((await refusal(await post(Buffer.alloc(1_048_577, 0x20))))[0]).toBe(413)
    expect(await refusal(await post(texts('a'.repeat(4_001))))).toEqual([
      413,
      'inputs.0.data.0 is longer than 4000 characters',
    ])
    expect((await refusal(await post(Buffer.from('x'), { 'content-encoding': 'gzip' })))[0]).toBe(400)
    expect((await refusal(await get('/models/nothing')))[0]).toBe(404)
    expect(await refusal(await post(texts('a'), {}, '/models/shout/versions/3/infer'))).toEqual([
      404,
      'only the version in use can be asked, which is 4',
    ])
    expect((await refusal(await get('/nothing')))[0]).toBe(404)
    expect((await refusal(await fetch(`${url}/v2/models/shout/infer`, { headers: { authorization } })))[0]).toBe(404)
  })

  it.each([
    [new BusyError('full'), '1', 'the service is busy, please try again shortly'],
    [new DeadlineError('late'), '2', 'the assistant is not available right now'],
  ])('says when to come back: %s', async (reason, seconds, message) => {
    const infer = () => Promise.reject(reason)
    const { post } = await start({ inference: { ...inference, infer } })
    const refused = await post(texts('a'))
    expect(refused.headers.get('retry-after')).toBe(seconds)
    expect(await refusal(refused)).toEqual([503, message])
  })

  it('counts requests by key', async () => {
    const { post, keyFor } = await start({ ratePerMinute: 1 })
    let last = await post(texts('a'))
    // Ten at once, and one more every six seconds.
    for (let i = 1; i < 30 && last.status === 200; i++) last = await post(texts('a'))
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refusal(last)).toEqual([429, 'too many requests, please wait'])
    expect((await post(texts('a'), { authorization: await keyFor('models:infer') })).status).toBe(200)
  })
})
