import type { Pool } from '../engine/pool.ts'
import { defaultExactLimit } from '../retrieval/snapshot-writer.ts'
import type { Passages } from '../storage/passages.ts'

const most = 100

/**
 * Vectors of real questions for measuring an index: those that the stored FAQs hold, spread evenly over the store. None where
 * the index will be a scan, as there is nothing to measure.
 */
export async function probesOf(passages: Passages, pool: Pool): Promise<Float32Array[]> {
  if ((await passages.count()) <= defaultExactLimit) return []
  const ids = await passages.liveIds('qa')
  const step = Math.max(1, ids.length / most)
  const chosen = Array.from({ length: Math.min(most, ids.length) }, (_, i) => ids[Math.floor(i * step)]!)
  if (chosen.length === 0) return []
  const asked = (await passages.byId(chosen)).map(({ heading }) => ({
    heading: '',
    units: [heading.split(' › ').at(-1) ?? heading],
  }))
  const { vectors } = await pool.run({ kind: 'embed', passages: asked }, 'background')
  return vectors.map(({ vector }) => vector)
}
