import { BusyError } from '../errors.ts'

/** Texts that may wait or be worked on at a time, over all callers. */
const maxTexts = 512
/** Of one caller: who sends much waits for itself, not before everybody else. */
const maxTextsOfOne = 128

/** Counts texts that wait or are worked on, by caller. */
export function createShares() {
  const byCaller = new Map<string, number>()
  let all = 0
  return {
    /** @returns how to give them back. @throws {BusyError} if there are too many of this caller's, or of all. */
    take(caller: string, count: number): () => void {
      const own = byCaller.get(caller) ?? 0
      if (own + count > maxTextsOfOne) throw new BusyError(`${own} texts of this key already wait for models`)
      if (all + count > maxTexts) throw new BusyError(`${all} texts already wait for models`)
      byCaller.set(caller, own + count)
      all += count
      return () => {
        const left = byCaller.get(caller)! - count
        if (left > 0) byCaller.set(caller, left)
        else byCaller.delete(caller)
        all -= count
      }
    },
  }
}
