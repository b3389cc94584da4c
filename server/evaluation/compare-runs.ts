import { mean } from '../math/statistics.ts'
import { type Interval, withIntervals } from './bootstrap.ts'
import { type RetrievalFigures, type RetrievalMetric, retrievalMetrics } from './retrieval-metrics.ts'

/** One figure of two runs over the same queries. */
export interface Change {
  readonly metric: RetrievalMetric
  readonly before: number
  readonly after: number
  /** 95 % interval of the mean difference, from the queries' own differences (paired bootstrap). */
  readonly interval: Interval
}

export interface Comparison {
  /** Queries that both runs scored. */
  readonly n: number
  readonly changes: readonly Change[]
  /** Queries by their difference in nDCG@10: the most lost, and the most won, at most ten each. */
  readonly lost: readonly Moved[]
  readonly won: readonly Moved[]
}
export interface Moved {
  readonly id: string
  readonly before: number
  readonly after: number
}

const most = 10
const lead = 'ndcg@10'

/** Two runs over the queries they share; undefined if they share none. */
export function compareRuns(
  before: ReadonlyMap<string, RetrievalFigures>,
  after: ReadonlyMap<string, RetrievalFigures>,
): Comparison | undefined {
  const pairs = [...after].flatMap(([id, now]) => {
    const then = before.get(id)
    return then ? [{ id, then, now }] : []
  })
  if (pairs.length === 0) return undefined
  const changes = retrievalMetrics.map((metric): Change => {
    const { difference_ci } = withIntervals(pairs, (sample) => ({
      difference: mean(sample.map(({ then, now }) => now[metric] - then[metric])),
    }))
    const of = (which: 'then' | 'now'): number => mean(pairs.map((pair) => pair[which][metric]))
    return { metric, before: of('then'), after: of('now'), interval: difference_ci }
  })
  const moved = pairs
    .map(({ id, then, now }) => ({ id, before: then[lead], after: now[lead] }))
    .sort((a, b) => a.after - a.before - (b.after - b.before))
  return {
    ...{ n: pairs.length, changes },
    lost: moved.filter((one) => one.after < one.before).slice(0, most),
    won: moved
      .filter((one) => one.after > one.before)
      .reverse()
      .slice(0, most),
  }
}
