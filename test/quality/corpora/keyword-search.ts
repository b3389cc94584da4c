import { join } from 'node:path'
import { allMiniLm } from '../../../server/embedding/model-spec.ts'
import { loadTokenizer } from '../../../server/embedding/tokenizer.ts'
import { chunk } from '../../../server/ingestion/chunk.ts'
import { createFilterBuilder, openFilters } from '../../../server/retrieval/filters.ts'
import { createKeywordBuilder } from '../../../server/retrieval/keyword-builder.ts'
import { openKeywordIndex } from '../../../server/retrieval/keyword-index.ts'
import { terms } from '../../../server/text/terms.ts'
import type { Search } from './golden.ts'
import type { SourceDocument } from './load.ts'

/** Counts the tokens of a text, as chunks are measured. */
export type CountTokens = (text: string) => number

/** The encoder's own count. @throws {ModelError} if the encoder was not pulled to `modelsDir`. */
export async function tokenCounter(modelsDir: string): Promise<CountTokens> {
  const tokenizer = await loadTokenizer(join(modelsDir, allMiniLm.name))
  return (text) => tokenizer.count(text)
}

/** The two tokens that stand around every input of the encoder. */
const specialTokens = 2

/** BM25 over the product's own chunks of what customers may read on the day; a document is as good as its best chunk. */
export function createKeywordSearch(documents: readonly SourceDocument[], countTokens: CountTokens): Search {
  const [index, filters, docs] = [createKeywordBuilder(), createFilterBuilder(), [] as string[]]
  for (const document of documents) {
    const { id: doc, title, text, audience, from, until } = document
    for (const piece of chunk(document, countTokens, allMiniLm.maxTokens - specialTokens)) {
      const { heading, start, end, units, lang, kind } = piece
      const body = text.slice(start, end)
      index.add(terms(body), terms(heading.startsWith(title) ? heading : `${title} ${heading}`))
      filters.add({
        ...{
          id: docs.length,
          doc,
          ver: 1,
          collection: 'corpora',
          audience,
          title,
          heading,
          lang,
          kind,
          start,
          text: body,
          units,
        },
        ...(from === undefined ? {} : { from }),
        ...(until === undefined ? {} : { until }),
      })
      docs.push(doc)
    }
  }
  const keywords = openKeywordIndex(index.build())
  const { bytes, collections } = filters.build()
  const selection = openFilters(bytes, docs.length, collections, 'filters')
  return (text, day, k) => {
    const { mask } = selection.select({ role: 'customer', day })
    const { best } = keywords.search(terms(text), docs.length, mask)
    return [...new Set(best.map(({ id }) => docs[id]!))].slice(0, k)
  }
}
