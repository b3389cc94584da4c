import { type InferenceRequest, lengthBytes } from './inference-request.ts'
import type { Inferred, ServedModel } from './ports.ts'

/** A reply as it goes out. */
export interface InferenceReply {
  readonly body: Buffer
  /** Length of the JSON object, where bytes of tensors follow it. */
  readonly headerLength: number | undefined
}

type Tensor = Inferred['outputs'][string]

/** The outputs that were asked for, each in JSON or, behind the JSON object, in binary. */
export function writeInferenceReply(
  model: Pick<ServedModel, 'name' | 'outputs'>,
  { version, outputs }: Pick<Inferred, 'version' | 'outputs'>,
  { id, count, outputs: wanted }: Pick<InferenceRequest, 'id' | 'count' | 'outputs'>,
): InferenceReply {
  const blobs: Buffer[] = []
  const tensors = wanted.map(({ name, binary }) => {
    const tensor = outputs[name] ?? []
    const known = model.outputs.find((output) => output.name === name)
    // The width is that of this version: what was described may be of the one before.
    const shape = [count, ...(known?.shape ?? []).map(() => tensor.length / count)]
    const facts = { name, datatype: known?.datatype, shape }
    if (!binary) return { ...facts, data: [...tensor] }
    const blob = bytesOf(tensor)
    blobs.push(blob)
    return { ...facts, parameters: { binary_data_size: blob.length } }
  })
  const said = { model_name: model.name, model_version: version, ...(id !== undefined && { id }), outputs: tensors }
  const json = Buffer.from(JSON.stringify(said))
  return blobs.length === 0
    ? { body: json, headerLength: undefined }
    : { body: Buffer.concat([json, ...blobs]), headerLength: json.length }
}

/** Little-endian and row-major, as the extension wants it and as the platforms of ONNX Runtime have it. */
function bytesOf(tensor: Tensor): Buffer {
  if (tensor instanceof Float32Array) return Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength)
  return Buffer.concat(
    tensor.flatMap((text) => {
      const bytes = Buffer.from(text)
      const length = Buffer.alloc(lengthBytes)
      length.writeUInt32LE(bytes.length)
      return [length, bytes]
    }),
  )
}
