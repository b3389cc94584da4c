import type { Encoder } from '../embedding/encoder.ts'
import { normalise } from '../math/vectors.ts'
import type { EmbedJob, EmbedResult } from './jobs.ts'

/**
 * Embed passages. One pass over heading and units gives the passage's vector; the mean of the last hidden states over a
 * unit's tokens gives that unit's vector in its context. Source: late chunking, Günther et al. 2024, arXiv 2409.04701.
 * A unit that lies behind the encoder's longest input gets the passage's own vector. An encoder that keeps its hidden states
 * to itself reads each unit once more, behind the heading.
 */
export async function embedPassages(encoder: Encoder, { passages }: EmbedJob): Promise<EmbedResult> {
  const vectors: { vector: Float32Array; units: Float32Array }[] = []
  let tokens = 0
  for (const { heading, units } of passages) {
    const { ids, borders } = layOut(encoder, heading, units)
    tokens += ids.length
    if (!encoder.givesTokens) {
      const vector = await encoder.encodeIds(ids, 'passage')
      vectors.push({ vector, units: await encodeUnits(encoder, heading, units) })
      continue
    }
    const { vector, tokens: states } = await encoder.encodeWithTokens(ids)
    vectors.push({ vector, units: pool(states, vector, borders) })
  }
  return { kind: 'embed', tokens, vectors }
}

async function encodeUnits(encoder: Encoder, heading: string, units: readonly string[]): Promise<Float32Array> {
  const rows = new Float32Array(units.length * encoder.dimension)
  for (const [i, unit] of units.entries()) {
    const { ids } = layOut(encoder, heading, [unit])
    rows.set(await encoder.encodeIds(ids, 'passage'), i * encoder.dimension)
  }
  return rows
}

/** Ids of the whole passage, and from which to which token each unit reaches. */
function layOut({ tokenizer, maxTokens, prefixes }: Encoder, heading: string, units: readonly string[]) {
  const lists = [tokenizer.pieces(`${prefixes.passage}${heading}`, maxTokens)]
  // The first token opens every input and the last closes it: units lie between.
  const last = maxTokens - 1
  let at = 1 + lists[0]!.length
  const borders = units.map((unit) => {
    const pieces = at < last ? tokenizer.pieces(unit, maxTokens) : new Int32Array()
    lists.push(pieces)
    const from = Math.min(at, last)
    at += pieces.length
    return [from, Math.min(at, last)] as const
  })
  return { ids: tokenizer.frame(lists, maxTokens), borders }
}

function pool(
  states: Float32Array,
  whole: Float32Array,
  borders: readonly (readonly [number, number])[],
): Float32Array {
  const dimension = whole.length
  const pooled = new Float32Array(borders.length * dimension)
  borders.forEach(([from, to], unit) => {
    const sum = new Float32Array(dimension)
    for (let token = from; token < to; token++) {
      for (let i = 0; i < dimension; i++) sum[i]! += states[token * dimension + i]!
    }
    pooled.set(to > from ? normalise(sum) : whole, unit * dimension)
  })
  return pooled
}
