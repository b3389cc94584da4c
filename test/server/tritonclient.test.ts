import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { copyDemo, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { needingPython } from '../support/programs.ts'

const { skip, note, folder } = needingPython('tritonclient.http', 'tritonclient[http]')
const script = join(import.meta.dirname, 'peers/tritonclient_check.py')

interface Tensor {
  readonly shape: number[]
  readonly values: (number | string)[]
}
type Tensors = Record<string, Tensor>
interface Heard extends Record<string, unknown> {
  readonly metadata: { readonly parameters: { readonly labels: string[] } }
  readonly json: Tensors
  readonly binary: Tensors
  readonly mixed: Tensors
  readonly similarity: Tensor
  readonly embeddings: { readonly shape: number[]; readonly same: boolean; readonly norms: number[] }
}

/** What the client heard from a server of the demo bank. */
async function hear(): Promise<Heard> {
  const data = copyDemo(temporaryFolder())
  const server = await startServer(data, { env: { BURSAR_ENGINES: '1' } })
  onTestFinished(() => void server.process.kill('SIGKILL'))
  const order = { name: 'triton', scopes: ['models:infer'], days: 1 }
  const { key } = (await callAdmin(adminSocket(data), 'keys.create', order)) as { key: string } // cast: the operation's reply
  const client = spawn('python3', [script, new URL(server.url).host, key], {
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  client.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = await once(client, 'close')
  expect(code).toBe(0)
  return JSON.parse(said)
}

describe.skipIf(skip)(`tritonclient, unchanged${note}`, () => {
  it('asks for health and models, and infers in JSON and in binary', { timeout: 120_000 }, async () => {
    const { json, binary, mixed, similarity, embeddings, metadata, ...heard } = await hear()
    expect(heard).toMatchObject({ live: true, ready: true, modelReady: true, otherReady: false, id: 'batch 7' })
    expect(heard.server).toMatchObject({ name: 'bursar', extensions: ['binary_tensor_data'] })
    const width = metadata.parameters.labels.length
    expect(json).toMatchObject({
      label: { shape: [3], values: expect.arrayContaining([expect.any(String)]) },
      confidence: { shape: [3] },
      scores: { shape: [3, width] },
    })
    expect(json.scores?.values).toHaveLength(3 * width)
    expect(metadata.parameters.labels).toContain(json.label?.values[0])
    expect(binary).toEqual(json)
    expect(mixed).toEqual({ scores: json.scores, label: json.label })
    expect(similarity.shape).toEqual([3])
    for (const cosine of similarity.values) expect(cosine).toBeCloseTo(1, 5)
    expect(embeddings).toMatchObject({ shape: [3, expect.any(Number)], same: true })
    for (const norm of embeddings.norms) expect(norm).toBeCloseTo(1, 5)
    expect(heard).toMatchObject({
      unknown: { status: '404', message: expect.stringContaining('there is no such model') },
      nobody: { status: '401', message: 'a valid credential is needed' },
      wrong: { status: '400', message: 'inputs.0.name has to be text' },
    })
  })
})
