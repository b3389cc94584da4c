import type { Pool } from '../engine/pool.ts'
import type { OnProgress } from '../engine/tasks.ts'
import { normalise } from '../math/vectors.ts'
import type { Gap, Receipts } from '../storage/receipts.ts'
import type { IsoDate } from '../storage/types.ts'
import { terms } from '../text/terms.ts'
import { clusterByLeaders } from './clusters.ts'

/** One question, however often it was asked in the same words. */
export interface GapExample {
  /** The answer that was given, for `bursar why`. */
  readonly message: string
  readonly at: string
  readonly kind: string
  readonly question: string
}

/** Questions that ask for about the same. */
export interface GapCluster {
  readonly count: number
  readonly unanswered: number
  readonly poorlyRated: number
  /** When the last of them was asked, ISO time in UTC. */
  readonly last: string
  /** Different wordings, the most frequent first. */
  readonly examples: readonly GapExample[]
}

export interface GapReport {
  /** Questions looked at. */
  readonly questions: number
  /** All clusters there are, and the largest of them. */
  readonly total: number
  readonly clusters: readonly GapCluster[]
}

export interface GapParts {
  readonly receipts: Pick<Receipts, 'gaps'>
  readonly pool: Pick<Pool, 'run'>
}

/** Questions looked at, the last ones: about 15 MB of vectors. */
const mostQuestions = 10_000
const mostExamples = 3
/** Texts that an engine embeds in one job; chats come in between. */
const embeddedAtOnce = 32
/**
 * Cosines from which two questions ask for the same: of the encoder's vectors, and of shared terms for Chinese. Of 0.5 to 0.8
 * in steps of 0.05, 0.55 gave the best F1 over pairs of golden training questions (the same when a gold sentence is shared).
 */
const nearEnough = { meaning: 0.55, terms: 0.5 } as const
const termDimension = 384

/** Same words, and all the times they were asked. */
interface Wording {
  readonly text: string
  readonly lang: string
  readonly gaps: Gap[]
}

/**
 * What customers asked for and did not get, since a day, in clusters, the largest first. Deterministic for the same questions
 * and encoder.
 * @param limit clusters told at most.
 */
export async function findGaps(
  { receipts, pool }: GapParts,
  { since, limit }: { since: IsoDate; limit: number },
  onProgress: OnProgress,
): Promise<GapReport> {
  const gaps = await receipts.gaps(since, mostQuestions)
  const wordings = wordingsOf(gaps)
  const chinese = wordings.filter(({ lang }) => lang === 'zh')
  const others = wordings.filter(({ lang }) => lang !== 'zh')
  const byMeaning = await clusterByLeaders(await embed(pool, others, onProgress), nearEnough.meaning)
  // Chinese is compared by its characters, as it is searched: not every encoder knows it.
  const byTerms = await clusterByLeaders(chinese.map(termVector), nearEnough.terms)
  const clusters = [
    ...byMeaning.map((members) => clusterOf(members.map((i) => others[i]!))),
    ...byTerms.map((members) => clusterOf(members.map((i) => chinese[i]!))),
  ].sort((a, b) => b.count - a.count || (a.last < b.last ? 1 : -1))
  return { questions: gaps.length, total: clusters.length, clusters: clusters.slice(0, limit) }
}

/** The most frequent first, as they make the best leaders; ties by text, so that a rerun gives the same. */
function wordingsOf(gaps: readonly Gap[]): Wording[] {
  const known = new Map<string, Wording>()
  for (const gap of gaps) {
    const text = gap.lookedUp.toLowerCase()
    const key = `${gap.lang} ${text}`
    const wording = known.get(key) ?? { text, lang: gap.lang, gaps: [] }
    wording.gaps.push(gap)
    known.set(key, wording)
  }
  return [...known.values()].sort((a, b) => b.gaps.length - a.gaps.length || (a.text < b.text ? -1 : 1))
}

async function embed(
  pool: GapParts['pool'],
  wordings: readonly Wording[],
  onProgress: OnProgress,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = []
  for (let from = 0; from < wordings.length; from += embeddedAtOnce) {
    onProgress(from / wordings.length, 'reading questions')
    const passages = wordings.slice(from, from + embeddedAtOnce).map(({ text }) => ({ heading: '', units: [text] }))
    const done = await pool.run({ kind: 'embed', passages }, 'background')
    vectors.push(...done.vectors.map(({ vector }) => vector))
  }
  return vectors
}

/** Terms as a unit vector, each in a place by its hash (Weinberger et al. 2009, Feature hashing). */
function termVector({ text }: Wording): Float32Array {
  const vector = new Float32Array(termDimension)
  for (const term of terms(text)) vector[placeOf(term)]! += 1
  if (vector.every((value) => value === 0)) vector[0] = 1 // nothing but signs: alike among themselves
  return normalise(vector)
}

/** FNV-1a over the UTF-16 units. */
function placeOf(term: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < term.length; i++) hash = Math.imul(hash ^ term.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % termDimension
}

function clusterOf(members: readonly Wording[]): GapCluster {
  const gaps = members.flatMap((member) => member.gaps)
  const frequent = members.toSorted((a, b) => b.gaps.length - a.gaps.length).slice(0, mostExamples)
  return {
    count: gaps.length,
    unanswered: gaps.filter(({ unanswered }) => unanswered).length,
    poorlyRated: gaps.filter(({ poorlyRated }) => poorlyRated).length,
    last: gaps.reduce((last, { at }) => (at > last ? at : last), ''),
    examples: frequent.map(({ gaps: asked }) => {
      const { mid, at, kind, question } = asked.at(-1)!
      return { message: mid, at, kind, question }
    }),
  }
}
