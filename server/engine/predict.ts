import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { loadEncoder } from '../embedding/encoder.ts'
import { InputError, ModelError, UsageError } from '../errors.ts'
import type { OnProgress, PredictDone, PredictTask } from './tasks.ts'
import { isTextService, textServices } from './train.ts'

/**
 * Label a JSONL file line by line, in its order: `{…input, label, confidence, scores}`. The output appears whole or not at all.
 * @throws {InputError} naming the line that is not an object with a text.
 */
export async function predict(
  { service, encoder: dir, version, input, output }: PredictTask,
  onProgress: OnProgress,
): Promise<PredictDone> {
  if (!isTextService(service))
    throw new UsageError(`${service} does not label texts: ${Object.keys(textServices).join(', ')}`)
  const [encoder, head] = await Promise.all([loadEncoder(dir), textServices[service].load(version)])
  if (head.manifest.encoder.id !== encoder.id)
    throw new ModelError(`${version} was trained with another encoder: bursar train ${service}`)
  const temporary = `${output}.${process.pid}.tmp`
  const out = await open(temporary, 'w')
  let [n, ms] = [0, 0]
  try {
    for await (const line of createInterface({ input: createReadStream(input, 'utf8') })) {
      if (line.trim() === '') continue
      n++
      const row = rowOf(line, { file: input, line: n })
      const begun = performance.now()
      const vector = await encoder.encode(row.text, 'query')
      const reading = await head.read(row.text, vector)
      const scores = await head.scores(row.text, vector)
      ms += performance.now() - begun
      await out.write(`${JSON.stringify({ ...row.fields, ...labelOf(reading), scores })}\n`)
      onProgress(0, `${n} lines`)
    }
    await out.close()
    await rename(temporary, output)
  } catch (reason) {
    await out.close()
    await rm(temporary, { force: true })
    throw reason
  }
  return { n, perItemMs: n === 0 ? 0 : ms / n }
}

function rowOf(line: string, place: { file: string; line: number }): { text: string; fields: object } {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    throw new InputError(place, 'is not JSON', { cause })
  }
  if (typeof json !== 'object' || json === null) throw new InputError(place, 'is not an object')
  if (!('text' in json) || typeof json.text !== 'string')
    throw new InputError({ ...place, column: 'text' }, 'is missing or not text')
  return { text: json.text, fields: json }
}

function labelOf(
  reading: { name: string; confidence: number; outOfScope: boolean } | { label: string; score: number },
) {
  return 'name' in reading
    ? { label: reading.outOfScope ? 'oos' : reading.name, confidence: reading.confidence }
    : { label: reading.label, confidence: reading.score }
}
