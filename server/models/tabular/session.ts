import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ModelError, messageOf } from '../../errors.ts'
import { modelFile } from '../head-session.ts'
import { isTableManifest } from '../manifest.ts'
import type { TableFacts } from '../service.ts'
import { readVersion } from '../version-folder.ts'
import { outputNames } from './graph.ts'
import { type Column, pickRows, type Table } from './table.ts'

/** A model of a table that is open. */
export interface TableSession {
  readonly facts: TableFacts
  /** Probabilities of the second class, or values, a number a row. @param table its columns in the manifest's order. @throws {ModelError} */
  predict(table: Table): Promise<Float32Array>
  close(): Promise<void>
}

/** Rows that are run at once. */
const batchRows = 4_096

/** Check and load a version folder. @throws {ModelError} naming the file and the command that makes a new version. */
export async function loadTable(dir: string, service: string, recipe: number): Promise<TableSession> {
  const { manifest, files } = await readVersion(dir, service)
  const again = `make a new version with: bursar train ${service}`
  if (!isTableManifest(manifest)) throw new ModelError(`${dir} is no model of a table: ${again}`)
  if (manifest.recipe !== recipe)
    throw new ModelError(`${dir} was made by another release (recipe ${manifest.recipe}, needed ${recipe}): ${again}`)
  return openTable(files, manifest, dir)
}

/** @param where the files are, for errors. @throws {ModelError} */
export async function openTable(
  files: ReadonlyMap<string, Uint8Array>,
  facts: TableFacts,
  where: string,
): Promise<TableSession> {
  const file = files.get(modelFile)
  if (!file) throw new ModelError(`${where} holds no ${modelFile}`)
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const
  const session = await InferenceSession.create(file, options).catch((cause: unknown) => {
    throw new ModelError(`${where}/${modelFile} cannot be loaded (${messageOf(cause)})`, { cause })
  })
  const output = facts.task === 'tabular-classification' ? outputNames.probability : outputNames.value
  return {
    facts,
    close: () => session.release(),
    async predict(table) {
      const predictions = new Float32Array(table.rows)
      for (let from = 0; from < table.rows; from += batchRows) {
        const rows = Uint32Array.from({ length: Math.min(batchRows, table.rows - from) }, (_, i) => from + i)
        const feeds = Object.fromEntries(pickRows(table, rows).columns.map((column) => [column.name, tensorOf(column)]))
        const results = await session.run(feeds, [output]).catch((cause: unknown) => {
          throw new ModelError(`the model of ${facts.target} failed: ${messageOf(cause)}`, { cause })
        })
        // The graph declares its outputs as float32.
        predictions.set(results[output]!.data as Float32Array, from)
      }
      return predictions
    },
  }
}

function tensorOf(column: Column): Tensor {
  if (column.kind === 'number') return new Tensor('float32', column.values, [column.values.length, 1])
  return new Tensor(
    'string',
    Array.from(column.codes, (code) => column.levels[code]!),
    [column.codes.length, 1],
  )
}
