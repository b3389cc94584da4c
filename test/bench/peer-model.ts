import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildEncoder } from '../../server/embedding/build-encoder.ts'
import {
  join as bytesOf,
  createMessage,
  type Message,
  writeBytes,
  writeText,
  writeVarint,
} from '../../server/onnx/wire.ts'
import { testEncoderDir } from '../support/models.ts'

// Field numbers of onnx.proto (ModelProto, GraphProto, NodeProto, ValueInfoProto, TypeProto, TensorShapeProto).
const model = { graph: 7 } as const
const graph = { node: 1, output: 12 } as const
const float32 = 1

/**
 * The same weights as fp32 in the form that transformers.js expects: the hidden states are called `last_hidden_state` and
 * pooled outside. A serialised message followed by another is their merge, so one node and one output are simply appended.
 */
export async function buildPeerModel(): Promise<Uint8Array> {
  const file = (name: string) => join(testEncoderDir(), name)
  const [weights, config] = await Promise.all([
    readFile(file('model.safetensors')),
    readFile(file('config.json'), 'utf8'),
  ])
  const ours = buildEncoder({ weights, config: JSON.parse(config) }, { precision: 'fp32' })
  const node = message((m) => {
    writeText(m, 1, 'tokens')
    writeText(m, 2, 'last_hidden_state')
    writeText(m, 3, 'rename')
    writeText(m, 4, 'Identity')
  })
  const added = message((m) => {
    writeBytes(
      m,
      model.graph,
      message((g) => {
        writeBytes(g, graph.node, node)
        writeBytes(g, graph.output, floatValue('last_hidden_state', ['batch', 'n', 'dimension']))
      }),
    )
  })
  return Buffer.concat([ours, bytesOf(added)])
}

function message(fill: (m: Message) => void): Message {
  const made = createMessage()
  fill(made)
  return made
}

function floatValue(name: string, dimensions: readonly string[]): Message {
  const shape = message((m) => {
    for (const dimension of dimensions)
      writeBytes(
        m,
        1,
        message((d) => writeText(d, 2, dimension)),
      )
  })
  const tensor = message((m) => {
    writeVarint(m, 1, float32)
    writeBytes(m, 2, shape)
  })
  return message((m) => {
    writeText(m, 1, name)
    writeBytes(
      m,
      2,
      message((type) => writeBytes(type, 1, tensor)),
    )
  })
}
