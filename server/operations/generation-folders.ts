import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeltaPlace } from '../engine/messages.ts'

/** The folders of an index: `3` is the snapshot of generation 3, `3.2` the second delta over it. */
export function createGenerationFolders(root: string) {
  const of = (number: number, delta?: number): string =>
    join(root, delta === undefined ? String(number) : `${number}.${delta}`)
  const names = (): Promise<string[]> => readdir(root).catch(() => []) // nothing was built yet
  const numberOf = (name: string): number => Number.parseInt(name, 10)
  /** NaN for a snapshot, and for what is no folder of ours. */
  const deltaOf = (name: string): number => Number.parseInt(name.split('.')[1] ?? '', 10)

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
    /** Remove all but what is in force, and, if the next snapshot is being written, that. */
    async tidy(number: number, delta: number | undefined, isNextBegun: boolean): Promise<void> {
      const kept = new Set([of(number), of(number, delta)])
      const others = (await names()).filter(
        (name) => !kept.has(join(root, name)) && !(isNextBegun && numberOf(name) > number),
      )
      await Promise.all(others.map((name) => rm(join(root, name), { recursive: true, force: true })))
    },
  }
}
