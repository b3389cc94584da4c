import { UsageError } from '../../errors.ts'
import { type Attributes, contentScorer } from './attributes.ts'
import { easeScorer } from './ease.ts'
import { type Fit, fitHybrid } from './hybrid.ts'
import { alsScorer } from './implicit-factors.ts'
import type { Interactions } from './interactions.ts'
import { itemNeighbourScorer, popularityScorer, userNeighbourScorer } from './neighbours.ts'
import { nextItemScorer } from './next-item.ts'
import { bprScorer } from './pairwise-factors.ts'
import { demographicScorer } from './people.ts'
import type { Scorer } from './scorer.ts'

export interface MethodOptions {
  /** Undefined where nothing is known of items. */
  readonly attributes: Attributes | undefined
  readonly seed: number
}

interface Method {
  readonly fit: Fit
  /** Most items: what a method holds or does grows with their square or cube. */
  readonly mostItems: number
  /** Left out of the hybrid. */
  readonly alone?: boolean
}

/** More factors than items would describe noise. */
const factorsOf = ({ items }: Interactions): number => Math.max(1, Math.min(64, Math.floor(items.length / 2)))
const unbounded = Number.POSITIVE_INFINITY

/**
 * Ways to rank items, by name. `bpr` learns from random pairs for long and adds nothing beside the others. What needs to know
 * something of items or users is there if that is known.
 */
function methodsFor({ attributes, seed }: MethodOptions, knowsPeople: boolean): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['popular', { fit: popularityScorer, mostItems: unbounded }],
    ['user-user', { fit: userNeighbourScorer, mostItems: unbounded }],
    ['item-item', { fit: itemNeighbourScorer, mostItems: 10_000 }],
    [
      'als',
      {
        fit: (given) => alsScorer(given, { factors: factorsOf(given), sweeps: 15, alpha: 5, lambda: 50, seed }),
        mostItems: unbounded,
      },
    ],
    ['ease', { fit: (given) => easeScorer(given, 300), mostItems: 5_000 }],
    ['next-item', { fit: nextItemScorer, mostItems: 200 }],
    [
      'bpr',
      {
        fit: (given) => bprScorer(given, { factors: 32, epochs: 20, rate: 0.05, lambda: 0.01, seed }),
        mostItems: unbounded,
        alone: true,
      },
    ],
    ...(attributes ? [content(attributes)] : []),
    ...(knowsPeople ? ([['demographic', { fit: demographicScorer, mostItems: unbounded }]] as const) : []),
  ])
}

const content = (attributes: Attributes): readonly [string, Method] => [
  'content',
  { fit: (given) => contentScorer(given, attributes), mostItems: unbounded },
]

export const methodNames = [...methodsFor({ attributes: new Map(), seed: 0 }, true).keys(), 'hybrid'] as const
/** What a method needs to know. */
const needs: Readonly<Record<string, string>> = { content: '--items', demographic: '--users' }

/**
 * Fit a method; `hybrid` is made of all that can be used.
 * @returns how it scores; a hybrid's weights by method as well.
 * @throws {UsageError} for a method that there is not, that needs to know something of items or users, or has too many items.
 */
export async function fitMethod(
  name: string,
  interactions: Interactions,
  options: MethodOptions,
): Promise<{ readonly scorer: Scorer; readonly weights?: Readonly<Record<string, number>> }> {
  const methods = methodsFor(
    options,
    interactions.histories.some(({ about }) => about !== undefined),
  )
  const size = interactions.items.length
  if (name === 'hybrid') {
    const used = [...methods].filter(([, { mostItems, alone }]) => size <= mostItems && !alone)
    const { scorer, weights } = await fitHybrid(
      interactions,
      used.map(([, { fit: learn }]) => learn),
      options.seed,
    )
    return { scorer, weights: Object.fromEntries(used.map(([part], i) => [part, weights[i]!])) }
  }
  const method = methods.get(name)
  if (!method && needs[name] !== undefined) throw new UsageError(`--method ${name} needs ${needs[name]}`)
  if (!method) throw new UsageError(`--method is one of ${methodNames.join(', ')}, not '${name}'`)
  if (size > method.mostItems)
    throw new UsageError(`--method ${name} is for up to ${method.mostItems} items, not ${size}`)
  return { scorer: await method.fit(interactions) }
}
