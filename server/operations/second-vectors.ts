import type { Pool } from '../engine/pool.ts'
import type { OnProgress } from '../engine/tasks.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { KnownVectors, Passages } from '../storage/passages.ts'
import { slices } from '../storage/rows.ts'
import { inPages, type SecondVectors } from '../storage/second-vectors.ts'
import type { EmbeddedPassage } from '../storage/types.ts'

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
 * Have the second encoder embed the passages of current versions that it has not seen. It runs before an index is built, so
 * that an encoder that is added later finds the documents of before.
 */
export async function embedMissing(
  { units, passages, secondVectors }: SecondVectorParts,
  pool: Pool,
  [first, second]: readonly [encoderId: string, secondId: string],
  onProgress: OnProgress,
): Promise<void> {
  const total = await passages.count()
  let seen = 0
  for await (const page of inPages(passages.live(first), pageSize)) {
    const hashes = await secondVectors.missing(
      page.map(({ hash }) => hash),
      second,
    )
    const missing = page.filter(({ hash }) => hashes.delete(hash))
    if (missing.length > 0) {
      const made = await embedAll(missing, pool)
      await units.run((tx) => secondVectors.add(tx, second, made))
    }
    seen += page.length
    onProgress(seen / Math.max(1, total), 'reading documents in two languages')
  }
}

async function embedAll(missing: readonly EmbeddedPassage[], pool: Pool): Promise<Map<string, KnownVectors>> {
  const made = new Map<string, KnownVectors>()
  const job = async (some: readonly EmbeddedPassage[]): Promise<void> => {
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
