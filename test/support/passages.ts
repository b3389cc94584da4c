import { createRandom } from '../../server/math/random.ts'
import type { SnapshotPassage } from '../../server/retrieval/snapshot-writer.ts'
import type { PassageRecord } from '../../server/retrieval/types.ts'
import { unitVectors } from './vectors.ts'

export const testDimension = 16
const vocabulary = [
  'fee',
  'card',
  'loan',
  'rate',
  'branch',
  'dispute',
  'refund',
  'limit',
  'transfer',
  'cheque',
  'mortgage',
  'saver',
]
const days = [undefined, '2025-01-01', '2026-11-22', '2026-11-23', '2027-02-01'] as const

/** `count` passages with ids 10, 13, 16 …, of all audiences, dates and three collections; the same for the same seed. */
export function testPassages(count: number, seed = 1): SnapshotPassage[] {
  const random = createRandom(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const words = (length: number): string => Array.from({ length }, () => pick(vocabulary)).join(' ')
  const vectors = unitVectors(3 * count, testDimension, seed)
  return Array.from({ length: count }, (_, i) => {
    const [from, until] = [pick(days), pick(days)]
    const text = `${words(8)}. ${words(5)} ${i}.`
    const middle = text.indexOf('.') + 1
    const record: PassageRecord = {
      id: 10 + 3 * i,
      doc: `policies/${i}.md`,
      ver: 1 + (i % 3),
      collection: pick(['policies', 'faqs', 'products']),
      audience: random() < 0.3 ? 'agent' : 'customer',
      ...(from && { from }),
      ...(until && { until }),
      title: words(2),
      heading: words(2),
      lang: 'en',
      kind: 'paragraph',
      start: 100,
      text,
      units: [
        { start: 100, end: 100 + middle },
        { start: 101 + middle, end: 100 + text.length },
      ],
    }
    const unitVectorRows = new Float32Array(2 * testDimension)
    unitVectorRows.set(vectors[3 * i + 1]!)
    unitVectorRows.set(vectors[3 * i + 2]!, testDimension)
    return { record, vector: vectors[3 * i]!, unitVectors: unitVectorRows }
  })
}
