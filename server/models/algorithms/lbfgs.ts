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
  readonly inverse: number
}

/** Corrections that are remembered; more cost memory (two vectors each) and gain little on convex problems. */
const memory = 6
/** Sufficient decrease of Armijo's rule. */
const decrease = 1e-4
const maxHalvings = 20
/** Done when this many steps together gained less than this share of the value: what is left changes no answer. */
const patience = 5
const smallestGain = 5e-4

/**
 * Minimise a smooth function: limited-memory BFGS with backtracking. Deterministic.
 * Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5.
 * @param start is not changed.
 * @throws {RangeError} if the function is not finite at the start.
 */
export async function minimise(f: Objective, start: Float32Array, options: MinimiseOptions): Promise<Minimum> {
  let point = start.slice()
  let { value, gradient } = await f(point)
  if (!Number.isFinite(value)) throw new RangeError('the loss is not finite: features or penalty are out of range')
  const pairs: Pair[] = []
  const values = [value]
  let iterations = 0
  while (iterations < options.maxIterations && largest(gradient) > options.tolerance) {
    const next = await lineSearch(f, point, value, gradient, direction(gradient, pairs), pairs.length === 0)
    if (!next) break
    remember(pairs, difference(next.point, point), difference(next.gradient, gradient))
    ;({ point, value, gradient } = next)
    iterations++
    options.onIteration?.(iterations, value)
    const before = values.unshift(value) > patience ? values.pop()! : Number.POSITIVE_INFINITY
    if (before - value < smallestGain * Math.abs(value)) break
  }
  return { point, value, iterations }
}

/** Halve the step until the value falls enough. @returns undefined if it never does: the minimum, as far as float32 can tell. */
async function lineSearch(
  f: Objective,
  point: Float32Array,
  value: number,
  gradient: Float32Array,
  towards: Float32Array,
  first: boolean,
) {
  const slope = inner(towards, gradient)
  // Without any correction the gradient's length says nothing of the distance: one unit is a careful start.
  let length = first ? Math.min(1, 1 / Math.sqrt(-slope)) : 1
  const candidate = new Float32Array(point.length)
  for (let halving = 0; halving < maxHalvings; halving++, length /= 2) {
    candidate.set(point)
    addScaled(candidate, towards, length)
    const there = await f(candidate)
    if (there.value <= value + decrease * length * slope) return { point: candidate, ...there }
  }
  return undefined
}

/** −H·gradient by the two-loop recursion. */
function direction(gradient: Float32Array, pairs: readonly Pair[]): Float32Array {
  const q = gradient.slice()
  scale(q, -1)
  const alphas = new Float64Array(pairs.length)
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, inverse } = pairs[i]!
    alphas[i] = inverse * inner(step, q)
    addScaled(q, change, -alphas[i]!)
  }
  const last = pairs.at(-1)
  if (last) scale(q, 1 / (last.inverse * inner(last.change, last.change)))
  pairs.forEach(({ step, change, inverse }, i) => {
    addScaled(q, step, alphas[i]! - inverse * inner(change, q))
  })
  return q
}

/** Keep a correction unless it would make the model of the curvature indefinite. */
function remember(pairs: Pair[], step: Float32Array, change: Float32Array): void {
  const curvature = inner(step, change)
  if (!(curvature > 1e-10 * inner(change, change))) return
  pairs.push({ step, change, inverse: 1 / curvature })
  if (pairs.length > memory) pairs.shift()
}

// Plain loops: these run over millions of numbers a step, and a callback per number costs ten times as much.

function inner(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function addScaled(target: Float32Array, other: Float32Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * other[i]!
}

function scale(target: Float32Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! *= factor
}

function difference(a: Float32Array, b: Float32Array): Float32Array {
  const result = new Float32Array(a.length)
  for (let i = 0; i < a.length; i++) result[i] = a[i]! - b[i]!
  return result
}

function largest(values: Float32Array): number {
  let most = 0
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!)
    if (size > most) most = size
  }
  return most
}
