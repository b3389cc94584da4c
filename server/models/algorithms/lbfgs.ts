import { createVectorSpace, type VectorSpace } from '../../math/vector-space.ts'

/** Value and gradient of a function at `point`. The gradient belongs to the caller, the point may be reused. */
export type Objective = (point: Float32Array) => Promise<{ readonly value: number; readonly gradient: Float32Array }>

export interface MinimiseOptions {
  /** Steps at most. */
  readonly maxIterations: number
  /** Done when no part of the gradient is larger than this. */
  readonly tolerance: number
  readonly onIteration?: (iteration: number, value: number) => void
}

export interface Minimum {
  readonly point: Float32Array
  readonly value: number
  readonly iterations: number
}

/** A step that was taken and how the gradient changed over it. */
interface Pair {
  readonly step: Float32Array
  readonly change: Float32Array
  /** 1 / (step · change). */
  inverse: number
}

/** Corrections that are remembered; more cost memory (two vectors each) and gain little on convex problems. */
const memory = 6
/** Sufficient decrease of Armijo's rule. */
const decrease = 1e-4
const maxHalvings = 20
/** Done when this many steps together gained less than this share of the value: what is left changes no answer. */
const patience = 5
const smallestGain = 5e-4

/** What a run works with. All vectors are of one space, and are used over and over. */
interface Work {
  readonly f: Objective
  readonly space: VectorSpace
  readonly point: Float32Array
  readonly gradient: Float32Array
  readonly candidate: Float32Array
  readonly direction: Float32Array
  /** Oldest first. */
  readonly pairs: Pair[]
  readonly spare: Pair[]
}

/**
 * Minimise a smooth function: limited-memory BFGS with backtracking. Deterministic.
 * Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5.
 * @param start is not changed.
 * @throws {RangeError} if the function is not finite at the start.
 */
export async function minimise(f: Objective, start: Float32Array, options: MinimiseOptions): Promise<Minimum> {
  const work = createWork(f, start.length)
  work.point.set(start)
  const first = await f(work.point)
  let { value } = first
  if (!Number.isFinite(value)) throw new RangeError('the loss is not finite: features or penalty are out of range')
  work.gradient.set(first.gradient)
  const values = [value]
  let iterations = 0
  while (iterations < options.maxIterations && largest(work.gradient) > options.tolerance) {
    turn(work)
    const next = await lineSearch(work, value)
    if (!next) break
    remember(work, next.gradient)
    value = next.value
    iterations++
    options.onIteration?.(iterations, value)
    const before = values.unshift(value) > patience ? values.pop()! : Number.POSITIVE_INFINITY
    if (before - value < smallestGain * Math.abs(value)) break
  }
  return { point: work.point.slice(), value, iterations }
}

function createWork(f: Objective, size: number): Work {
  const space = createVectorSpace(size, 4 + 2 * (memory + 1))
  const [point, gradient, candidate, direction] = [space.create(), space.create(), space.create(), space.create()]
  // One more than is remembered: a correction is measured before it is known whether it will be kept.
  const spare = Array.from({ length: memory + 1 }, () => ({ step: space.create(), change: space.create(), inverse: 0 }))
  return { f, space, point, gradient, candidate, direction, pairs: [], spare }
}

/**
 * Halve the step until the value falls enough; the candidate is then where it ends.
 * @returns undefined if it never does: the minimum, as far as float32 can tell.
 */
async function lineSearch({ f, space, point, gradient, candidate, direction, pairs }: Work, value: number) {
  const slope = space.inner(direction, gradient)
  // Without any correction the gradient's length says nothing of the distance: one unit is a careful start.
  let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1
  for (let halving = 0; halving < maxHalvings; halving++, length /= 2) {
    candidate.set(point)
    space.addScaled(candidate, direction, length)
    const there = await f(candidate)
    if (there.value <= value + decrease * length * slope) return there
  }
  return undefined
}

/** direction = −H · gradient, by the two-loop recursion. */
function turn({ space, gradient, direction, pairs }: Work): void {
  direction.fill(0)
  space.addScaled(direction, gradient, -1)
  const alphas = new Float64Array(pairs.length)
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, inverse } = pairs[i]!
    alphas[i] = inverse * space.inner(step, direction)
    space.addScaled(direction, change, -alphas[i]!)
  }
  const last = pairs.at(-1)
  if (last) scale(direction, 1 / (last.inverse * space.inner(last.change, last.change)))
  pairs.forEach(({ step, change, inverse }, i) => {
    space.addScaled(direction, step, alphas[i]! - inverse * space.inner(change, direction))
  })
}

/** Go to the candidate; keep the correction unless it would make the model of the curvature indefinite. */
function remember({ space, point, gradient, candidate, pairs, spare }: Work, next: Float32Array): void {
  const pair = spare.pop()! // there is always one: see createWork
  pair.step.set(candidate)
  space.addScaled(pair.step, point, -1)
  point.set(candidate)
  pair.change.fill(0)
  space.addScaled(pair.change, gradient, -1)
  gradient.set(next)
  space.addScaled(pair.change, gradient, 1)
  const curvature = space.inner(pair.step, pair.change)
  if (!(curvature > 1e-10 * space.inner(pair.change, pair.change))) return void spare.push(pair)
  pair.inverse = 1 / curvature
  pairs.push(pair)
  if (pairs.length > memory) spare.push(pairs.shift()!)
}

// Plain loops: these run over millions of numbers a step, and a callback per number costs ten times as much.

function scale(target: Float32Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! *= factor
}

function largest(values: Float32Array): number {
  let most = 0
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!)
    if (size > most) most = size
  }
  return most
}
