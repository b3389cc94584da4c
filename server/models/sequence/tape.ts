import type { Attribute, Graph } from '../../onnx/graph.ts'
import { int64, tensor } from '../../onnx/tensor.ts'

/** A matrix of float32 in a graph under construction. */
export interface Value {
  readonly name: string
  readonly rows: number
  readonly columns: number
}

/** Something learnt: an input of the graph, handed in at every step. Nothing else may have its type. */
export interface Parameter extends Value {
  readonly learnt: true
}

/**
 * Writes a computation into an ONNX graph and remembers how to go back, so that the graph gives its gradients, too:
 * reverse-mode differentiation (Griewank & Walther, Evaluating Derivatives, 2008, chapter 3). Every shape is known when the
 * graph is written. The operators are in tape-operators.ts.
 */
export interface Tape {
  readonly graph: Graph
  parameter(name: string, rows: number, columns: number): Parameter
  input(name: string, rows: number, columns: number): Value
  /** Add a node. @returns the name of what it gives. */
  op(operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string
  /** Add whole numbers that say a shape, an axis or a bound. */
  whole(...numbers: readonly number[]): string
  /** Names that are not taken. */
  fresh(count: number): readonly string[]
  /** `slope` is a part of the gradient of `of`. */
  contribute(of: Value, slope: string): void
  /** On the way back, when all parts of the gradients of `values` are there: pass them on. Called if there is one at all. */
  onSlopes(values: readonly Value[], then: (slopes: readonly string[]) => void): void
  /** Where the way back begins. */
  onStart(then: () => void): void
  /** x · weights gave something that has this gradient. @param x none: the weights were added. */
  used(weights: Parameter, x: string | undefined, slope: string): void
  /** Go back. @returns the names of the gradients. @throws {RangeError} for what the loss does not depend on. */
  gradients(of: readonly Value[]): readonly string[]
}

/** How often a parameter was used: with what, and the gradient of what came of it. */
interface Use {
  readonly x: string | undefined
  readonly slope: string
}

/** @param graph opset 18 or later. */
export function createTape(graph: Graph): Tape {
  let count = 0
  const fresh = (many: number) => Array.from({ length: many }, () => `n${count++}`)
  const op: Tape['op'] = (operator, inputs, attributes) => graph.node(operator, inputs, fresh(1)[0]!, attributes)
  const whole: Tape['whole'] = (...numbers) => graph.init(fresh(1)[0]!, int64(numbers))
  const back: (() => void)[] = []
  const parts = new Map<string, string[]>()
  const uses = new Map<string, Use[]>()
  const push = <V>(map: Map<string, V[]>, { name }: Value, one: V) => map.set(name, [...(map.get(name) ?? []), one])
  const slopeOf = ({ name }: Value): string | undefined => {
    const found = parts.get(name)
    return found && (found.length === 1 ? found[0]! : op('Sum', found))
  }
  const zeros = ({ rows, columns }: Value) =>
    graph.init(fresh(1)[0]!, tensor(new Float32Array(rows * columns), [rows, columns]))
  const value = (name: string, rows: number, columns: number) => ({
    ...{ name: graph.input(name, 'float32', [rows, columns]), rows, columns },
  })
  return {
    graph,
    parameter: (name, rows, columns) => ({ ...value(name, rows, columns), learnt: true }),
    input: value,
    op,
    whole,
    fresh,
    contribute: (of, slope) => push(parts, of, slope),
    onSlopes: (values, then) =>
      back.push(() => {
        if (values.some(({ name }) => parts.has(name))) then(values.map((one) => slopeOf(one) ?? zeros(one)))
      }),
    onStart: (then) => back.push(then),
    used: (weights, x, slope) => push(uses, weights, { x, slope }),
    gradients(of) {
      for (const step of back.toReversed()) step()
      return of.map((one) => {
        const used = uses.get(one.name)
        const slope = used ? slopeOfUses({ op, whole }, used) : slopeOf(one)
        if (slope === undefined) throw new RangeError(`the loss does not depend on ${one.name}`)
        return slope
      })
    },
  }
}

/**
 * The gradient of a parameter that was used many times, as a recurrent layer's is: one product over all uses rather than one
 * a use, since the sum over time of xᵀ·dz is the product of all x under each other with all dz under each other.
 */
function slopeOfUses({ op, whole }: Pick<Tape, 'op' | 'whole'>, uses: readonly Use[]): string {
  const stacked = (names: readonly string[]) => (names.length === 1 ? names[0]! : op('Concat', names, { axis: 0 }))
  const slope = stacked(uses.map((use) => use.slope))
  const inputs = uses.flatMap(({ x }) => (x === undefined ? [] : [x]))
  return inputs.length === 0
    ? op('ReduceSum', [slope, whole(0)], { keepdims: 1 })
    : op('Gemm', [stacked(inputs), slope], { transA: 1 })
}
