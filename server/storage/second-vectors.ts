import { toBytes } from '../math/vectors.ts'
import type { Database } from './database.ts'
import { type KnownVectors, vectorsByHash } from './passages.ts'
import { slices } from './rows.ts'
import type { Tx } from './types.ts'
import { quantise } from './vectors.ts'

/** Rows per INSERT and keys per SELECT. */
const batch = 200

/** Items in pages of `size`, the last perhaps shorter. */
export async function* inPages<T>(items: AsyncIterable<T>, size = batch): AsyncGenerator<T[], void, undefined> {
  let page: T[] = []
  for await (const item of items) {
    page.push(item)
    if (page.length < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

export type SecondVectors = ReturnType<typeof createSecondVectors>

/** Vectors of passages by a second encoder, kept by the passages' content hashes, beside those that `passages` holds. */
export function createSecondVectors({ reader }: Database) {
  return {
    /** The vectors that `encoder` made for these content hashes; those that it did not make are absent. */
    of: (hashes: readonly string[], encoder: string): Promise<Map<string, KnownVectors>> =>
      vectorsByHash([...new Set(hashes)], (slice) =>
        reader
          .selectFrom('secondVectors')
          .select(['hash', 'vector', 'unitVectors'])
          .where('encoder', '=', encoder)
          .where('hash', 'in', slice)
          .execute(),
      ),

    /** Passages of current versions whose content `encoder` has made no vectors for, one of each content; ids ascend. */
    missing: async (encoder: string): Promise<number[]> => {
      const rows = await reader
        .selectFrom('passages')
        .innerJoin('documents', 'documents.current', 'passages.version')
        .leftJoin('secondVectors', (join) =>
          join.on('secondVectors.encoder', '=', encoder).onRef('secondVectors.hash', '=', 'passages.hash'),
        )
        .select(({ fn }) => fn.min<number>('passages.id').as('id'))
        .where('secondVectors.hash', 'is', null)
        .groupBy('passages.hash')
        .orderBy('id')
        .execute()
      return rows.map(({ id }) => id)
    },

    /** Keep vectors; what is there already stays. */
    add: async (tx: Tx, encoder: string, made: ReadonlyMap<string, KnownVectors>): Promise<void> => {
      for (const slice of slices([...made], batch)) {
        const rows = slice.map(([hash, { vector, unitVectors }]) => ({
          ...{ encoder, hash, vector: toBytes(vector), unitVectors: quantise(unitVectors, vector.length) },
        }))
        await tx
          .insertInto('secondVectors')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }
    },
  }
}
