import { loadEncoder } from '../embedding/encoder.ts'
import { confusions, overlaps, suspects } from '../evaluation/label-issues.ts'
import { mostMissed } from '../evaluation/late-figures.ts'
import { readExamples } from '../models/examples.ts'
import { intentSpec } from '../models/intent.ts'
import { reviewLabels } from '../models/label-review.ts'
import { repeatsIn } from '../models/preparation.ts'
import type { ReviewDone, ReviewTask } from './review-task.ts'
import type { OnProgress } from './tasks.ts'
import { embedNames, embedTexts } from './text-services.ts'

/** Of each kind of finding. */
const most = 20

/** Read the rows of intents by models that were fitted without them, and tell what that shows of their labels. */
export async function review(
  { encoder: dir, train, seed, columns = {} }: ReviewTask,
  onProgress: OnProgress,
): Promise<ReviewDone> {
  const { oosLabel, ...own } = columns
  const files = await Promise.all(train.map(async (file) => ({ file, rows: (await readExamples(file, own)).examples })))
  const places = files.flatMap(({ file, rows }) => rows.map(({ text }, i) => ({ file, row: i + 1, text })))
  const examples = files.flatMap(({ rows }) => rows)
  const encoder = await loadEncoder(dir)
  try {
    const { vectors } = await embedTexts(encoder, examples, (share) => onProgress(share / 2, 'reading examples'))
    const names = await embedNames(encoder, examples)
    const progress = (share: number): void => onProgress(0.5 + share / 2, 'reading each by models without it')
    const { labels, readings } = await reviewLabels(
      { examples, vectors, names, seed, onProgress: progress },
      intentSpec(oosLabel),
    )
    const { count, rows } = suspects(readings, labels, most)
    return {
      ...{ rows: examples.length, read: readings.length, labels: labels.length, ...repeatsIn(examples) },
      accuracy: readings.filter(({ gold, said }) => gold === said).length / readings.length,
      worst: mostMissed(readings, most),
      confused: confusions(readings, most),
      overlapping: overlaps(readings, labels, most),
      suspected: count,
      suspects: rows.map(({ row, ...suspect }) => ({ ...places[row]!, ...suspect })),
    }
  } finally {
    await encoder.close()
  }
}
