import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadEncoder } from '../../server/embedding/encoder.ts'
import { createRandom, shuffled } from '../../server/math/random.ts'
import { percentile } from '../../server/math/statistics.ts'
import { createExactIndex } from '../../server/retrieval/exact-index.ts'
import { createHnswIndex } from '../../server/retrieval/hnsw-index.ts'
import { repository } from '../support/demo.ts'
import { testEncoderDir } from '../support/models.ts'
import type { Report } from './report.ts'

const queryCount = 200
const efs = [100, 200, 400]
const leastRecall = 0.98

/** recall@10 against an exact scan at growing sizes, on distinct windows of real sentences; queries are held out. */
export async function benchRecall(
  sizes: readonly number[],
  textsFile: string | undefined,
  report: Report,
): Promise<void> {
  const encoder = await loadEncoder(testEncoderDir())
  const sentences = sentencesOf(textsFile)
  for (const size of sizes) {
    const texts = windows(sentences, size + queryCount)
    const vectors: Float32Array[] = []
    for (const text of texts) vectors.push(await encoder.encode(text, 'passage'))
    const queries = vectors.splice(size)
    const options = { encoderId: encoder.id, dimension: encoder.dimension, capacity: size }
    const [graph, exact] = [createHnswIndex(options), createExactIndex(options)]
    const begun = performance.now()
    for (const [id, vector] of vectors.entries()) graph.add(id, vector)
    const buildS = (performance.now() - begun) / 1_000
    for (const [id, vector] of vectors.entries()) exact.add(id, vector)
    const truth = queries.map((query) => timed(() => exact.search(query, 10)))
    for (const ef of efs) {
      graph.ef = ef
      const found = queries.map((query) => timed(() => graph.search(query, 10)))
      const recall =
        found.reduce((sum, { value }, i) => sum + overlap(value, truth[i]!.value), 0) / (10 * queries.length)
      const exactP50Ms = percentile(
        truth.map(({ ms }) => ms),
        0.5,
      )
      report('recall', {
        size,
        ef,
        'recall@10': recall,
        p50Ms: percentile(
          found.map(({ ms }) => ms),
          0.5,
        ),
        exactP50Ms,
        buildS,
        limit: leastRecall,
      })
      if (recall >= leastRecall) break
    }
  }
  await encoder.close()
}

function timed<T>(work: () => T): { value: T; ms: number } {
  const begun = performance.now()
  const value = work()
  return { value, ms: performance.now() - begun }
}

const overlap = (a: readonly { id: number }[], b: readonly { id: number }[]): number => {
  const ids = new Set(b.map(({ id }) => id))
  return a.filter(({ id }) => ids.has(id)).length
}

/** Real sentences: of the demo corpora, and of a file with one text a line. */
export function sentencesOf(file: string | undefined): string[] {
  const rows = ['intents/a.train', 'intents/b.train', 'sentiment/a.train', 'sentiment/b.train', 'faqs/faq.en'].flatMap(
    (name) =>
      readFileSync(join(repository, 'corpora', `${name}.jsonl`), 'utf8')
        .trim()
        .split('\n'),
  )
  const own = rows.map((row) => {
    const { text, answer }: { text?: string; answer?: string } = JSON.parse(row)
    return text ?? answer ?? ''
  })
  const given = file === undefined ? [] : readFileSync(file, 'utf8').split('\n')
  const cut = [...own, ...given].flatMap((text) => text.split(/(?<=[.!?])\s+/)).map((text) => text.trim())
  return [...new Set(cut.filter((text) => text.length > 15))]
}

/** Distinct texts: single sentences first, then runs of two, three … until there are enough. @throws if there are too few. */
export function windows(sentences: readonly string[], wanted: number): string[] {
  const found = new Set<string>()
  for (let length = 1; found.size < wanted && length < 60; length++) {
    for (let at = 0; at + length <= sentences.length && found.size < wanted; at++)
      found.add(
        sentences
          .slice(at, at + length)
          .join(' ')
          .slice(0, 600),
      )
  }
  if (found.size < wanted)
    throw new Error(
      `${sentences.length} sentences give only ${found.size} distinct windows: name more with --texts FILE`,
    )
  return shuffled([...found], createRandom(3))
}
