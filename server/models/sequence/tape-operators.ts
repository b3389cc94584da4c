import { dataTypes, scalar } from '../../onnx/tensor.ts'
import type { Parameter, Tape, Value } from './tape.ts'

const valued = (name: string, rows: number, columns: number): Value => ({ name, rows, columns })

/** x · weights + bias. */
export function affine(tape: Tape, x: Value, weights: Parameter, bias?: Parameter): Value {
  const factors = [x.name, weights.name, ...(bias ? [bias.name] : [])]
  const y = valued(tape.op('Gemm', factors), x.rows, weights.columns)
  tape.onSlopes([y], ([slope]) => {
    tape.used(weights, x.name, slope!)
    if (bias) tape.used(bias, undefined, slope!)
    tape.contribute(x, tape.op('Gemm', [slope!, weights.name], { transB: 1 }))
  })
  return y
}

export function add(tape: Tape, a: Value, b: Value): Value {
  const y = valued(tape.op('Add', [a.name, b.name]), a.rows, a.columns)
  tape.onSlopes([y], ([slope]) => {
    tape.contribute(a, slope!)
    tape.contribute(b, slope!)
  })
  return y
}

/** Product of each entry with the other's. */
export function multiply(tape: Tape, a: Value, b: Value): Value {
  const y = valued(tape.op('Mul', [a.name, b.name]), a.rows, a.columns)
  tape.onSlopes([y], ([slope]) => {
    tape.contribute(a, tape.op('Mul', [slope!, b.name]))
    tape.contribute(b, tape.op('Mul', [slope!, a.name]))
  })
  return y
}

/** An operator on each entry, with its derivative written in what came out. */
function pointwise(operator: string, derivative: (tape: Tape, y: string) => string) {
  return (tape: Tape, x: Value): Value => {
    const y = valued(tape.op(operator, [x.name]), x.rows, x.columns)
    tape.onSlopes([y], ([slope]) => tape.contribute(x, tape.op('Mul', [slope!, derivative(tape, y.name)])))
    return y
  }
}

export const sigmoid = pointwise('Sigmoid', (tape, y) => tape.op('Sub', [y, tape.op('Mul', [y, y])]))
export const tanh = pointwise('Tanh', (tape, y) => tape.op('Sub', [one(tape), tape.op('Mul', [y, y])]))
/** What comes out is never negative, so its sign is 0 or 1. */
export const relu = pointwise('Relu', (tape, y) => tape.op('Sign', [y]))

const one = (tape: Tape): string => tape.graph.init(tape.fresh(1)[0]!, scalar(1))

/** Parts of so many columns each. */
export function splitColumns(tape: Tape, x: Value, columns: readonly number[]): readonly Value[] {
  const names = tape.graph.node('Split', [x.name, tape.whole(...columns)], tape.fresh(columns.length), { axis: 1 })
  const made = columns.map((width, i) => valued(names[i]!, x.rows, width))
  tape.onSlopes(made, (slopes) => tape.contribute(x, tape.op('Concat', slopes, { axis: 1 })))
  return made
}

/** So many parts, each of as many rows. */
export function splitRows(tape: Tape, x: Value, parts: number): readonly Value[] {
  const rows = x.rows / parts
  const sizes = tape.whole(...new Array<number>(parts).fill(rows))
  const made = tape.graph
    .node('Split', [x.name, sizes], tape.fresh(parts), { axis: 0 })
    .map((name) => valued(name, rows, x.columns))
  tape.onSlopes(made, (slopes) => tape.contribute(x, tape.op('Concat', slopes, { axis: 0 })))
  return made
}

/** Columns side by side. */
export function joinColumns(tape: Tape, parts: readonly Value[]): Value {
  const widths = parts.map(({ columns }) => columns)
  const names = parts.map(({ name }) => name)
  const width = widths.reduce((sum, columns) => sum + columns, 0)
  const y = valued(tape.op('Concat', names, { axis: 1 }), parts[0]!.rows, width)
  tape.onSlopes([y], ([slope]) => {
    const slopes = tape.graph.node('Split', [slope!, tape.whole(...widths)], tape.fresh(parts.length), { axis: 1 })
    for (const [i, part] of parts.entries()) tape.contribute(part, slopes[i]!)
  })
  return y
}

/** The rows from `from` up to, not including, `to`. */
export function sliceRows(tape: Tape, x: Value, from: number, to: number): Value {
  const bounds = [tape.whole(from), tape.whole(to), tape.whole(0)]
  const y = valued(tape.op('Slice', [x.name, ...bounds]), to - from, x.columns)
  tape.onSlopes([y], ([slope]) => {
    tape.contribute(x, tape.op('Pad', [slope!, tape.whole(from, 0, x.rows - to, 0)]))
  })
  return y
}

/** The greatest of what stands at the same place in `parts` pieces of rows; of several greatest, each counts on the way back. */
export function maxOver(tape: Tape, x: Value, parts: number): Value {
  const rows = x.rows / parts
  const cube = tape.op('Reshape', [x.name, tape.whole(parts, rows, x.columns)])
  const y = valued(tape.op('ReduceMax', [cube, tape.whole(0)], { keepdims: 0 }), rows, x.columns)
  tape.onSlopes([y], ([slope]) => {
    const isGreatest = tape.op('Cast', [tape.op('Equal', [cube, y.name])], { to: dataTypes.float32 })
    tape.contribute(x, tape.op('Reshape', [tape.op('Mul', [isGreatest, slope!]), tape.whole(x.rows, x.columns)]))
  })
  return y
}

/**
 * The weighted cross-entropy, where the way back begins.
 * @param logits one column: of the second of two classes (sigmoid); more: one a class (softmax).
 * @param targets as logits, 0 or 1. @param weights [rows, 1], summing to 1; rows of weight 0 are as if they were not there.
 * @returns the name of the loss, a scalar.
 */
export function crossEntropy(tape: Tape, logits: Value, targets: Value, weights: Value): string {
  const isBinary = logits.columns === 1
  tape.onStart(() => {
    const said = isBinary ? tape.op('Sigmoid', [logits.name]) : tape.op('Softmax', [logits.name], { axis: 1 })
    tape.contribute(logits, tape.op('Mul', [tape.op('Sub', [said, targets.name]), weights.name]))
  })
  const losses = isBinary ? binaryLosses(tape, logits, targets) : categoricalLosses(tape, logits, targets)
  return tape.op('ReduceSum', [tape.op('Mul', [losses, weights.name])], { keepdims: 0 })
}

/** log(1 + e^z) − y·z of each row. */
function binaryLosses(tape: Tape, logits: Value, targets: Value): string {
  return tape.op('Sub', [tape.op('Softplus', [logits.name]), tape.op('Mul', [targets.name, logits.name])])
}

/** −Σ y·log softmax(z) of each row. */
function categoricalLosses(tape: Tape, logits: Value, targets: Value): string {
  const product = tape.op('Mul', [tape.op('LogSoftmax', [logits.name], { axis: 1 }), targets.name])
  return tape.op('Neg', [tape.op('ReduceSum', [product, tape.whole(1)], { keepdims: 1 })])
}
