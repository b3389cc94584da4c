import { z } from 'zod'
import { ModelError } from '../errors.ts'
import { mean } from '../math/statistics.ts'
import type { Metrics } from './service.ts'

/** A judged question with the probability that the best quote for it answers, and whether what would be shown does. */
export interface Verdict {
  /** 0 to 1. */
  readonly probability: number
  readonly right: boolean
  readonly answerable: boolean
}

/** Share of answers that may be wrong where nobody says otherwise, on the questions that the head was calibrated with. */
export const defaultToleratedError = 0.1

/** A threshold that no probability reaches; a plain number, so that JSON can hold it. */
export const never = 2

/**
 * The lowest probability from which on at most the tolerated share of answers is wrong.
 * @param tolerated 0 to 1. @returns {@link never} if even the surest answers are wrong more often: then nothing is answered.
 */
export function thresholdFor(verdicts: readonly Verdict[], tolerated: number): number {
  const sorted = [...verdicts].sort((a, b) => b.probability - a.probability)
  let [wrong, best] = [0, never]
  sorted.forEach(({ right, probability }, i) => {
    if (!right) wrong++
    // Equal probabilities are on the same side of every threshold; 0 is a question for which nothing was found at all.
    if (probability > 0 && sorted[i + 1]?.probability !== probability && wrong <= tolerated * (i + 1))
      best = probability
  })
  return best
}

/** What a threshold means: the share of answers that are right, and of answerable questions that are answered. */
export function figuresAt(verdicts: readonly Verdict[], threshold: number): Metrics {
  const answered = verdicts.filter(({ probability }) => probability >= threshold)
  const answerable = verdicts.filter((verdict) => verdict.answerable)
  const share = (part: readonly Verdict[], is: (verdict: Verdict) => boolean) =>
    part.length === 0 ? 0 : mean(part.map((verdict) => (is(verdict) ? 1 : 0)))
  return {
    questions: verdicts.length,
    precision: share(answered, ({ right }) => right),
    coverage: share(answerable, ({ probability }) => probability >= threshold),
    shownRight: share(answerable, ({ right }) => right),
  }
}

const schema = z.array(z.object({ probability: z.number().min(0).max(1), right: z.boolean(), answerable: z.boolean() }))

export const writeVerdicts = (verdicts: readonly Verdict[]): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(verdicts)}\n`)

/** @throws {ModelError} naming the file. */
export function readVerdicts(bytes: Uint8Array, file: string): Verdict[] {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new ModelError(`${file} does not hold verdicts`, { cause })
  }
}
