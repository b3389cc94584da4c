import { open, rename, rm } from 'node:fs/promises'
import { textReader } from '../models/examples.ts'
import { labelOf } from '../models/judgement.ts'
import { usualOosLabel } from '../models/oos-label.ts'
import { namedScores } from '../models/preparation.ts'
import { readRows } from '../models/table-rows.ts'
import { predictTable } from './predict-table.ts'
import { isTableService } from './table-services.ts'
import type { OnProgress, PredictDone, PredictTask } from './tasks.ts'
import { assertLabels, loadVersion, openVectors, textServiceOf } from './text-services.ts'

/**
 * Label the rows of a file in their order, as JSON lines: `{…input, label, confidence, scores}`; `labels` from a model that
 * may give several. The output appears whole or not at all.
 * @throws {InputError} naming the line that has no text, or a label to choose from that the model does not know.
 */
export async function predict(task: PredictTask, onProgress: OnProgress): Promise<PredictDone> {
  const { service: name, encoder: dir, version, input, output, columns = {} } = task
  if (isTableService(name)) return predictTable(name, task, onProgress)
  const { rows } = await readRows(input)
  const textOf = textReader(input, columns)
  const texts = rows.map(textOf)
  const encoder = await openVectors(textServiceOf(name), dir)
  const head = await loadVersion(name, version, encoder)
  const { oosLabel = usualOosLabel, only } = columns
  assertLabels(only, head.labels)
  const allowed = only && new Set(only)
  const several = head.manifest.thresholds.several !== undefined
  const temporary = `${output}.${process.pid}.tmp`
  const out = await open(temporary, 'w')
  let ms = 0
  try {
    for (const [i, { row }] of rows.entries()) {
      const begun = performance.now()
      const judgement = await head.judge(texts[i]!, await encoder.encode(texts[i]!, 'query'), allowed)
      ms += performance.now() - begun
      const { labels, confidence, probabilities } = judgement
      const label = labelOf(judgement, several, oosLabel)
      const said = { label, ...(several && { labels }), confidence, scores: namedScores(head.labels, probabilities) }
      await out.write(`${JSON.stringify({ ...row, ...said })}\n`)
      onProgress(i / rows.length, `${i + 1} lines`)
    }
    await out.close()
    await rename(temporary, output)
  } catch (reason) {
    await out.close()
    await rm(temporary, { force: true })
    throw reason
  }
  return { n: rows.length, perItemMs: ms / rows.length }
}
