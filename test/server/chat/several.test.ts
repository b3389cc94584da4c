import { describe, expect, it } from 'vitest'
import { createSeveral, quotesOf } from '../../../server/chat/several.ts'
import { freshState } from '../../../server/chat/state.ts'
import type { AskJob, AskResult } from '../../../server/engine/jobs.ts'
import type { StoredPassage, Version } from '../../../server/storage/types.ts'

const day = '2026-11-22'
const version = (doc: string): Version => ({
  ...{ id: 1, doc, ver: 1, title: doc, lang: 'en', audience: 'customer', text: doc },
  ...{ at: day, collection: 'c', contentHash: 'h' },
})
const passage = (id: number, doc: string): StoredPassage => ({
  ...{ id, position: 0, kind: 'paragraph', heading: '', start: 0, end: doc.length, hash: 'h', lang: 'en' },
  ...{ units: [{ start: 0, end: doc.length }], version: version(doc) },
})

/** What an engine would say: the document, how probable it is, and the mood of the question. */
type Reply = readonly [doc: string, probability: number, label: AskResult['sentiment']['label']]

function over(replies: Readonly<Record<string, Reply>>) {
  const replyTo = (text: string): Reply => replies[text] ?? ['nothing', 0, 'neutral']
  const ask = async ({ text }: AskJob): Promise<AskResult> => {
    const [, , label] = replyTo(text)
    return {
      ...{ kind: 'ask', lang: 'en', vector: new Float32Array(1), entities: [], spans: [] },
      readWith: {
        ...{ generation: 1, index: 'i', encoder: 'e', toleratedError: 0.1 },
        heads: { intent: 1, sentiment: 1, answerable: 1 },
      },
      lookedUp: { text, synonyms: '' },
      intent: { name: 'x', confidence: 1, outOfScope: false },
      sentiment: { label, score: 1 },
      thresholds: { answer: 0.6, topic: 0.2, intent: 0.5 },
    }
  }
  return createSeveral({
    ask,
    evidenceFor: async ({ text }) => {
      const [doc, probability] = replyTo(text)
      const spans: [number, number][] = [[0, doc.length]]
      const choice = {
        ...{ passage: 1, doc, ver: 1, spans, indexed: doc },
        score: 1,
        dense: 1,
        keyword: 1,
        probability,
      }
      return { quotable: [choice], stored: new Map([[1, passage(1, doc)]]), choices: [choice], lost: [] }
    },
    changeAhead: async () => undefined,
  })
}
const request = (text: string) => ({ text, role: 'customer' as const, day, state: freshState })

describe('a message with two questions', () => {
  it('is answered one by one, the urgent one first', async () => {
    const each = over({
      'What is the late fee?': ['fees', 0.9, 'neutral'],
      'My card is gone, what now?': ['cards', 0.7, 'urgent'],
    })
    const several = await each(request('What is the late fee? My card is gone, what now?'))
    expect(several?.missed).toBe(0)
    const quotes = quotesOf(several!, day).map(({ cites }) => cites.map(({ k, quote }) => [k, quote]))
    expect(quotes).toEqual([[[1, 'cards']], [[2, 'fees']]])
  })

  it('says that one of them is not answered', async () => {
    const each = over({ 'What is the late fee?': ['fees', 0.9, 'neutral'] })
    const several = await each(request('What is the late fee? Do you sell stamps?'))
    expect([several?.answered.length, several?.missed]).toEqual([1, 1])
  })

  it('reads the second as a follow-up of the first', async () => {
    const each = over({
      'Can I open a joint account?': ['joint', 0.9, 'neutral'],
      'How long does it take? (open joint account)': ['time', 0.8, 'neutral'],
    })
    const several = await each(request('Can I open a joint account? How long does it take?'))
    expect(several?.answered.map(({ quotable }) => quotable[0]?.doc)).toEqual(['joint', 'time'])
  })

  it('gets one quote where the same words answer both', async () => {
    const each = over({
      'What is the late fee?': ['fees', 0.9, 'neutral'],
      'Is there a late fee?': ['fees', 0.8, 'neutral'],
    })
    expect((await each(request('What is the late fee? Is there a late fee?')))?.answered).toHaveLength(1)
  })

  it('is left to the whole message where no text answers either', async () => {
    expect(await over({})(request('Do you sell stamps? Do you sell coins?'))).toBeUndefined()
    expect(await over({})(request('Do you sell stamps?'))).toBeUndefined()
  })
})
