import { createRandom } from '../../../server/math/random.ts'
import { addDays } from '../../../server/text/calendar.ts'
import type { Range } from './parameters.ts'

/** Draws of one customer. Plain arithmetic only, so that every machine makes the same bytes. */
export interface Draw {
  chance(probability: number): boolean
  /** A whole number within the range, both ends included; the middle comes up more often than the ends. */
  around(range: Range): number
  /** A whole number within the range, both ends included, each as likely. */
  whole(range: Range): number
  pick<T>(items: readonly T[]): T
  /** One of the keys, as likely as its weight says. @throws {RangeError} if no weight is above 0. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K
  /** A day from `first` to `last`, both included. */
  day(first: string, daysAfter: number): string
  /** A time of day when people are awake, `08:15:42`. */
  time(): string
}

/** @param seed of the whole run; @param stream of this customer: draws of one never move those of another. */
export function createDraw(seed: number, stream: number): Draw {
  const random = createRandom((Math.imul(stream + 1, 0x9e3779b1) ^ seed) >>> 0)
  const whole = ([low, high]: Range) => low + Math.floor(random() * (high - low + 1))
  const two = (value: number) => String(value).padStart(2, '0')
  return {
    whole,
    chance: (probability) => random() < probability,
    around: ([low, high]) => Math.round(low + ((random() + random()) / 2) * (high - low)),
    pick: (items) => items[whole([0, items.length - 1])]!,
    weighted(weights) {
      // Object.entries widens the keys to string; they are the keys of `weights`.
      const entries = Object.entries(weights) as [keyof typeof weights, number][]
      let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [key, weight] of entries) {
        left -= weight
        if (left < 0) return key
      }
      throw new RangeError('nothing to choose from')
    },
    day: (first, daysAfter) => addDays(first, whole([0, Math.max(0, daysAfter)])),
    time: () => `${two(whole([7, 22]))}:${two(whole([0, 59]))}:${two(whole([0, 59]))}`,
  }
}
