import { type DataType, dataTypes, type Tensor } from './tensor.ts'
import {
  createMessage,
  join,
  type Message,
  writeBytes,
  writeFloat,
  writePackedVarints,
  writeText,
  writeVarint,
} from './wire.ts'

/** An attribute's value. A plain number is an integer, as most of ONNX's are; see {@link float} and {@link floats}. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | Tensor
  | { readonly float: number }
  | { readonly floats: ArrayLike<number> }

/** A length, or the name of one that is known only at run time. */
type Dimension = number | string

interface Model {
  /** Version of ONNX's own operators. */
  readonly opset: number
  /** Version of the file format; each opset asks for a least one (opset 23: 11, 21: 10, 18: 8). */
  readonly ir: number
  /** Versions of further operator sets by their domain, such as `ai.onnx.ml`. */
  readonly domains?: Readonly<Record<string, number>>
  /** Free text by key, kept in the file for whoever reads it. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** A graph under construction: every name is defined before it is used, so the nodes stand in the order ONNX asks for. */
export interface Graph {
  /** Declare an input. @returns its name. */
  input(name: string, type: DataType, dims: readonly Dimension[]): string
  /** Add a constant. @returns its name. */
  init(name: string, value: Tensor): string
  /**
   * Add a node, named after its first output. An input `''` is an optional one left out.
   * @returns `outputs` as given: a name, or a list of names.
   * @throws {RangeError} if an input is not defined yet, or an output's name is taken.
   */
  node<const O extends string | readonly string[]>(
    operator: string,
    inputs: readonly string[],
    outputs: O,
    attributes?: Readonly<Record<string, Attribute>>,
    domain?: string,
  ): O
  /** Declare an output. @throws {RangeError} if nothing of that name was defined. */
  output(name: string, type: DataType, dims: readonly Dimension[]): void
  /** The finished .onnx file. The same calls give the same bytes. @throws {RangeError} if there is no output. */
  finish(model: Model): Uint8Array
}

/** A floating-point attribute, such as an epsilon. */
export const float = (value: number): Attribute => ({ float: value })

/** A list of floating-point attributes. */
export const floats = (values: ArrayLike<number>): Attribute => ({ floats: values })

// Field numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const MODEL = { irVersion: 1, producer: 2, graph: 7, opset: 8, metadata: 14 } as const
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 } as const
const ATTRIBUTE = { name: 1, f: 2, i: 3, s: 4, t: 5, floats: 7, ints: 8, strings: 9, type: 20 } as const
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const
const TENSOR = { dims: 1, type: 2, name: 8, raw: 9 } as const
/** Those that whoever reads a file needs as well. */
export const ONNX = { model: MODEL, graph: GRAPH, node: NODE, tensor: TENSOR } as const

/** Begin a graph. @param name free; it shows up in error messages of ONNX Runtime. */
export function createGraph(name: string): Graph {
  const [nodes, constants, inputs, outputs] = [createMessage(), createMessage(), createMessage(), createMessage()]
  const { define, check } = createNames(name)
  return {
    input(what, type, dims) {
      writeBytes(inputs, GRAPH.input, valueInfo(what, type, dims))
      return define(what)
    },
    init(what, value) {
      writeBytes(constants, GRAPH.initializer, tensorMessage(value, what))
      return define(what)
    },
    node(operator, from, to, attributes = {}, domain = '') {
      const names: readonly string[] = typeof to === 'string' ? [to] : to
      for (const what of from) if (what !== '') check(what)
      names.forEach(define)
      writeBytes(nodes, GRAPH.node, nodeMessage(operator, from, names, attributes, domain))
      return to
    },
    output(what, type, dims) {
      check(what)
      writeBytes(outputs, GRAPH.output, valueInfo(what, type, dims))
    },
    finish(model) {
      if (outputs.length === 0) throw new RangeError(`graph ${name} has no output`)
      const graph = createMessage()
      append(graph, nodes)
      writeText(graph, GRAPH.name, name)
      for (const part of [constants, inputs, outputs]) append(graph, part)
      return join(modelMessage(graph, model))
    },
  }
}

/** The names that a graph has given out. */
function createNames(graph: string) {
  const defined = new Set<string>()
  return {
    define(what: string): string {
      if (what === '' || defined.has(what))
        throw new RangeError(`'${what}' is empty or defined twice in graph ${graph}`)
      defined.add(what)
      return what
    },
    check(what: string): void {
      if (!defined.has(what)) throw new RangeError(`'${what}' is used before it is defined in graph ${graph}`)
    },
  }
}

function append(message: Message, fields: Message): void {
  for (const part of fields.parts) message.parts.push(part)
  message.length += fields.length
}

function modelMessage(graph: Message, { opset, ir, domains = {}, metadata = {} }: Model): Message {
  const message = createMessage()
  writeVarint(message, MODEL.irVersion, ir)
  writeText(message, MODEL.producer, 'bursar')
  writeBytes(message, MODEL.graph, graph)
  for (const [domain, version] of [['', opset] as const, ...Object.entries(domains)]) {
    const set = createMessage()
    writeText(set, 1, domain)
    writeVarint(set, 2, version)
    writeBytes(message, MODEL.opset, set)
  }
  for (const [key, value] of Object.entries(metadata)) {
    const entry = createMessage()
    writeText(entry, 1, key)
    writeText(entry, 2, value)
    writeBytes(message, MODEL.metadata, entry)
  }
  return message
}

export function nodeMessage(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
  domain: string,
): Message {
  const message = createMessage()
  for (const name of inputs) writeText(message, NODE.input, name)
  for (const name of outputs) writeText(message, NODE.output, name)
  writeText(message, NODE.name, `${outputs[0]}:${operator}`)
  writeText(message, NODE.operator, operator)
  for (const [name, value] of Object.entries(attributes)) {
    writeBytes(message, NODE.attribute, attributeMessage(name, value))
  }
  if (domain !== '') writeText(message, NODE.domain, domain)
  return message
}

function attributeMessage(name: string, value: Attribute): Message {
  const message = createMessage()
  writeText(message, ATTRIBUTE.name, name)
  writeVarint(message, ATTRIBUTE.type, ATTRIBUTE_TYPE[writeValue(message, value)])
  return message
}

/** @returns which kind of attribute it was. */
function writeValue(message: Message, value: Attribute): keyof typeof ATTRIBUTE_TYPE {
  if (typeof value === 'number') {
    writeVarint(message, ATTRIBUTE.i, value)
    return 'int'
  }
  if (typeof value === 'string') {
    writeText(message, ATTRIBUTE.s, value)
    return 'string'
  }
  if ('bytes' in value) {
    writeBytes(message, ATTRIBUTE.t, tensorMessage(value))
    return 'tensor'
  }
  if ('float' in value) {
    writeFloat(message, ATTRIBUTE.f, value.float)
    return 'float'
  }
  if ('floats' in value) {
    const packed = Float32Array.from(value.floats)
    writeBytes(message, ATTRIBUTE.floats, new Uint8Array(packed.buffer))
    return 'floats'
  }
  if (isTexts(value)) {
    for (const text of value) writeText(message, ATTRIBUTE.strings, text)
    return 'strings'
  }
  writePackedVarints(message, ATTRIBUTE.ints, value)
  return 'ints'
}

/** An empty list counts as integers: ONNX has no operator where an empty list of strings means anything. */
function isTexts(values: readonly number[] | readonly string[]): values is readonly string[] {
  return typeof values[0] === 'string'
}

export function tensorMessage(value: Tensor, name?: string): Message {
  const message = createMessage()
  if (value.dims.length > 0) writePackedVarints(message, TENSOR.dims, value.dims)
  writeVarint(message, TENSOR.type, dataTypes[value.type])
  if (name !== undefined) writeText(message, TENSOR.name, name)
  writeBytes(message, TENSOR.raw, value.bytes)
  return message
}

function valueInfo(name: string, type: DataType, dims: readonly Dimension[]): Message {
  const shape = createMessage()
  for (const dim of dims) {
    const length = createMessage()
    if (typeof dim === 'number') writeVarint(length, 1, dim)
    else writeText(length, 2, dim)
    writeBytes(shape, 1, length)
  }
  const tensorType = createMessage()
  writeVarint(tensorType, 1, dataTypes[type])
  writeBytes(tensorType, 2, shape)
  const kind = createMessage()
  writeBytes(kind, 1, tensorType)
  const message = createMessage()
  writeText(message, 1, name)
  writeBytes(message, 2, kind)
  return message
}
