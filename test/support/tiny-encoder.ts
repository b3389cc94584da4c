import { join } from 'node:path'
import { createGraph } from '../../server/onnx/graph.ts'
import { int64, tensor } from '../../server/onnx/tensor.ts'
import { tinyBertFiles, writeFiles } from './tiny-bert.ts'

/** Numbers per token of {@link hiddenStates}. */
export const tinyDimension = 3
/** What each of the 16 tokens of the tiny vocabulary is to {@link hiddenStates}, row-major. */
export const tinyTable = Float32Array.from({ length: 16 * tinyDimension }, (_, i) => Math.sin(i))

/** A graph whose hidden states are the rows of a table, by default {@link tinyTable}, times mask plus type, so that every input counts. */
export function hiddenStates(
  inputs = ['input_ids', 'attention_mask', 'token_type_ids'],
  [table, dimension]: readonly [Float32Array, number] = [tinyTable, tinyDimension],
): Uint8Array {
  const graph = createGraph('foreign')
  const [ids, ...others] = inputs.map((name) => graph.input(name, 'int64', ['batch', 'n']))
  const rows = graph.node(
    'Gather',
    [graph.init('table', tensor(table, [table.length / dimension, dimension])), ids!],
    'rows',
  )
  const ones = others.length === 2 ? graph.node('Add', [others[0]!, others[1]!], 'ones') : others[0]!
  const column = graph.node('Unsqueeze', [ones, graph.init('last', int64([2]))], 'column')
  graph.node('Mul', [rows, graph.node('Cast', [column], 'mask', { to: 1 })], 'last_hidden_state')
  graph.output('last_hidden_state', 'float32', ['batch', 'n', dimension])
  return graph.finish({ opset: 18, ir: 8 })
}

/** A folder in transformers.js layout: `model` at `file`, the tiny tokenizer, and whatever else is given. */
export async function encoderFolder(
  dir: string,
  model: Uint8Array,
  more: Readonly<Record<string, string>> = {},
  file = 'onnx/model.onnx',
): Promise<string> {
  const { 'tokenizer.json': tokenizer, 'tokenizer_config.json': config } = tinyBertFiles()
  await writeFiles(dir, { 'tokenizer.json': tokenizer!, 'tokenizer_config.json': config! })
  for (const [path, content] of Object.entries({ [file]: model, ...more })) {
    await writeFiles(join(dir, path, '..'), { [path.split('/').at(-1)!]: content })
  }
  return dir
}
