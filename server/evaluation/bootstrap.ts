import { createRandom } from '../math/random.ts'
import { percentile } from '../math/statistics.ts'

/** 95 % of resampled figures lie between the two. */
export type Interval = readonly [low: number, high: number]

export interface BootstrapOptions {
  readonly resamples?: number
  readonly seed?: number
}

/** `x` for each figure and its interval as `x_ci`, as evaluations print them. */
export type WithIntervals<K extends string> = { [key in K]: number } & { [key in `${K}_ci`]: Interval }

/**
 * Figures of all items, each with its 95 % percentile bootstrap interval (Efron 1979): the items are drawn again with
 * replacement, the same draws for every figure.
 * @param measure must not depend on the order of the items; resamples in which a figure is NaN (a class is missing) are left out.
 */
export function withIntervals<T, K extends string>(
  items: readonly T[],
  measure: (sample: readonly T[]) => Readonly<Record<K, number>>,
  { resamples = 1_000, seed = 1 }: BootstrapOptions = {},
): WithIntervals<K> {
  const random = createRandom(seed)
  const figures = measure(items)
  // Object.keys forgets the key type; `measure` returns exactly these.
  const names = Object.keys(figures) as K[]
  const drawn = new Map<K, number[]>(names.map((name) => [name, []]))
  const sample = [...items]
  for (let i = 0; i < resamples; i++) {
    for (let j = 0; j < sample.length; j++) sample[j] = items[Math.floor(random() * items.length)]!
    const again = measure(sample)
    for (const name of names) if (!Number.isNaN(again[name])) drawn.get(name)!.push(again[name])
  }
  const entries = names.flatMap((name): [string, number | Interval][] => [
    [name, figures[name]],
    [`${name}_ci`, [percentile(drawn.get(name)!, 0.025), percentile(drawn.get(name)!, 0.975)]],
  ])
  // Built from exactly the keys that the type names.
  return Object.fromEntries(entries) as WithIntervals<K>
}
