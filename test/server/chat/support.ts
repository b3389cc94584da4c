import type { AskResult } from '../../../server/engine/jobs.ts'
import type { StoredPassage, Version } from '../../../server/storage/types.ts'

/** What an engine says of a message in this mood, without anything found. */
export const reading = (label: AskResult['sentiment']['label'] = 'neutral', text = ''): AskResult => ({
  ...{ kind: 'ask', lang: 'en', vector: new Float32Array(1), entities: [], rights: [], spans: [] },
  readWith: {
    ...{ generation: 1, index: 'i', encoder: 'e', toleratedError: 0.1 },
    heads: { intent: 1, sentiment: 1, answerable: 1 },
  },
  computeMs: 1,
  lookedUp: { text, synonyms: '' },
  intent: { name: 'x', confidence: 1, outOfScope: false },
  sentiment: { label, score: 1 },
  thresholds: { answer: 0.6, topic: 0.2, intent: 0.5 },
})

/** A document of one sentence. */
export const versionOf = (doc: string, text: string, bounds: Pick<Version, 'from' | 'until'> = {}): Version => ({
  ...{ id: 1, doc, ver: 1, title: doc, lang: 'en', audience: 'customer', text, ...bounds },
  ...{ at: '2026-11-22', collection: 'c', contentHash: 'h' },
})

/** Its only passage. */
export const passageOf = (id: number, version: Version): StoredPassage => ({
  ...{ id, position: 0, kind: 'paragraph', heading: '', start: 0, end: version.text.length, hash: 'h', lang: 'en' },
  ...{ units: [{ start: 0, end: version.text.length }], version },
})
