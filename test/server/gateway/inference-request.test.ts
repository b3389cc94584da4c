import { describe, expect, it } from 'vitest'
import { writeInferenceReply } from '../../../server/gateway/inference-reply.ts'
import { readInferenceRequest } from '../../../server/gateway/inference-request.ts'
import type { TensorFacts } from '../../../server/gateway/ports.ts'

const tensor = (name: string, datatype: 'BYTES' | 'FP32', ...shape: number[]): TensorFacts => ({
  name,
  datatype,
  shape,
})
const model = {
  name: 'pair',
  inputs: [tensor('text', 'BYTES'), tensor('other', 'BYTES')],
  outputs: [tensor('label', 'BYTES'), tensor('scores', 'FP32', 3)],
}
const one = { ...model, inputs: model.inputs.slice(0, 1) }

const input = (data: unknown, more: object = {}, name = 'text') => ({
  ...{ name, datatype: 'BYTES', shape: [Array.isArray(data) ? data.length : 1], data },
  ...more,
})
const read = (request: unknown, of: Pick<typeof model, 'inputs' | 'outputs'> = one) =>
  readInferenceRequest(Buffer.from(JSON.stringify(request)), undefined, of)

/** A BYTES tensor in binary. */
const packed = (...texts: (string | Buffer)[]): Buffer =>
  Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text)
      return [Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]
    }),
  )
const binary = (blob: Buffer, n: number, name = 'text') => ({
  ...{ name, datatype: 'BYTES', shape: [n], parameters: { binary_data_size: blob.length } },
})
function readBinary(inputs: object[], blob: Buffer, more: object = {}, of = one, length?: string) {
  const json = Buffer.from(JSON.stringify({ inputs, ...more }))
  return readInferenceRequest(Buffer.concat([json, blob]), length ?? String(json.length), of)
}

describe('a request', () => {
  it('in JSON gives its texts as they are, and all outputs unless it names some', () => {
    const texts = [' where is my card? ', '\u{1f600}', '怎么办', '\ufeffa\u0000b']
    expect(read({ id: 'x', inputs: [input(texts)] })).toEqual({
      ...{ id: 'x', count: 4, inputs: { text: texts } },
      outputs: [
        { name: 'label', binary: false },
        { name: 'scores', binary: false },
      ],
    })
    const asked = read({ inputs: [input(['a'])], outputs: [{ name: 'scores', parameters: { binary_data: true } }] })
    expect(asked.outputs).toEqual([{ name: 'scores', binary: true }])
  })

  it('in binary gives the same texts, in the order of its inputs', () => {
    const texts = ['where?', '怎么办', '\ufeffa\u0000b']
    const [first, second] = [packed(...texts), packed('x', 'y', 'z')]
    const inputs = [binary(second, 3, 'other'), binary(first, 3)]
    const asked = readBinary(
      inputs,
      Buffer.concat([second, first]),
      { parameters: { binary_data_output: true } },
      model,
    )
    expect(asked.inputs).toEqual({ text: texts, other: ['x', 'y', 'z'] })
    expect(asked.outputs).toEqual([
      { name: 'label', binary: true },
      { name: 'scores', binary: true },
    ])
    const mixed = readBinary([input(['p'], {}, 'other'), binary(packed('q'), 1)], packed('q'), {}, model)
    expect(mixed.inputs).toEqual({ text: ['q'], other: ['p'] })
    const outputs = [{ name: 'label', parameters: { binary_data: false } }]
    const parameters = { binary_data_output: true }
    expect(readBinary([binary(packed('q'), 1)], packed('q'), { outputs, parameters }).outputs).toEqual([
      { name: 'label', binary: false },
    ])
  })

  it.each<[string, unknown, string]>([
    ['no object', [], 'body is missing or not valid'],
    ['no inputs', {}, 'inputs is missing'],
    ['an id that is no string', { id: 7, inputs: [input(['a'])] }, 'id is missing or not valid'],
    ['an input that there is not', { inputs: [input(['a'], {}, 'image')] }, 'inputs.0.name has to be text'],
    ['an input twice', { inputs: [input(['a']), input(['a'])] }, 'inputs.1.name is there twice'],
    ['numbers', { inputs: [input([1])] }, 'inputs.0.data.0 is missing or not valid'],
    ['another datatype', { inputs: [input(['a'], { datatype: 'FP32' })] }, 'inputs.0.datatype has to be BYTES'],
    ['two dimensions', { inputs: [input(['a'], { shape: [1, 1] })] }, 'inputs.0.shape has to be [n]'],
    [
      'a shape that does not fit',
      { inputs: [input(['a'], { shape: [2] })] },
      'inputs.0 has 1 elements, its shape says 2',
    ],
    ['no text', { inputs: [input([])] }, 'inputs.0.shape has to be [n], n from 1 to 64'],
    ['too many texts', { inputs: [input(Array(65).fill('a'))] }, 'inputs.0.data is missing or not valid'],
    ['many wrong texts', { inputs: [input(Array(400_000).fill(1))] }, 'inputs.0.data is missing or not valid'],
    ['many wrong inputs', { inputs: Array(400_000).fill({}) }, 'inputs is missing or not valid'],
    [
      'many wrong outputs',
      { inputs: [input(['a'])], outputs: Array(400_000).fill(0) },
      'outputs is missing or not valid',
    ],
    [
      'many dimensions',
      { inputs: [input(['a'], { shape: Array(9).fill(1) })] },
      'inputs.0.shape is missing or not valid',
    ],
    ['lists that are none', { inputs: [input({ length: 65 }), 7, null] }, 'inputs.0.data is missing or not valid'],
    ['an empty text', { inputs: [input(['a', ' \n'])] }, 'inputs.0.data.1 is empty or not Unicode'],
    ['half a character', { inputs: [input(['\ud83d'])] }, 'inputs.0.data.0 is empty or not Unicode'],
    ['a text too long', { inputs: [input(['a'.repeat(4_001)])] }, 'inputs.0.data.0 is longer than 4000 characters'],
    ['neither data nor bytes', { inputs: [input(undefined)] }, 'inputs.0 has to have either data or binary_data_size'],
    [
      'data and bytes',
      { inputs: [input(['a'], { parameters: { binary_data_size: 0 } })] },
      'inputs.0 has to have either data or binary_data_size',
    ],
    [
      'an unknown output',
      { inputs: [input(['a'])], outputs: [{ name: 'logits' }] },
      'outputs.0.name has to be label or',
    ],
    [
      'an output twice',
      { inputs: [input(['a'])], outputs: [{ name: 'label' }, { name: 'label' }] },
      'outputs.1.name is there twice',
    ],
    [
      'the classification extension',
      { inputs: [input(['a'])], outputs: [{ name: 'scores', parameters: { classification: 3 } }] },
      'outputs.0.parameters.classification is not offered',
    ],
  ])('with %s is refused by name', (_, request, message) => {
    expect(() => read(request)).toThrow(message)
  })

  it('needs all inputs, of one length', () => {
    expect(() => read({ inputs: [input(['a'])] }, model)).toThrow('inputs lack other')
    expect(() => read({ inputs: [input(['a']), input(['b', 'c'], {}, 'other')] }, model)).toThrow(
      'inputs.1.shape has to be that of the other input',
    )
  })

  it.each<[string, () => unknown, string]>([
    ['no JSON', () => readInferenceRequest(Buffer.from('{'), undefined, one), 'not a JSON object'],
    ['no body', () => readInferenceRequest(Buffer.alloc(0), undefined, one), 'not a JSON object'],
    [
      'JSON that is not UTF-8',
      () => readInferenceRequest(Buffer.from([0x22, 0xff, 0x22]), undefined, one),
      'not a JSON',
    ],
    ['a header length beyond the body', () => readBinary([], Buffer.alloc(0), {}, one, '999'), 'within the body'],
    ['a header length that is no number', () => readBinary([], Buffer.alloc(0), {}, one, '-1'), 'within the body'],
    ['a size beyond the body', () => readBinary([binary(packed('abc'), 1)], packed('a')), 'goes beyond the body'],
    ['bytes that belong to nobody', () => readBinary([input(['a'])], packed('a')), 'have 0 bytes in binary'],
    [
      'an element cut off',
      () => readBinary([binary(Buffer.from([1, 0]), 1)], Buffer.from([1, 0])),
      'goes beyond its bytes',
    ],
    [
      'an element that claims too much',
      () => readBinary([binary(Buffer.alloc(8, 0xff), 1)], Buffer.alloc(8, 0xff)),
      'goes beyond its bytes',
    ],
    [
      'an element that is not UTF-8',
      () => readBinary([binary(packed(Buffer.from([0xc3])), 1)], packed(Buffer.from([0xc3]))),
      'inputs.0.data.0 is not UTF-8',
    ],
    [
      'too many elements',
      () => readBinary([binary(Buffer.alloc(260), 65)], Buffer.alloc(260)),
      'inputs.0.shape has to be [n], n from 1 to 64',
    ],
    ['fewer elements', () => readBinary([binary(packed('a'), 2)], packed('a')), 'has 1 elements, its shape says 2'],
  ])('in binary with %s is refused', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

describe('a reply', () => {
  const outputs = { label: ['é', ''], scores: Float32Array.of(0.5, 0.25, 0.25, 1, 0, 0) }
  const reply = (binary: { label: boolean; scores: boolean }) =>
    writeInferenceReply(
      model,
      { version: '3', outputs },
      {
        ...{ id: 'x', count: 2 },
        outputs: [
          { name: 'scores', binary: binary.scores },
          { name: 'label', binary: binary.label },
        ],
      },
    )
  const facts = { model_name: 'pair', model_version: '3', id: 'x' }

  it('holds what was asked for, in that order', () => {
    const { body, headerLength } = reply({ label: false, scores: false })
    expect(headerLength).toBeUndefined()
    expect(JSON.parse(body.toString())).toEqual({
      ...facts,
      outputs: [
        { name: 'scores', datatype: 'FP32', shape: [2, 3], data: [0.5, 0.25, 0.25, 1, 0, 0] },
        { name: 'label', datatype: 'BYTES', shape: [2], data: ['é', ''] },
      ],
    })
  })

  it('holds bytes behind the JSON object', () => {
    const { body, headerLength } = reply({ label: true, scores: true })
    expect(JSON.parse(body.subarray(0, headerLength).toString())).toEqual({
      ...facts,
      outputs: [
        { name: 'scores', datatype: 'FP32', shape: [2, 3], parameters: { binary_data_size: 24 } },
        { name: 'label', datatype: 'BYTES', shape: [2], parameters: { binary_data_size: 10 } },
      ],
    })
    const rest = body.subarray(headerLength)
    expect([...Array(6).keys()].map((i) => rest.readFloatLE(4 * i))).toEqual([0.5, 0.25, 0.25, 1, 0, 0])
    expect(rest.subarray(24)).toEqual(packed('é', ''))
  })
})
