import { CorruptError } from '../errors.ts'
import type { Sequences } from './phrases.ts'

/** Constants of BM25 (Robertson & Zaragoza 2009) and how often a heading's term counts. */
export interface KeywordParameters {
  /** How slowly repeats of a term saturate, ≥ 0. */
  readonly k1: number
  /** How much long passages are held back, 0 to 1. */
  readonly b: number
  /** A term in title or heading counts as so many in the text; a whole number. */
  readonly headingWeight: number
}

/** The parts of a keyword index, all views of one buffer: posting lists of term t are `start[t]` to `start[t + 1]`. */
export interface KeywordParts {
  readonly parameters: KeywordParameters
  /** Terms per row on average, headings included as often as they count. */
  readonly meanLength: number
  /** Per row: k1 · (1 − b + b · length / mean length). */
  readonly norms: Float32Array
  /** Per term, by {@link idfOf}. */
  readonly idf: Float32Array
  readonly start: Uint32Array
  readonly rows: Uint32Array
  readonly frequencies: Uint8Array
  /** Every row's terms as they stand there, text, gap, heading: what phrases are found by. */
  readonly sequences: Sequences
  /** Open-addressing hash table of term number + 1; 0 is free. Length a power of two. */
  readonly slots: Uint32Array
  /** UTF-8 of term t: `textStart[t]` to `textStart[t + 1]` of `text`. */
  readonly textStart: Uint32Array
  readonly text: Uint8Array
}

export interface KeywordSizes {
  readonly rows: number
  readonly terms: number
  readonly postings: number
  /** Terms of all sequences, with their gaps. */
  readonly sequence: number
  readonly slots: number
  readonly textBytes: number
}

const magic = 0x334d4b42 // "BKM3" in little-endian bytes
const headerBytes = 64

/** Lay out an empty index in one buffer of its own: header (7 of 8 × uint32, 4 × float64), then the parts, each on 8 bytes. */
export function allocateKeywordFile(
  sizes: KeywordSizes,
  parameters: KeywordParameters,
  meanLength: number,
): { bytes: Uint8Array; parts: KeywordParts } {
  const buffer = new ArrayBuffer(layout(sizes).end)
  const { rows, terms, postings, slots, textBytes, sequence } = sizes
  new Uint32Array(buffer, 0, 7).set([magic, rows, terms, postings, slots, textBytes, sequence])
  new Float64Array(buffer, 32, 4).set([parameters.k1, parameters.b, parameters.headingWeight, meanLength])
  return { bytes: new Uint8Array(buffer), parts: viewsOf(buffer, sizes) }
}

/** The parts of a file's bytes, without copying. @throws {CorruptError} if the sizes do not fit. */
export function readKeywordFile(bytes: Uint8Array, name: string): KeywordParts {
  const buffer = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  const damaged = new CorruptError(`${name} is no keyword index: rebuild the index`)
  if (buffer.byteLength < headerBytes) throw damaged
  const [mark = 0, rows = 0, terms = 0, postings = 0, slots = 0, textBytes = 0, sequence = 0] = new Uint32Array(
    buffer.buffer,
    buffer.byteOffset,
    7,
  )
  const sizes = { rows, terms, postings, slots, textBytes, sequence }
  if (mark !== magic || layout(sizes).end !== buffer.byteLength) throw damaged
  const parts = viewsOf(buffer.buffer, sizes, buffer.byteOffset)
  // A table without a free slot would make look-ups endless; posting lists out of range would score nothing.
  const powerOfTwo = slots > terms && (slots & (slots - 1)) === 0
  const ends = [parts.start[terms], parts.textStart[terms], parts.sequences.start[rows]]
  if (!powerOfTwo || ends.join() !== [postings, textBytes, sequence].join()) throw damaged
  return parts
}

function layout(sizes: KeywordSizes) {
  let end = headerBytes
  const take = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 8) * 8
    return at
  }
  const norms = take(4 * sizes.rows)
  const idf = take(4 * sizes.terms)
  const start = take(4 * (sizes.terms + 1))
  const rows = take(4 * sizes.postings)
  const frequencies = take(sizes.postings)
  const sequenceStart = take(4 * (sizes.rows + 1))
  const sequence = take(4 * sizes.sequence)
  const slots = take(4 * sizes.slots)
  const textStart = take(4 * (sizes.terms + 1))
  const text = take(sizes.textBytes)
  return { norms, idf, start, rows, frequencies, sequenceStart, sequence, slots, textStart, text, end }
}

function viewsOf(buffer: ArrayBufferLike, sizes: KeywordSizes, base = 0): KeywordParts {
  const at = layout(sizes)
  const [k1 = 0, b = 0, headingWeight = 0, meanLength = 0] = new Float64Array(buffer, base + 32, 4)
  return {
    parameters: { k1, b, headingWeight },
    meanLength,
    norms: new Float32Array(buffer, base + at.norms, sizes.rows),
    idf: new Float32Array(buffer, base + at.idf, sizes.terms),
    start: new Uint32Array(buffer, base + at.start, sizes.terms + 1),
    rows: new Uint32Array(buffer, base + at.rows, sizes.postings),
    frequencies: new Uint8Array(buffer, base + at.frequencies, sizes.postings),
    sequences: {
      start: new Uint32Array(buffer, base + at.sequenceStart, sizes.rows + 1),
      numbers: new Uint32Array(buffer, base + at.sequence, sizes.sequence),
    },
    slots: new Uint32Array(buffer, base + at.slots, sizes.slots),
    textStart: new Uint32Array(buffer, base + at.textStart, sizes.terms + 1),
    text: new Uint8Array(buffer, base + at.text, sizes.textBytes),
  }
}

/** Inverse document frequency of a term that `frequency` of `rows` have: ln(1 + (N − df + 0.5) / (df + 0.5)), above 0. */
export const idfOf = (rows: number, frequency: number): number =>
  Math.log(1 + (rows - frequency + 0.5) / (frequency + 0.5))

/** What the frequency of a term is weighed against in a row of this length: k1 · (1 − b + b · length / mean length). */
export const normOf = ({ k1, b }: KeywordParameters, length: number, meanLength: number): number =>
  k1 * (1 - b + (meanLength > 0 ? (b * length) / meanLength : 0))

/** FNV-1a of a term's UTF-8 bytes, 32 bits; where its search in `slots` begins. Source: Fowler, Noll & Vo. */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}
