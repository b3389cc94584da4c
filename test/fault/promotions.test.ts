import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRandom } from '../../server/math/random.ts'
import { createRegistry } from '../../server/models/registry.ts'
import { temporaryFolder } from '../support/folder.ts'

const script = join(import.meta.dirname, 'processes/promotions.ts')
const kills = 5
const random = createRandom(11)

/** Promotions that were promised until the process was killed, somewhere in one that follows the second to the seventh. */
async function promisedUntilKilled(root: string): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, root], { stdio: ['ignore', 'pipe', 'inherit'] })
  const enough = 2 + Math.floor(random() * 6)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > enough) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return said.split('\n').slice(0, -1).map(Number)
}

it('a promotion that was promised is in the ledger whenever the process is killed', { timeout: 120_000 }, async () => {
  const root = temporaryFolder()
  const registry = createRegistry(root)
  const files = new Map([['model.onnx', Buffer.from('a model')]])
  const artifact = { files, labels: ['no', 'yes'], metrics: {}, temperature: 1, thresholds: {} }
  const origin = { recipe: 1, seed: 1, data: [], encoder: { id: 'encoder-1', dimension: 384 } }
  for (let i = 0; i < 2; i++) await registry.register('intent', artifact, origin)
  let known = 0
  for (let kill = 0; kill < kills; kill++) {
    const promised = await promisedUntilKilled(root)
    const lines = (await registry.ledger('intent')).slice(known)
    known += lines.length
    // The first of a run may find its version live already, and the last may be there without its promise.
    const versions = lines.map(({ version }) => version)
    const expected = lines.length > 0 && promised[0] !== versions[0] ? promised.slice(1) : promised
    expect(versions.slice(0, expected.length)).toEqual(expected)
    expect(versions.length - expected.length).toBeLessThanOrEqual(1)
    expect((await registry.champion('intent'))?.version).toBe(versions.at(-1))
  }
  expect(known).toBeGreaterThan(kills)
})
