import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeltaPlace } from '../engine/messages.ts'

/** An index by its numbers: that of the snapshot, and that of the delta over it, if there is one. */
export interface IndexName {
  readonly number: number
  readonly delta?: number | undefined
}

/** What is kept beside the index in force. */
export interface Kept {
  /** Most older snapshots, each with the deltas over it that are wanted; with 0 no older delta of the one in force either. */
  readonly most: number
  /** Whether anybody may ask for an older index. */
  readonly isWanted: (index: IndexName) => Promise<boolean>
  /** Whether an answer that is not stored yet may have been read with it. */
  readonly isInUse: (index: IndexName) => boolean
  /** The next snapshot is being written. */
  readonly isNextBegun: boolean
}

/** Older deltas over one snapshot that are kept, the newest: a document that changes every minute makes as many. */
const deltasPerSnapshot = 100

/** The folders of an index: `3` is the snapshot of generation 3, `3.2` the second delta over it. */
export function createGenerationFolders(root: string) {
  const of = (number: number, delta?: number): string =>
    join(root, delta === undefined ? String(number) : `${number}.${delta}`)
  const names = (): Promise<string[]> => readdir(root).catch(() => []) // nothing was built yet
  const numberOf = (name: string): number => Number.parseInt(name, 10)
  /** NaN for a snapshot, and for what is no folder of ours. */
  const deltaOf = (name: string): number => Number.parseInt(name.split('.')[1] ?? '', 10)

  /** Whole folders of the indexes before one, the newest first. */
  async function before({ number, delta = 0 }: IndexName): Promise<IndexName[]> {
    const whole = (await names()).filter((name) => /^[1-9]\d{0,8}(\.[1-9]\d{0,8})?$/.test(name))
    const found = whole.map((name) => ({ number: numberOf(name), delta: deltaOf(name) || 0 }))
    return found
      .filter((one) => one.number < number || (one.number === number && one.delta < delta))
      .sort((a, b) => b.number - a.number || b.delta - a.delta)
      .map((one) => ({ number: one.number, ...(one.delta > 0 && { delta: one.delta }) }))
  }

  return {
    of,
    /** Highest number of a snapshot, whole or not; 0 without one. */
    newest: async (): Promise<number> => Math.max(0, ...(await names()).map(numberOf).filter(Number.isInteger)),
    /** Where the next delta over a snapshot goes: behind all that were begun. */
    async nextDelta(number: number): Promise<DeltaPlace> {
      const deltas = (await names()).filter((name) => numberOf(name) === number).map(deltaOf)
      const next = Math.max(0, ...deltas.filter(Number.isInteger)) + 1
      return { number: next, dir: of(number, next) }
    },
    /** Remove all but what is in force and what is to be kept beside it; a delta keeps the snapshot below it. */
    async tidy(inForce: IndexName, { most, isWanted, isInUse, isNextBegun }: Kept): Promise<void> {
      const older = await before(inForce)
      const kept = [inForce, ...older.filter(isInUse)]
      let snapshots = 0
      for (const number of new Set(older.map((one) => one.number))) {
        if (snapshots === most) break
        const wanted: IndexName[] = []
        for (const one of older.filter((other) => other.number === number)) {
          if (wanted.length === deltasPerSnapshot) break
          if (await isWanted(one)) wanted.push(one)
        }
        kept.push(...wanted)
        if (wanted.length > 0 && number !== inForce.number) snapshots++
      }
      const folders = new Set(kept.flatMap(({ number, delta }) => [of(number), of(number, delta)]))
      const others = (await names()).filter(
        (name) => !folders.has(join(root, name)) && !(isNextBegun && numberOf(name) > inForce.number),
      )
      await Promise.all(others.map((name) => rm(join(root, name), { recursive: true, force: true })))
    },
  }
}
