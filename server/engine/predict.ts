import { UsageError } from '../errors.ts'
import { textReader } from '../models/examples.ts'
import { explainText } from '../models/explain.ts'
import { labelOf } from '../models/judgement.ts'
import { usualOosLabel } from '../models/oos-label.ts'
import { namedScores } from '../models/preparation.ts'
import { readRows } from '../models/table-rows.ts'
import { predictTable } from './predict-table.ts'
import { isTableService } from './table-services.ts'
import type { OnProgress, PredictDone, PredictTask } from './tasks.ts'
import { assertLabels, loadVersion, openVectors, textServiceOf } from './text-services.ts'
import { writeWhole } from './whole-file.ts'

/**
 * Label the rows of a file in their order, as JSON lines: `{…input, label, confidence, scores}`; `labels` from a model that
 * may give several, `contributions` if they are asked for. The output appears whole or not at all.
 * @throws {InputError} naming the line that has no text, a label to choose from that the model does not know, or
 * the output, if it cannot be written.
 */
export async function predict(task: PredictTask, onProgress: OnProgress): Promise<PredictDone> {
  const { service: name, encoder: dir, version, input, output, columns = {} } = task
  if (isTableService(name)) {
    if (task.explain) throw new UsageError('--explain is for models of texts')
    return predictTable(name, task, onProgress)
  }
  const { rows } = await readRows(input)
  const texts = rows.map(textReader(input, columns))
  const service = textServiceOf(name)
  const encoder = await openVectors(service, dir)
  const head = await loadVersion(name, version, encoder)
  const vectorOf = (text: string) => encoder.encode(text, 'query')
  const { oosLabel = service.several?.none ?? usualOosLabel, only } = columns
  assertLabels(only, head.labels)
  const allowed = only && new Set(only)
  const several = head.manifest.thresholds.several !== undefined
  let ms = 0
  await writeWhole(output, async (append) => {
    for (const [i, { row }] of rows.entries()) {
      const begun = performance.now()
      const judgement = await head.judge(texts[i]!, await vectorOf(texts[i]!), allowed)
      ms += performance.now() - begun
      const { labels, confidence, probabilities } = judgement
      const label = labelOf(judgement, several, oosLabel)
      const said = { label, ...(several && { labels }), confidence, scores: namedScores(head.labels, probabilities) }
      const contributions = task.explain && (await explainText(head, vectorOf, texts[i]!, judgement.top))
      await append(`${JSON.stringify({ ...row, ...said, ...(contributions && { contributions }) })}\n`)
      onProgress(i / rows.length, `${i + 1} lines`)
    }
  })
  return { n: rows.length, perItemMs: ms / rows.length }
}
