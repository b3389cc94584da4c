import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createGraph, float, floats } from '../../../server/onnx/graph.ts'
import { bool, int64, scalar, tensor } from '../../../server/onnx/tensor.ts'

/** Loads `file` in ONNX Runtime and runs it on one float32 row. */
async function run(file: Uint8Array, row: readonly number[]) {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 })
  const results = await session.run({ x: new Tensor('float32', Float32Array.from(row), [1, row.length]) })
  await session.release()
  return results
}

describe('an ONNX graph written here', () => {
  it('runs in ONNX Runtime: constants, several outputs, every kind of attribute', async () => {
    const graph = createGraph('kinds')
    const x = graph.input('x', 'float32', ['rows', 4])
    const sizes = graph.init('sizes', int64([1, 3]))
    const [first, rest] = graph.node('Split', [x, sizes], ['first', 'rest'], { axis: -1 })
    const steep = graph.node('LeakyRelu', [first], 'steep', { alpha: float(0.5) })
    const table = graph.node('Constant', [], 'table', { value: tensor(Float32Array.of(10, 20, 30), [1, 3]) })
    const ramp = graph.node('Constant', [], 'ramp', { value_floats: floats([0.25, 0.5, 1]) })
    const axes = graph.node('Constant', [], 'axes', { value_ints: [0, -1] })
    const scaled = graph.node('Mul', [graph.node('Add', [rest, table], 'sum'), ramp], 'scaled')
    graph.node('ReduceSum', [graph.node('Mul', [scaled, graph.init('half', scalar(0.5))], 'halved'), axes], 'total')
    graph.node('Where', [graph.init('pick', bool([true, false, true])), scaled, rest], 'picked')
    graph.output(steep, 'float32', ['rows', 1])
    graph.output('total', 'float32', [1, 1])
    graph.output('picked', 'float32', ['rows', 3])
    const results = await run(graph.finish({ opset: 18, ir: 8 }), [-2, 1, 2, 3])
    expect(results.steep?.data).toEqual(Float32Array.of(-1))
    expect(results.picked?.data).toEqual(Float32Array.of(2.75, 2, 33))
    expect(results.total?.data).toEqual(Float32Array.of((2.75 + 11 + 33) / 2))
  })

  it('takes operators of another domain, and lists of strings', async () => {
    const graph = createGraph('labels')
    const x = graph.input('x', 'float32', [1, 'n'])
    graph.node('ArgMax', [x], 'best', { axis: 1, keepdims: 0 })
    graph.node('LabelEncoder', ['best'], 'code', { keys_int64s: [0, 1], values_strings: ['no', 'yes'] }, 'ai.onnx.ml')
    graph.node(
      'LabelEncoder',
      ['code'],
      'y',
      { keys_strings: ['no', 'yes'], values_floats: floats([7, 8]) },
      'ai.onnx.ml',
    )
    graph.output('y', 'float32', [1])
    const file = graph.finish({ opset: 18, ir: 8, domains: { 'ai.onnx.ml': 3 }, metadata: { made: 'here' } })
    expect((await run(file, [0.1, 0.9])).y?.data).toEqual(Float32Array.of(8))
  })

  it('gives the same bytes for the same calls', () => {
    const build = () => {
      const graph = createGraph('twice')
      graph.node('Add', [graph.input('x', 'float32', [1, 2]), graph.init('one', scalar(1))], 'y')
      graph.output('y', 'float32', [1, 2])
      return graph.finish({ opset: 18, ir: 8, metadata: { a: '1', b: '2' } })
    }
    expect(build()).toEqual(build())
  })

  it('refuses a name that is not defined yet, and one that is taken', () => {
    const graph = createGraph('names')
    graph.input('x', 'float32', [1])
    expect(() => graph.node('Relu', ['y'], 'z')).toThrow(/'y' is used before it is defined in graph names/)
    expect(() => graph.node('Relu', ['x'], 'x')).toThrow(RangeError)
    expect(() => graph.init('x', scalar(1))).toThrow(RangeError)
    expect(() => graph.output('nowhere', 'float32', [1])).toThrow(RangeError)
    expect(() => graph.finish({ opset: 18, ir: 8 })).toThrow(/no output/)
  })

  it('refuses numbers that ONNX cannot hold', () => {
    const graph = createGraph('numbers')
    graph.input('x', 'float32', [1])
    expect(() => graph.node('Relu', ['x'], 'y', { axis: 0.5 })).toThrow(/0.5 is not a whole number/)
    expect(() => tensor(Float32Array.of(1, 2, 3), [2, 2])).toThrow(/do not hold 3 values/)
    expect(() => int64([1.5])).toThrow(RangeError)
  })
})
