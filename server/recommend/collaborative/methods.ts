import { UsageError } from '../../errors.ts'
import { type Attributes, contentScorer } from './attributes.ts'
import { easeScorer } from './ease.ts'
import { type Fit, fitHybrid } from './hybrid.ts'
import { alsScorer } from './implicit-factors.ts'
import type { Interactions } from './interactions.ts'
import { itemNeighbourScorer, popularityScorer, userNeighbourScorer } from './neighbours.ts'
import { mostItems, nextItemScorer } from './next-item.ts'
import { bprScorer } from './pairwise-factors.ts'
import type { Scorer } from './scorer.ts'

export interface MethodOptions {
  readonly attributes: Attributes | undefined
  readonly seed: number
}

/** More factors than items would describe noise. */
const factorsOf = ({ items }: Interactions): number => Math.max(1, Math.min(64, Math.floor(items.length / 2)))

/** Ways to rank items, by name. */
const methods = (seed: number) =>
  ({
    popular: popularityScorer,
    'user-user': userNeighbourScorer,
    'item-item': itemNeighbourScorer,
    als: (given) => alsScorer(given, { factors: factorsOf(given), sweeps: 15, alpha: 5, lambda: 50, seed }),
    ease: (given) => easeScorer(given, 300),
    'next-item': nextItemScorer,
    bpr: (given) => bprScorer(given, { factors: 32, epochs: 20, rate: 0.05, lambda: 0.01, seed }),
  }) satisfies Readonly<Record<string, Fit>>

export const methodNames = [...Object.keys(methods(0)), 'content', 'hybrid'] as const

/**
 * Fit a method. `next-item` is for catalogues of few items, as a bank's products are. A hybrid is made of all but `bpr`, which learns from random pairs for long and adds nothing beside the others.
 * @returns how it scores; a hybrid's weights by method as well.
 * @throws {UsageError} for a method that there is not, or one that needs to know something of the items.
 */
export async function fitMethod(
  name: string,
  interactions: Interactions,
  { attributes, seed }: MethodOptions,
): Promise<{ readonly scorer: Scorer; readonly weights?: Readonly<Record<string, number>> }> {
  const { bpr, ...all } = methods(seed)
  const { 'next-item': _, ...large } = all
  const isSmall = interactions.items.length <= mostItems
  const parts = isSmall ? all : large
  const content: Fit | undefined = attributes && ((given) => contentScorer(given, attributes))
  const single: Readonly<Record<string, Fit>> = { ...parts, bpr, ...(content && { content }) }
  if (name === 'hybrid') {
    const used = { ...parts, ...(content && { content }) }
    const { scorer, weights } = await fitHybrid(interactions, Object.values(used), seed)
    return { scorer, weights: Object.fromEntries(Object.keys(used).map((part, i) => [part, weights[i]!])) }
  }
  if (name === 'next-item' && !isSmall)
    throw new UsageError(`--method next-item is for up to ${mostItems} items, not ${interactions.items.length}`)
  if (name === 'content' && !content) throw new UsageError('--method content needs --items')
  if (!Object.hasOwn(single, name)) throw new UsageError(`--method is one of ${methodNames.join(', ')}, not '${name}'`)
  return { scorer: await single[name]!(interactions) }
}
