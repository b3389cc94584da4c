import { type Attribute, nodeMessage, ONNX, tensorMessage } from './graph.ts'
import { type DataType, dataTypes, type Tensor } from './tensor.ts'
import { createMessage, join, type Message, writeBytes } from './wire.ts'
import { type Field, fieldsOf, textOf, varintsOf } from './wire-reader.ts'

/** A node of a graph, without its attributes. */
export interface NodeParts {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

export interface NewNode extends NodeParts {
  readonly attributes?: Readonly<Record<string, Attribute>>
}

/** What is to become of a graph's parts; undefined leaves one as it is, to the byte. */
export interface Rewriting {
  /** Constants that stand instead of this one. `read` decodes it. */
  constant(name: string, read: () => Tensor): ReadonlyMap<string, Tensor> | undefined
  /** Nodes that stand instead of this one, in the order of their work. */
  node(node: NodeParts): readonly NewNode[] | undefined
}

/**
 * An .onnx file with some of its constants and nodes replaced. Whether the names still fit together is left to ONNX Runtime,
 * which refuses what does not.
 * @throws {RangeError} if the file is not in protobuf's wire format.
 */
export function rewriteModel(model: Uint8Array, rewriting: Rewriting): Uint8Array {
  const whole = createMessage()
  for (const one of fieldsOf(model)) {
    if (one.field === ONNX.model.graph) writeBytes(whole, ONNX.model.graph, rewriteGraph(one.value, rewriting))
    else keep(whole, one)
  }
  return join(whole)
}

function rewriteGraph(bytes: Uint8Array, { constant, node }: Rewriting): Message {
  const graph = createMessage()
  for (const one of fieldsOf(bytes)) {
    const constants = one.field === ONNX.graph.initializer && constant(nameOf(one), () => readTensor(one.value))
    const nodes = one.field === ONNX.graph.node && node(readNode(one.value))
    if (constants) {
      for (const [name, value] of constants) writeBytes(graph, ONNX.graph.initializer, tensorMessage(value, name))
    } else if (nodes) {
      for (const { operator, inputs, outputs, attributes = {} } of nodes)
        writeBytes(graph, ONNX.graph.node, nodeMessage(operator, inputs, outputs, attributes, ''))
    } else keep(graph, one)
  }
  return graph
}

function keep(message: Message, { raw }: Field): void {
  message.parts.push(raw)
  message.length += raw.length
}

function nameOf({ value }: Field): string {
  const name = [...fieldsOf(value)].find(({ field }) => field === ONNX.tensor.name)
  return name ? textOf(name) : ''
}

function readNode(bytes: Uint8Array): NodeParts {
  const fields = [...fieldsOf(bytes)]
  const texts = (wanted: number): string[] => fields.filter(({ field }) => field === wanted).map(textOf)
  const { node } = ONNX
  return { operator: texts(node.operator)[0] ?? '', inputs: texts(node.input), outputs: texts(node.output) }
}

/** @throws {RangeError} for an element type that Bursar does not write. */
function readTensor(bytes: Uint8Array): Tensor {
  const fields = [...fieldsOf(bytes)]
  const dims = fields.filter(({ field }) => field === ONNX.tensor.dims).flatMap(varintsOf)
  const [number] = fields.filter(({ field }) => field === ONNX.tensor.type).flatMap(varintsOf)
  const type = typeNames.find((name) => dataTypes[name] === number)
  const raw = fields.find(({ field }) => field === ONNX.tensor.raw)
  if (!type || !raw) throw new RangeError(`a tensor of type ${number} cannot be read`)
  return { type, dims, bytes: raw.value }
}

// Object.keys forgets the key type; the table has exactly these.
const typeNames = Object.keys(dataTypes) as DataType[]
