import { randomInt } from 'node:crypto'
import { cite, type Span } from '../answers/citations.ts'
import { faultOf } from '../answers/guard.ts'
import { type SpanChoice, secondQuoteShare } from '../answers/spans.ts'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import type { Logger } from '../logger.ts'
import type { Citation } from '../protocol/events.ts'
import { emptyProfile, mergeProfiles, type Profile, profileOf } from '../recommend/profile.ts'
import type { Recommender } from '../recommend/recommender.ts'
import type { Audience, IsoDate, StoredPassage, Version } from '../storage/types.ts'
import { type Composer, createComposer, type Draft, readingOf, type ShownProduct } from './compose.ts'
import { caseIn, isInTrouble } from './distress.ts'
import { type HandoffReason, intents } from './intents.ts'
import { coversDates } from './periods.ts'
import { type Action, chooseAction, type Situation } from './policy.ts'
import { type DialogueState, freshState } from './state.ts'
import { asksForOwn, asksForPerson, hasWords, isQuestion } from './wording.ts'

/** One question with all that may sway its answer. */
export interface Request {
  /** Personal data already masked. */
  readonly text: string
  readonly role: Audience
  readonly day: IsoDate
  readonly collection?: string
  readonly state: DialogueState
  readonly profile: Profile
  readonly dismissed: ReadonlySet<string>
}

export interface Response {
  readonly draft: Draft
  /** The conversation goes to a person. */
  readonly handoff?: HandoffReason
  readonly shown: readonly string[]
  /** That the best span answers, 0 to 1; 0 without one. */
  readonly probability: number
}

/** What the responder needs of the house; each part is asked, none calls back. */
export interface ResponderParts {
  readonly ask: (job: AskJob) => Promise<AskResult>
  /** Passages that this role may read and that are in force on the day, by id, with their versions. */
  readonly readable: (ids: readonly number[], day: IsoDate, role: Audience) => Promise<readonly StoredPassage[]>
  readonly recommender: () => Recommender
  /** The current version of a document; undefined if there is none. */
  readonly current: (doc: string) => Promise<Version | undefined>
  readonly logger: Logger
}

const passagesAsked = 8
const passagesAskedAgain = 40
/** Choices read again from the store: what may be quoted, and what chips and titles are taken from. */
const choicesChecked = 5
const maxQuotes = 2
const maxChips = 3
const shortlist = 3

/** A reference that can be read out on the telephone: no letters or digits that are mistaken for each other. */
export function mintReference(): string {
  const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
  return Array.from({ length: 8 }, (_, i) => `${i === 4 ? '-' : ''}${alphabet[randomInt(alphabet.length)]}`).join('')
}

/** Answers one question: understand, choose, quote, guard. Holds nothing between questions. */
export function createResponder({ ask, readable, recommender, current, logger }: ResponderParts) {
  async function respond(request: Request, first?: Promise<AskResult>): Promise<Response> {
    const understood = await (first ?? ask(jobOf(request, passagesAsked)))
    const { quotable: all, stored } = await verified(request, understood)
    const inForce = ({ passage }: SpanChoice): boolean =>
      coversDates(stored.get(passage)?.version ?? {}, understood.entities, request.day)
    const quotable = all.filter(inForce)
    const profile = mergeProfiles(request.profile, profileOf(request.text))
    const products =
      wantsProducts(understood) && !isInTrouble(request.text) ? await fitting(request, understood, profile) : []
    const situation = situate(request, understood, quotable, products.length)
    const action = chooseAction(situation, understood.thresholds)
    const composer = createComposer(understood.lang === 'zh' ? 'zh' : 'en', readingOf(understood))
    const drafted = draftFor(action, { request, understood, quotable, stored, products, composer })
    return { ...drafted, probability: situation.answerable }
  }

  /** Choices whose text the store still holds for this reader; asks again for more when the index knew something that is gone. */
  async function verified(request: Request, understood: AskResult) {
    const kept = await check(request, understood.spans)
    const lost = Math.min(understood.spans.length, choicesChecked) - kept.quotable.length
    if (lost === 0) return kept
    logger.warn({ lost }, 'the index held passages that the store does not give; asked again')
    const again = await ask(jobOf(request, passagesAskedAgain))
    const { quotable, stored } = await check(request, again.spans, again.spans.length)
    return { quotable: quotable.slice(0, choicesChecked), stored }
  }

  async function check(request: Request, spans: readonly SpanChoice[], most = choicesChecked) {
    const wanted = spans.slice(0, most)
    const found = await readable(
      wanted.map(({ passage }) => passage),
      request.day,
      request.role,
    )
    const stored = new Map(found.map((passage) => [passage.id, passage]))
    return { quotable: wanted.filter((choice) => isTrue(choice, stored.get(choice.passage), request)), stored }
  }

  function isTrue(choice: SpanChoice, passage: StoredPassage | undefined, { role, day }: Request): boolean {
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

  /** The recommender holds sheets as they were read; only what the store still gives to this reader may leave. */
  async function fitting(request: Request, { vector }: AskResult, profile: Profile): Promise<ShownProduct[]> {
    const { text, role, day, dismissed } = request
    const shown: ShownProduct[] = []
    let k = 0
    const wish = { vector, text, day, profile, dismissed, k: shortlist }
    for (const { product, title, version, reasons } of recommender().recommend(wish)) {
      const cites = reasons.map((spans: readonly Span[], i) => cite(k + i + 1, version, spans))
      const stored = await current(version.doc)
      const fault = cites.map((claim) => faultOf(claim, stored, role, day)).find(Boolean)
      if (fault) {
        logger.warn({ doc: version.doc, ver: version.ver, fault }, 'a product was not shown')
        continue
      }
      k += cites.length
      shown.push({ product, title, reasons: cites })
    }
    return shown
  }

  return { respond }
}
export type Responder = ReturnType<typeof createResponder>

/** A question in a conversation of its own. */
export const standAlone = (text: string, role: Audience, day: IsoDate): Request => ({
  ...{ text, role, day, state: freshState, profile: emptyProfile, dismissed: new Set() },
})

/** The engine's job for a request. */
export const jobOf = (
  { text, role, day, collection }: Omit<Request, 'state' | 'profile' | 'dismissed'>,
  k: number,
): AskJob => ({
  kind: 'ask',
  text,
  scope: collection === undefined ? { role, day } : { role, day, collection },
  k,
})
/** The job that a turn starts while its message is still being stored. */
export const firstJob = (text: string, day: IsoDate): AskJob => jobOf({ text, role: 'customer', day }, passagesAsked)

const useOf = ({ intent }: AskResult) => (intent.outOfScope ? undefined : intents[intent.name]?.does)
const wantsProducts = (understood: AskResult): boolean => useOf(understood)?.use === 'recommend'

function situate(
  request: Request,
  understood: AskResult,
  quotable: readonly SpanChoice[],
  products: number,
): Situation {
  const near = quotable.filter(({ probability }) => probability >= understood.thresholds.topic)
  const own = asksForOwn(request.text)
  return {
    use: own ? { use: 'own' } : useOf(understood),
    confidence: own ? 1 : understood.intent.confidence,
    mood: understood.sentiment.label,
    moodBefore: request.state.moodBefore,
    asksForPerson: asksForPerson(request.text),
    told: caseIn(request.text),
    isQuestion: isQuestion(request.text),
    answerable: hasWords(request.text) ? (quotable[0]?.probability ?? 0) : 0,
    fitting: products,
    nearTopics: near.length,
    failedTurns: request.state.failedTurns,
  }
}

interface Material {
  readonly request: Request
  readonly understood: AskResult
  readonly quotable: readonly SpanChoice[]
  readonly stored: ReadonlyMap<number, StoredPassage>
  readonly products: readonly ShownProduct[]
  readonly composer: Composer
}

function draftFor(action: Action, material: Material): Omit<Response, 'probability'> {
  const { products, composer, understood } = material
  const quotes = () => citationsOf(material)
  switch (action.kind) {
    case 'answer': {
      const ref = action.offerPerson ? mintReference() : undefined
      return { draft: composer.answer(quotes(), chipsOf(material, 1), ref), shown: [] }
    }
    case 'handoff':
      return {
        draft: composer.handoff(action.reason, mintReference(), action.quote ? quotes() : []),
        handoff: action.reason,
        shown: [],
      }
    case 'smalltalk':
      return { draft: composer.smalltalk(action.template), shown: [] }
    case 'recommend':
      return { draft: composer.recommend(products), shown: products.map(({ product }) => product) }
    case 'clarify':
      return { draft: composer.clarify(chipsOf(material, 0)), shown: [] }
    case 'abstain':
      return { draft: composer.abstain(nearestTitle(material, understood.thresholds.topic)), shown: [] }
  }
}

/** The best quote, and a second one from another document if it is probable too and says something else. */
function citationsOf({ quotable, stored }: Material): Citation[] {
  const cites: Citation[] = []
  for (const choice of quotable) {
    const passage = stored.get(choice.passage)
    const enough = choice.probability >= (quotable[0]?.probability ?? 1) * secondQuoteShare
    if (!passage || !enough || cites.length === maxQuotes) break
    const next = cite(cites.length + 1, passage.version, choice.spans, passage.units)
    if (!cites.some(({ quote, doc }) => doc === next.doc || quote.includes(next.quote) || next.quote.includes(quote)))
      cites.push(next)
  }
  return cites
}

/** Questions or headings of further passages, to be asked by a tap. */
function chipsOf({ quotable, stored, understood }: Material, skip: number): string[] {
  const near = quotable.slice(skip).filter(({ probability }) => probability >= understood.thresholds.topic)
  // A question stands for itself; a heading such as "In short" says nothing without its document.
  const names = near.map(({ passage }) => {
    const found = stored.get(passage)
    return (found?.kind === 'qa' ? found.heading.split(' › ').at(-1) : found?.version.title) ?? ''
  })
  return [...new Set(names.filter(Boolean))].slice(0, maxChips)
}

function nearestTitle({ quotable, stored }: Material, topic: number): string | undefined {
  const best = quotable[0]
  return best && best.probability >= topic ? stored.get(best.passage)?.version.title : undefined
}
