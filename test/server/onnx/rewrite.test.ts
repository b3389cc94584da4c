import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createGraph } from '../../../server/onnx/graph.ts'
import { rewriteModel } from '../../../server/onnx/rewrite.ts'
import { scalar, tensor } from '../../../server/onnx/tensor.ts'

/** y = 2 · x + 1 */
function line(): Uint8Array {
  const graph = createGraph('line')
  const scaled = graph.node('Mul', [graph.input('x', 'float32', [1, 2]), graph.init('two', scalar(2))], 'scaled')
  graph.output(
    graph.node('Add', [scaled, graph.init('one', tensor(Float32Array.of(1, 1), [1, 2]))], 'y'),
    'float32',
    [1, 2],
  )
  return graph.finish({ opset: 18, ir: 8, metadata: { made: 'here' } })
}

async function run(file: Uint8Array): Promise<number[]> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 })
  const results = await session.run({ x: new Tensor('float32', Float32Array.of(3, 5), [1, 2]) })
  await session.release()
  return Array.from(results.y!.data as Float32Array) // declared as float32 above
}

describe('an ONNX file that is rewritten', () => {
  it('is the same to the byte where nothing is replaced', () => {
    const seen: string[] = []
    const same = rewriteModel(line(), {
      constant: (name, read) => {
        seen.push(`${name} ${read().type} [${read().dims}]`)
        return undefined
      },
      node: ({ operator, inputs, outputs }) => {
        seen.push(`${operator} ${inputs} → ${outputs}`)
        return undefined
      },
    })
    expect(same).toEqual(line())
    expect(seen.sort()).toEqual(['Add scaled,one → y', 'Mul x,two → scaled', 'one float32 [1,2]', 'two float32 []'])
  })

  it('runs with other constants, and with several nodes instead of one', async () => {
    const changed = rewriteModel(line(), {
      constant: (name) =>
        name === 'one'
          ? new Map([
              ['one', tensor(Float32Array.of(10, 20), [1, 2])],
              ['half', scalar(0.5)],
            ])
          : undefined,
      node: ({ operator, inputs, outputs }) =>
        operator === 'Mul'
          ? [
              { operator: 'Mul', inputs, outputs: ['doubled'] },
              { operator: 'Mul', inputs: ['doubled', 'half'], outputs: ['halved'] },
              { operator: 'Concat', inputs: ['halved'], outputs, attributes: { axis: 1 } },
            ]
          : undefined,
    })
    expect(await run(line())).toEqual([7, 11])
    expect(await run(changed)).toEqual([13, 25])
  })

  it('is refused where it is cut off, or is none', () => {
    const keep = { constant: () => undefined, node: () => undefined }
    const file = line()
    for (const length of [1, 5, file.length - 1]) {
      expect(() => rewriteModel(file.subarray(0, length), keep)).toThrow(RangeError)
    }
    expect(() => rewriteModel(Uint8Array.of(15, 255, 255), keep)).toThrow(RangeError)
    expect(() => rewriteModel(new Uint8Array(20).fill(255), keep)).toThrow(RangeError)
  })
})
