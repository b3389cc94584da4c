import type { Span } from '../answers/citations.ts'
import { faultOf } from '../answers/guard.ts'
import type { SpanChoice } from '../answers/spans.ts'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import type { Logger } from '../logger.ts'
import type { LostOn } from '../storage/receipts.ts'
import type { Audience, IsoDate, StoredPassage, Version } from '../storage/types.ts'
import { addDays } from '../text/calendar.ts'
import { coversDates, dayAsked, isInForce } from './periods.ts'

/** Who asks what, and on which day. */
export interface Asked {
  /** What is looked up; personal data already masked. */
  readonly text: string
  /** The customer's own words, where they are not what is looked up. */
  readonly said?: string
  readonly role: Audience
  readonly day: IsoDate
  readonly collection?: string
}

/** What may be quoted, and of which time. */
export interface Evidence {
  /** Best first; the store holds their texts, for this reader, on the day asked for. */
  readonly quotable: readonly SpanChoice[]
  readonly stored: ReadonlyMap<number, StoredPassage>
  /** All that the engine would choose from, most probable first; the first {@link choicesChecked} were read again. */
  readonly choices: readonly SpanChoice[]
  /** Passages that the index knew and the store does not give. */
  readonly lost: readonly number[]
  /** The same of the days that were looked ahead at. */
  readonly lostAhead?: readonly LostOn[]
  /** The customer's own words for another day than today, and that day. */
  readonly when?: string
  readonly asOf?: IsoDate
}

/** What will hold instead of what holds today. */
export interface Ahead {
  /** Not in force today, so it has a `from`. */
  readonly version: Version
  readonly spans: readonly Span[]
}

export interface LookedAhead extends Pick<Evidence, 'lostAhead'> {
  readonly ahead?: Ahead
}

export interface EvidenceParts {
  readonly ask: (job: AskJob) => Promise<AskResult>
  /** Passages that this role may read and that are in force on the day, by id, with their versions. */
  readonly readable: (ids: readonly number[], day: IsoDate, role: Audience) => Promise<readonly StoredPassage[]>
  readonly logger: Logger
}

/** Choices asked for, and read again from the store: what may be quoted, and what chips and titles are taken from. */
const choicesChecked = 5
/** Further ones come along, for the receipt. */
const choicesAsked = 10
const choicesAskedAgain = 40
/** Quotes that an answer shows at most of one day. */
export const maxQuotes = 2
/** A change that comes within so many days is told with what holds today. */
const daysAhead = 62

/** The engine's job for a question; a turn starts it while its message is still being stored. */
export const firstJob = (asked: Asked): AskJob => jobOf(asked, choicesAsked)

const jobOf = ({ text, said, role, day, collection }: Asked, k: number): AskJob => ({
  kind: 'ask',
  text,
  ...(said !== undefined && { said }),
  scope: collection === undefined ? { role, day } : { role, day, collection },
  k,
})

/** Finds what may be quoted. The index is a cache: nothing counts that the store does not give again. */
export function createEvidence({ ask, readable, logger }: EvidenceParts) {
  /** Choices whose text the store still holds for this reader; asks again for more when the index knew something that is gone. */
  async function verify(asked: Asked, read: AskResult): Promise<Evidence> {
    const kept = await check(asked, read.spans.slice(0, choicesChecked))
    if (kept.lost.length === 0) return { ...kept, choices: read.spans }
    logger.warn({ lost: kept.lost.length }, 'the index held passages that the store does not give; asked again')
    const again = await ask(jobOf(asked, choicesAskedAgain))
    const { quotable, stored, lost } = await check(asked, again.spans)
    return { quotable: quotable.slice(0, choicesChecked), stored, choices: again.spans.slice(0, choicesAsked), lost }
  }

  async function check(asked: Asked, wanted: readonly SpanChoice[]): Promise<Omit<Evidence, 'choices'>> {
    const ids = wanted.map(({ passage }) => passage)
    const stored = new Map((await readable(ids, asked.day, asked.role)).map((passage) => [passage.id, passage]))
    const quotable = wanted.filter((choice) => isTrue(choice, stored.get(choice.passage), asked))
    const given = new Set(quotable.map(({ passage }) => passage))
    return { quotable, stored, lost: ids.filter((id) => !given.has(id)) }
  }

  function isTrue(choice: SpanChoice, passage: StoredPassage | undefined, { role, day }: Asked): boolean {
    if (!passage) return false
    const { doc, ver } = choice
    const last = choice.spans.slice(-1)
    const claim = {
      k: 1,
      doc,
      title: '',
      ver,
      quote: choice.indexed,
      spans: last.map(([a, b]): [number, number] => [a, b]),
    }
    const fault = faultOf(claim, passage.version, role, day)
    if (fault) logger.warn({ doc, ver, fault }, 'a quote was blocked')
    return fault === undefined
  }

  return {
    /** What may be quoted; for a question that names a day, from the documents that were or will be in force then. */
    async evidenceFor(asked: Asked, understood: AskResult): Promise<Evidence> {
      const { entities } = understood
      const named = dayAsked(entities, asked.day)
      const then = named ? { ...asked, day: named.day } : asked
      const { quotable, stored, ...rest } = await verify(then, named ? await ask(firstJob(then)) : understood)
      const holds = ({ passage }: SpanChoice): boolean =>
        coversDates(stored.get(passage)?.version ?? {}, entities, asked.day)
      return {
        ...{ quotable: quotable.filter(holds), stored, ...rest },
        ...(named && { when: asked.text.slice(named.start, named.end), asOf: named.day }),
      }
    },

    /** What will be said instead when a version quoted today ends soon; no `ahead` if nothing is known to change. */
    async changeAhead(asked: Asked, { thresholds }: AskResult, evidence: Evidence): Promise<LookedAhead> {
      const quoted = evidence.quotable.slice(0, maxQuotes)
      const ends = quoted.flatMap(({ passage }) => evidence.stored.get(passage)?.version.until ?? []).sort()
      const [day] = ends
      if (evidence.when !== undefined || day === undefined || day > addDays(asked.day, daysAhead)) return {}
      const then = { ...asked, day }
      const { quotable, stored, lost } = await verify(then, await ask(firstJob(then)))
      const missing = lost.length > 0 && { lostAhead: [{ day, passages: lost }] }
      const [choice] = quotable
      const version = choice && stored.get(choice.passage)?.version
      if (!version || isInForce(version, asked.day) || choice.probability < thresholds.answer) return { ...missing }
      return { ahead: { version, spans: choice.spans }, ...missing }
    },
  }
}
