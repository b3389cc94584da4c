import type { Pool } from '../engine/pool.ts'
import type { OnProgress } from '../engine/tasks.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { KnownVectors, Passages } from '../storage/passages.ts'
import { slices } from '../storage/rows.ts'
import type { SecondVectors } from '../storage/second-vectors.ts'
import type { StoredPassage } from '../storage/types.ts'

export interface SecondVectorParts {
  readonly units: UnitOfWork
  readonly passages: Passages
  readonly secondVectors: SecondVectors
}

/** Passages embedded between two commits: what a crash costs. */
const pageSize = 64
/** Passages per job: an engine is never kept from a chat for longer than a few of them take. */
const jobPassages = 4

/**
 * Have the second encoder embed the passages of current versions that it has not seen. It runs before an index or a delta is
 * written, so that an encoder that is added later finds the documents of before.
 */
export async function embedMissing(
  { units, passages, secondVectors }: SecondVectorParts,
  pool: Pool,
  encoder: string,
  onProgress: OnProgress,
): Promise<void> {
  const missing = await secondVectors.missing(encoder)
  let done = 0
  for (const ids of slices(missing, pageSize)) {
    const made = await embedAll(await passages.byId(ids), pool)
    await units.run((tx) => secondVectors.add(tx, encoder, made))
    done += ids.length
    onProgress(done / missing.length, 'reading documents in two languages')
  }
}

async function embedAll(missing: readonly StoredPassage[], pool: Pool): Promise<Map<string, KnownVectors>> {
  const made = new Map<string, KnownVectors>()
  const job = async (some: readonly StoredPassage[]): Promise<void> => {
    const texts = some.map(({ heading, units, version }) => ({
      heading,
      units: units.map(({ start, end }) => version.text.slice(start, end)),
    }))
    const { vectors } = await pool.run({ kind: 'embed', space: 'second', passages: texts }, 'background')
    some.forEach(({ hash }, i) => {
      made.set(hash, { vector: vectors[i]!.vector, unitVectors: vectors[i]!.units })
    })
  }
  await Promise.all(slices(missing, jobPassages).map(job))
  return made
}
