import type { DenseHits } from './dense-search.ts'
import type { Selection } from './filters.ts'
import type { Segment } from './snapshot.ts'
import type { Space } from './types.ts'
import type { Neighbour } from './vector-index.ts'

/** The encoders' unit vectors of a question; may be left out where only keywords count. */
export interface QuestionVectors {
  readonly vector?: Float32Array
  /** The second encoder's, where {@link createSpaces} says that it is needed. */
  readonly second?: Float32Array
}

/** Cosines of one question; valid until the next search on the same segment. */
export interface Meaning {
  /** The nearest rows by each encoder that the question needs, in the order of {@link createSpaces}'s `needed`. */
  readonly best: readonly (readonly Neighbour[])[]
  cosineOf(row: number): number
  spaceOf(row: number): Space
  /** Whether the row is in another language than the question, as far as that can be told: it shares no words with it. */
  isForeign(row: number): boolean
}

/**
 * Compare a question with passages, each pair by the encoder that knows both languages: the second one wherever Chinese is
 * on either side, the first one else. Without a second encoder the first compares everything.
 */
export function createSpaces({ vectors, second, chinese }: Pick<Segment, 'vectors' | 'second' | 'chinese'>) {
  const parts = new WeakMap<Selection, Readonly<Record<Space, Selection>>>()

  /** A selection's rows in other languages and in Chinese. */
  function partsOf(selection: Selection): Readonly<Record<Space, Selection>> {
    const known = parts.get(selection)
    if (known) return known
    const { rows } = chinese
    const masks = { first: new Uint8Array(rows), second: new Uint8Array(rows) }
    let inChinese = 0
    for (let row = 0; row < rows; row++) {
      if (selection.mask && selection.mask[row] === 0) continue
      if (chinese.isChinese(row)) inChinese++
      masks[chinese.isChinese(row) ? 'second' : 'first'][row] = 1
    }
    const made = {
      first: { mask: masks.first, count: selection.count - inChinese },
      second: { mask: masks.second, count: inChinese },
    }
    parts.set(selection, made)
    return made
  }

  function needed(isChinese: boolean): readonly Space[] {
    if (!second) return ['first']
    if (isChinese) return ['second']
    return chinese.any ? ['first', 'second'] : ['first']
  }

  function hitsOf(space: Space, question: QuestionVectors, depth: number, selection: Selection): DenseHits | undefined {
    const [vector, search] = space === 'first' ? [question.vector, vectors] : [question.second, second]
    if (!vector || !search) throw new RangeError(`the question has no vector of the ${space} encoder`)
    return selection.count === 0 ? undefined : search.search(vector, depth, selection)
  }

  return {
    /** Encoders whose vectors a question needs. */
    needed,
    /** @throws {RangeError} for a bad vector, or one that is needed and missing. */
    search(question: QuestionVectors, isChinese: boolean, depth: number, selection: Selection): Meaning {
      const spaces = needed(isChinese)
      const hits = new Map(
        spaces.map((space) => {
          const within = spaces.length === 1 ? selection : partsOf(selection)[space]
          return [space, hitsOf(space, question, depth, within)]
        }),
      )
      const spaceOf = (row: number): Space =>
        spaces.length === 1 ? spaces[0]! : chinese.isChinese(row) ? 'second' : 'first'
      return {
        best: Array.from(hits.values(), (found) => found?.best ?? []),
        cosineOf: (row) => hits.get(spaceOf(row))?.cosineOf(row) ?? 0,
        spaceOf,
        isForeign: (row) => second !== undefined && chinese.isChinese(row) !== isChinese,
      }
    },
  }
}
