import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createGraph } from '../../onnx/graph.ts'
import type { Features } from './features.ts'

/** The two matrix products of a step. */
export interface Products {
  /** x · weights + bias. */
  forward(x: Features, weights: Float32Array, bias: Float32Array): Promise<Float32Array>
  /** xᵀ · errors. */
  backward(x: Features, errors: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** ONNX Runtime multiplies some thirty times faster than a loop here; one thread, so that sums have one order. */
export async function createProducts(columns: number, outputs: number): Promise<Products> {
  const graph = createGraph('products')
  const x = graph.input('x', 'float32', ['rows', columns])
  const w = graph.input('w', 'float32', [columns, outputs])
  const b = graph.input('b', 'float32', [outputs])
  graph.output(graph.node('Gemm', [x, w, b], 'y'), 'float32', ['rows', outputs])
  const back = createGraph('gradient')
  const [bx, e] = [back.input('x', 'float32', ['rows', columns]), back.input('e', 'float32', ['rows', outputs])]
  back.output(back.node('Gemm', [bx, e], 'y', { transA: 1 }), 'float32', [columns, outputs])
  const open = (file: Uint8Array) => InferenceSession.create(file, { intraOpNumThreads: 1 })
  const [there, home] = await Promise.all([graph, back].map((part) => open(part.finish({ opset: 18, ir: 8 }))))
  const matrix = (data: Float32Array, dims: number[]) => new Tensor('float32', data, dims)
  const run = async (session: InferenceSession, feeds: Record<string, Tensor>) => {
    // The graph above declares y as float32.
    return (await session.run(feeds)).y!.data as Float32Array
  }
  return {
    forward: ({ dense, rows }, weights, bias) =>
      run(there!, {
        x: matrix(dense, [rows, columns]),
        w: matrix(weights, [columns, outputs]),
        b: matrix(bias, [outputs]),
      }),
    backward: ({ dense, rows }, errors) =>
      run(home!, { x: matrix(dense, [rows, columns]), e: matrix(errors, [rows, outputs]) }),
    async close() {
      await Promise.all([there!.release(), home!.release()])
    },
  }
}
