import { type StreamedRow, streamRows } from '../models/tabular/row-stream.ts'
import { loadTable, type TableSession } from '../models/tabular/session.ts'
import { assertColumns, inputsIn } from '../models/tabular/table.ts'
import { assertUsual, imputedIn, unusualIn } from '../models/tabular/unusual.ts'
import { type TableServiceName, tableServices } from './table-services.ts'
import { labelsOf } from './table-tasks.ts'
import type { OnProgress, PredictDone, PredictTask } from './tasks.ts'
import { writeWhole } from './whole-file.ts'

/**
 * Predict the rows of a file in their order, as JSON lines: `{…input, score}`, of classes with `label`, `confidence` and
 * `scores`; `imputed` names the columns whose missing number was filled. The file is read in parts; the output appears whole
 * or not at all.
 * @throws {InputError} naming the line and column with text in place of a number, or with what no training row had; the output, if it cannot
 * be written.
 */
export async function predictTable(
  service: TableServiceName,
  { version, input, output, unusual }: PredictTask,
  onProgress: OnProgress,
): Promise<PredictDone> {
  const session = await loadTable(version, service, tableServices[service].recipe)
  let [n, ms] = [0, 0]
  try {
    await writeWhole(output, async (append) => {
      for await (const batch of streamRows(input).batches) {
        if (n === 0) assertColumns(input, batch, session.facts.columns)
        const begun = performance.now()
        const lines = await predictRows(session, input, batch, unusual === 'accept')
        ms += performance.now() - begun
        n += batch.length
        await append(lines.join(''))
        onProgress(0, `${n} lines`)
      }
    })
  } finally {
    await session.close()
  }
  return { n, perItemMs: ms / n }
}

async function predictRows(
  session: TableSession,
  file: string,
  batch: readonly StreamedRow[],
  acceptsUnusual: boolean,
): Promise<string[]> {
  const { facts } = session
  const { inputs, lines } = inputsIn(file, batch, facts.columns)
  if (!acceptsUnusual) assertUsual(file, lines, unusualIn(inputs, facts.columns))
  const predicted = await session.predict(inputs)
  const imputed = imputedIn(inputs)
  return batch.map(({ fields }, i) => {
    const said = { ...saidOf(predicted[i]!, labelsOf(facts)), ...(imputed[i]!.length > 0 && { imputed: imputed[i] }) }
    return `${JSON.stringify({ ...Object.fromEntries(fields), ...said })}\n`
  })
}

function saidOf(score: number, labels: readonly [string, string] | undefined) {
  if (!labels) return { score }
  const [zero, one] = labels
  const label = score > 0.5 ? one : zero
  return { score, label, confidence: Math.max(score, 1 - score), scores: { [zero]: 1 - score, [one]: score } }
}
