import type { Interval } from './bootstrap.ts'

/** Of the normal distribution: 95 % lie within so many standard deviations. */
const z = 1.959963984540054

/**
 * 95 % interval of a share of `n` items, which holds also near 0 and 1 and for few items.
 * Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).
 * @param share 0 to 1. @throws {RangeError} for another share, or no items.
 */
export function wilsonInterval(share: number, n: number): Interval {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share must be within 0 and 1, got ${share}`)
  if (!(n > 0)) throw new RangeError(`n must be above 0, got ${n}`)
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n)
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}

/**
 * 95 % interval of an F1 score: F = 2J/(1 + J), where J is the share of right ones among all `pairs` that are true or said, so
 * Wilson's interval of J gives that of F. @param f1 0 to 1. @throws {RangeError} as {@link wilsonInterval}.
 */
export function f1Interval(f1: number, pairs: number): Interval {
  const [low, high] = wilsonInterval(f1 / (2 - f1), pairs)
  return [(2 * low) / (1 + low), (2 * high) / (1 + high)]
}

/**
 * 95 % interval of an area under the ROC curve, by the normal distribution.
 * Source: Hanley & McNeil, The meaning and use of the area under a receiver operating characteristic curve (1982).
 * @param auc 0 to 1. @throws {RangeError} for another area, or a class without items.
 */
export function aucInterval(auc: number, positives: number, negatives: number): Interval {
  if (!(auc >= 0 && auc <= 1)) throw new RangeError(`auc must be within 0 and 1, got ${auc}`)
  if (!(positives > 0 && negatives > 0)) throw new RangeError('both classes need items')
  const [twoPositives, twoNegatives] = [auc / (2 - auc) - auc ** 2, (2 * auc ** 2) / (1 + auc) - auc ** 2]
  const spread = auc * (1 - auc) + (positives - 1) * twoPositives + (negatives - 1) * twoNegatives
  const half = z * Math.sqrt(spread / (positives * negatives))
  return [Math.max(0, auc - half), Math.min(1, auc + half)]
}

/**
 * How probable it is that two classifiers that are right equally often disagree at least as unevenly as these do: McNemar's
 * test, exact and two-sided (twice the smaller tail of the binomial distribution).
 * Sources: McNemar, Note on the sampling error of the difference between correlated proportions (1947); Fay, Two-sided exact
 * tests and matching confidence intervals for discrete data (2010).
 * @param onlyFirst items that only the first has right. @param onlySecond those that only the second has right.
 * @returns p, 0 to 1; 1 where they never disagree. @throws {RangeError} for what is no count.
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  for (const count of [onlyFirst, onlySecond])
    if (!(Number.isInteger(count) && count >= 0))
      throw new RangeError(`counts must be whole and not negative, got ${count}`)
  const n = onlyFirst + onlySecond
  const smaller = Math.min(onlyFirst, onlySecond)
  // In logarithms, as 2^-n is 0 from n = 1,075 on.
  let [logTerm, tail] = [-n * Math.LN2, 0]
  for (let k = 0; k <= smaller; k++) {
    tail += Math.exp(logTerm)
    logTerm += Math.log((n - k) / (k + 1))
  }
  return Math.min(1, 2 * tail)
}
