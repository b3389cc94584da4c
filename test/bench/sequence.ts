import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { createRandom } from '../../server/math/random.ts'
import { percentile } from '../../server/math/statistics.ts'
import { fitSequences } from '../../server/models/sequence/fit.ts'
import { sequenceOptions } from '../../server/models/sequence/sequence-options.ts'
import type { Report } from './report.ts'

const texts = 2_000
const epochs = 4
const words = 8_000
const script = join(import.meta.dirname, 'peers/lstm_torch.py')

/**
 * Seconds per epoch of 10,000 texts under the preset `lstm-text`, by epochs of fewer, without the first, which also opens
 * the graph. Beside PyTorch on one thread, if python3 has it (PYTHONPATH may say where).
 */
export async function benchSequence(report: Report): Promise<void> {
  const per10k = (seconds: readonly number[]) => (percentile(seconds.slice(1), 0.5) * 10_000) / texts
  const ours = per10k(await epochSeconds())
  const peer = peerSeconds()
  report('sequence', {
    secondsPerEpoch: ours,
    ...(typeof peer === 'string' ? { peer } : { pytorch: per10k(peer), ratio: ours / per10k(peer), limit: 1.5 }),
  })
}

async function epochSeconds(): Promise<number[]> {
  const random = createRandom(1)
  const { length, embedding, units, window, batch, rate } = sequenceOptions('lstm-text')
  const shape = { kind: 'lstm' as const, length, embedding, units, window, outputs: 1 }
  const ids = Array.from({ length: texts }, () =>
    Int32Array.from({ length }, (_, i) => (i < 70 ? 0 : 1 + Math.floor(random() ** 3 * words))),
  )
  const labels = ids.map((row) => row[length - 1]! % 2)
  const seconds: number[] = []
  let begun = performance.now()
  const options = { shape, words, epochs, batch, rate, dropout: 0, clip: 0, balanced: false, seed: 1 }
  await fitSequences({ ids, labels }, options, async () => {
    seconds.push((performance.now() - begun) / 1_000)
    begun = performance.now()
    return 'go on'
  })
  return seconds
}

/** Or why there are none. */
function peerSeconds(): number[] | string {
  try {
    const output = execFileSync('python3', [script, String(texts), String(epochs)], { encoding: 'utf8' })
    return output.trim().split('\n').map(Number)
  } catch {
    return 'PyTorch is not there: pip install torch'
  }
}
