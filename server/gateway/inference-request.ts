import { z } from 'zod'
import { ProtocolError } from '../protocol/codec.ts'
import { maxTextChars } from '../protocol/limits.ts'
import { checked } from './invalid-field.ts'
import type { InferenceInputs, ServedModel } from './ports.ts'

// Requests of the Open Inference Protocol (KServe V2, kserve.github.io "Open Inference Protocol"), in JSON or with the binary
// tensor extension: then the JSON object is as long as the header says, and the tensors' bytes follow in the order of inputs.

/** Texts in one request. */
const maxBatch = 64
/** Inputs, outputs and dimensions: more than any model has. Every list is bounded, else each bad element would be named. */
const maxParts = 8
/** Of a BYTES tensor in binary: each element is led by its length, 4 bytes, little-endian. */
export const lengthBytes = 4

const inputTensor = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()).max(maxParts).describe('[n], 1 to 64'),
  datatype: z.string().describe('BYTES'),
  parameters: z.object({ binary_data_size: z.int().nonnegative().optional() }).optional(),
  data: z.array(z.string()).max(maxBatch).optional().describe('n texts, unless they come in binary'),
})
const outputTensor = z.object({
  name: z.string(),
  parameters: z
    .object({ binary_data: z.boolean().optional(), classification: z.unknown().describe('not offered').optional() })
    .optional(),
})
export const inferRequest = z.object({
  id: z.string().max(200).optional(),
  parameters: z.object({ binary_data_output: z.boolean().optional() }).optional(),
  inputs: z.array(inputTensor).min(1).max(maxParts),
  outputs: z.array(outputTensor).max(maxParts).optional().describe('default: all'),
})

/** What is asked of a model. */
export interface InferenceRequest {
  readonly id: string | undefined
  readonly inputs: InferenceInputs
  /** Texts per input. */
  readonly count: number
  /** In the order asked for. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[]
}

const invalid = (field: string, fault: string): ProtocolError =>
  new ProtocolError('invalid_field', `${field} ${fault}`, { field })

/**
 * @param headerLength the header `Inference-Header-Content-Length`; without it all of the body is JSON.
 * @throws {ProtocolError} naming what is wrong, and never its value.
 */
export function readInferenceRequest(
  body: Buffer,
  headerLength: string | undefined,
  model: Pick<ServedModel, 'inputs' | 'outputs'>,
): InferenceRequest {
  const jsonLength = headerLength === undefined ? body.length : lengthOf(headerLength, body.length)
  const { id, inputs, outputs = [], parameters } = checked(inferRequest, parsed(body.subarray(0, jsonLength)))
  const texts = readInputs(inputs, body.subarray(jsonLength), model)
  const isBinary = parameters?.binary_data_output ?? false
  const wanted = outputs.length > 0 ? outputs : model.outputs
  const asked = wanted.map((output, i) => {
    const { name } = output
    const given = 'parameters' in output ? output.parameters : undefined
    // A client that asks for the classification extension would misread plain outputs.
    if (given?.classification !== undefined) throw invalid(`outputs.${i}.parameters.classification`, 'is not offered')
    if (!model.outputs.some((known) => known.name === name))
      throw invalid(`outputs.${i}.name`, `has to be ${listed(model.outputs)}`)
    if (wanted.findIndex((other) => other.name === name) < i) throw invalid(`outputs.${i}.name`, 'is there twice')
    return { name, binary: given?.binary_data ?? isBinary }
  })
  return { id, inputs: texts, count: Object.values(texts)[0]?.length ?? 0, outputs: asked }
}

function lengthOf(header: string, bodyLength: number): number {
  const length = /^\d{1,9}$/.test(header) ? Number(header) : Number.POSITIVE_INFINITY
  if (length <= bodyLength) return length
  throw invalid('Inference-Header-Content-Length', 'has to be the length of the JSON object, within the body')
}

/** Letter by letter what came, a byte order mark included. @throws {TypeError} if it is not UTF-8 */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new ProtocolError('bad_frame', 'the request is not a JSON object', { cause })
  }
}

type InputTensor = z.infer<typeof inputTensor>

function readInputs(
  tensors: readonly InputTensor[],
  binary: Buffer,
  { inputs: known }: Pick<ServedModel, 'inputs'>,
): InferenceInputs {
  const texts = new Map<string, readonly string[]>()
  let [at, count] = [0, tensors[0]?.shape[0] ?? 0]
  for (const [i, tensor] of tensors.entries()) {
    const place = `inputs.${i}`
    if (!known.some(({ name }) => name === tensor.name)) throw invalid(`${place}.name`, `has to be ${listed(known)}`)
    if (texts.has(tensor.name)) throw invalid(`${place}.name`, 'is there twice')
    if (tensor.datatype !== 'BYTES') throw invalid(`${place}.datatype`, 'has to be BYTES')
    assertShape(tensor.shape, count, place)
    const size = tensor.parameters?.binary_data_size
    texts.set(tensor.name, elements(tensor, binary.subarray(at, at + (size ?? 0)), place))
    at += size ?? 0
  }
  if (at !== binary.length) throw invalid('inputs', `have ${at} bytes in binary, the body has ${binary.length}`)
  const missing = known.find(({ name }) => !texts.has(name))
  if (missing) throw invalid('inputs', `lack ${missing.name}`)
  return Object.fromEntries(texts)
}

function assertShape(shape: readonly number[], count: number, place: string): void {
  const [n = 0] = shape
  if (shape.length !== 1 || n < 1 || n > maxBatch)
    throw invalid(`${place}.shape`, `has to be [n], n from 1 to ${maxBatch}`)
  if (n !== count) throw invalid(`${place}.shape`, 'has to be that of the other input')
}

/** @param bytes of this tensor, if it comes in binary. */
function elements({ shape, parameters, data }: InputTensor, bytes: Buffer, place: string): readonly string[] {
  const size = parameters?.binary_data_size
  if ((data === undefined) === (size === undefined)) throw invalid(place, 'has to have either data or binary_data_size')
  if (size !== undefined && bytes.length < size)
    throw invalid(`${place}.parameters.binary_data_size`, 'goes beyond the body')
  const texts = data ?? stringsIn(bytes, place)
  const [n] = shape
  if (texts.length !== n) throw invalid(place, `has ${texts.length} elements, its shape says ${n}`)
  for (const [i, text] of texts.entries()) {
    if (text.trim() === '' || /\p{Surrogate}/u.test(text))
      throw invalid(`${place}.data.${i}`, 'is empty or not Unicode')
    if (text.length > maxTextChars)
      throw new ProtocolError('too_long', `${place}.data.${i} is longer than ${maxTextChars} characters`)
  }
  return texts
}

function stringsIn(bytes: Buffer, place: string): string[] {
  const texts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const from = at + lengthBytes
    at = from <= bytes.length ? from + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY
    if (at > bytes.length) throw invalid(place, 'has an element that goes beyond its bytes')
    try {
      texts.push(utf8.decode(bytes.subarray(from, at)))
    } catch (cause) {
      throw new ProtocolError('invalid_field', `${place}.data.${texts.length} is not UTF-8`, { field: place, cause })
    }
  }
  return texts
}

const listed = (tensors: readonly { readonly name: string }[]): string => tensors.map(({ name }) => name).join(' or ')
