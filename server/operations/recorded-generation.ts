import type { Generation } from '../engine/messages.ts'
import type { Pool } from '../engine/pool.ts'
import { encoderIdOf } from '../models/manifest.ts'
import type { ModelRegistry } from '../models/registry.ts'
import type { Recorded } from '../receipts/replay.ts'
import { checksumOf, readManifest } from '../retrieval/manifest.ts'
import type { ReadWith } from '../storage/receipts.ts'
import type { Generations } from './generations.ts'

export interface RecordedParts {
  readonly pool: Pick<Pool, 'generation' | 'facts'>
  readonly registry: Pick<ModelRegistry, 'find'>
  readonly generations: Pick<Generations, 'folderOf'>
}

/** What an earlier message was read with; the generation in force, and what is missing, if not all of it is kept. */
export async function recordedGeneration(
  { pool, registry, generations }: RecordedParts,
  { generation: number, index, delta: changes, encoder, second, heads, toleratedError }: ReadWith,
): Promise<Recorded> {
  const live = pool.generation
  const { encoderId, second: other } = await pool.facts()
  const snapshot = generations.folderOf(number)
  const delta = changes && { number: changes.number, dir: generations.folderOf(number, changes.number) }
  const missing: string[] = []
  if (encoder !== encoderId) missing.push(`encoder ${encoder.slice(0, 12)}`)
  // Numbers begin again in a restored data directory: only the checksum tells that it is the same index.
  else if (!holds(snapshot, encoderId, index)) missing.push(`the index of generation ${number}`)
  else if (delta && !holds(delta.dir, encoderId, changes.index))
    missing.push(`the changes ${delta.number} over the index of generation ${number}`)
  if (second !== undefined && second !== other?.encoderId) missing.push(`second encoder ${second.slice(0, 12)}`)
  const head = async (service: keyof ReadWith['heads']): Promise<string> => {
    const found = await registry.find(service, heads[service]).catch(() => undefined)
    if (!found || encoderIdOf(found.manifest) !== encoder) missing.push(`version ${heads[service]} of ${service}`)
    return found?.dir ?? ''
  }
  const dirs = {
    intent: await head('intent'),
    sentiment: await head('sentiment'),
    answerable: await head('answerable'),
    toleratedError,
  }
  if (missing.length > 0) return { generation: live, missing }
  const { delta: above, second: folder, ...rest } = live
  // An index of before has no vectors of a second encoder that came later.
  const beside = second !== undefined && folder !== undefined && { second: folder }
  const then: Generation = { ...rest, ...beside, number, snapshot, heads: dirs, ...(delta && { delta }) }
  const same =
    JSON.stringify([live.snapshot, live.second]) === JSON.stringify([snapshot, then.second]) &&
    above?.dir === delta?.dir &&
    JSON.stringify(live.heads) === JSON.stringify(dirs)
  return { generation: same ? live : then, missing }
}

function holds(dir: string, encoderId: string, index: string): boolean {
  try {
    return checksumOf(readManifest(dir, encoderId)) === index
  } catch {
    return false // gone, or of another release
  }
}
