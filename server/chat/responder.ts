import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { cite, type Span } from '../answers/citations.ts'
import { faultOf } from '../answers/guard.ts'
import type { SpanChoice } from '../answers/spans.ts'
import { templateLang } from '../answers/templates.ts'
import type { CaseTerms } from '../cases/rules.ts'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import type { Logger } from '../logger.ts'
import { emptyProfile, mergeProfiles, profileOf } from '../recommend/profile.ts'
import type { Recommender } from '../recommend/recommender.ts'
import type { ReadingReceipt } from '../storage/receipts.ts'
import type { Audience, IsoDate, StoredPassage, Version } from '../storage/types.ts'
import { standAloneQuestion } from '../text/follow-up.ts'
import { questionsIn } from '../text/questions.ts'
import type { Right } from '../text/rights-kinds.ts'
import type { Invoked } from './case-notes.ts'
import { type Composer, createComposer, type Draft, readingOf, type ShownProduct } from './compose.ts'
import { caseIn, isInTrouble } from './distress.ts'
import { type Asked, createEvidence, firstJob } from './evidence.ts'
import { type HandoffReason, intents } from './intents.ts'
import { type Action, chooseAction, isGap, isUpset, type Situation } from './policy.ts'
import { chipsOf, citationsOf, datedQuotes, isForeign, nearestTitle } from './quotes.ts'
import { type Background, receiptOf } from './receipt.ts'
import { refOf } from './reference.ts'
import { rightsOf, type Told, toldIn } from './rights.ts'
import { type Considered, decide, leastSure, mayBeTakenApart, quotesOf, type Several, together } from './several.ts'
import { freshState } from './state.ts'
import { asksForOwn, asksForPerson, hasWords } from './wording.ts'

/** One question with all that may sway its answer. */
export interface Request extends Asked, Background {}

export interface Response extends Invoked {
  readonly draft: Draft
  /** The conversation goes to a person. */
  readonly handoff?: HandoffReason
  readonly shown: readonly string[]
  /** That the best span answers, 0 to 1; 0 without one. */
  readonly probability: number
  readonly receipt: ReadingReceipt
  /** The question stayed unanswered for want of a text. */
  readonly gap: boolean
}

/** An answer that could be given. */
export interface Alternative {
  readonly draft: Draft
  /** That it answers, 0 to 1. */
  readonly probability: number
}

export interface Suggestions extends Pick<Draft, 'intent' | 'sentiment'> {
  readonly alternatives: readonly Alternative[]
}

/** What the responder needs of the house; each part is asked, none calls back. */
export interface ResponderParts {
  readonly ask: (job: AskJob) => Promise<AskResult>
  /** Passages that this role may read and that are in force on the day, by id, with their versions. */
  readonly readable: (ids: readonly number[], day: IsoDate, role: Audience) => Promise<readonly StoredPassage[]>
  readonly recommender: () => Recommender
  /** The current version of a document; undefined if there is none. */
  readonly current: (doc: string) => Promise<Version | undefined>
  readonly termsOf: (type: Right, day: IsoDate) => CaseTerms
  readonly logger: Logger
}

const shortlist = 3

/** A reference that can be read out on the telephone: no letters or digits that are mistaken for each other. */
export function mintReference(): string {
  const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
  return Array.from({ length: 8 }, (_, i) => `${i === 4 ? '-' : ''}${alphabet[randomInt(alphabet.length)]}`).join('')
}

/** An engine's reading that was asked for before its turn. */
export interface Early {
  readonly job: AskJob
  readonly result: Promise<AskResult>
  /** To be called when its answer is stored, or when it is not used. */
  readonly end: () => void
}

/** What is looked up for a request: a follow-up is made to stand alone, and read as it was said. */
export function lookedUpFor<T extends Asked & Pick<Background, 'state'>>(request: T): T {
  const text = standAloneQuestion(request.text, request.state.question)
  return text === request.text ? request : { ...request, text, said: request.text }
}

/** Answers one question: understand, choose, quote, guard. Holds nothing between questions. */
export function createResponder({ ask, readable, recommender, current, termsOf, logger }: ResponderParts) {
  const { evidenceFor, changeAhead } = createEvidence({ ask, readable, logger })

  async function respond(request: Request, early?: Early): Promise<Response> {
    const whole = await consider(request, early)
    const questions = mayBeTakenApart(whole.choice) ? questionsIn(request.text) : []
    const parts = questions.length > 1 ? await considerEach(request, questions) : []
    const decided = decide(whole, parts)
    const isSeveral = 'answered' in decided
    const action: Action = isSeveral ? answerEach(decided, whole) : decided.choice
    const { understood } = whole
    const lang = templateLang(understood.lang)
    const composer = createComposer(lang, readingOf(understood), isForeign(isSeveral ? whole : decided, lang))
    const drafted = draftFor(action, decided, request.day, composer)
    const invoked = rightsOf(whole.told.rights, action)
    const ref = refOf(drafted.draft.parts) ?? mintReference()
    const opened = invoked
      .filter((type) => !request.state.cases?.includes(type))
      .map((type) => ({ type, ref, ...termsOf(type, request.day) }))
    const draft = composer.noted(drafted.draft, opened)
    const looked = parts.length > 0 ? together([whole, ...parts]) : whole
    const receipt = receiptOf(request, understood, looked, action, parts.length > 0 ? questions : undefined)
    const probability = isSeveral ? leastSure(decided) : probabilityOf(request.text, decided)
    return {
      ...drafted,
      draft,
      rights: invoked,
      opened,
      probability,
      receipt,
      gap: isGap(action) || (isSeveral && decided.missed > 0),
    }
  }

  /** Look one question up, and what the policy makes of it. */
  async function consider(request: Request, early?: Early): Promise<Considered> {
    const asked = lookedUpFor(request)
    const job = firstJob(asked)
    // Another tab's message, or midnight, may have come in between.
    const understood = await (early && isDeepStrictEqual(early.job, job) ? early.result : ask(job))
    const evidence = await evidenceFor(asked, understood)
    const isForSale = !request.state.cases && !isInTrouble(request.text) // nothing is sold where a right was invoked
    const products = wantsProducts(understood) && isForSale ? await fitting(request, understood) : []
    const told = toldIn(request.text, understood.rights)
    const situation = situate(request, understood, evidence.quotable, products.length, told)
    const choice = chooseAction(situation, understood.thresholds)
    const ahead = choice.kind === 'answer' ? await changeAhead(asked, understood, evidence) : {}
    return { understood, ...evidence, ...ahead, products, told, choice }
  }

  /** Each question of a message as if it were asked after the one before it. */
  function considerEach(request: Request, questions: readonly string[]): Promise<Considered[]> {
    let { state } = request
    return Promise.all(
      questions.map((text) => {
        const considered = consider({ ...request, text, state })
        state = { ...state, question: standAloneQuestion(text, state.question) }
        return considered
      }),
    )
  }

  /** The recommender holds sheets as they were read; only what the store still gives to this reader may leave. */
  async function fitting(request: Request, { vector }: AskResult): Promise<ShownProduct[]> {
    const { text, role, day, dismissed } = request
    const profile = mergeProfiles(request.profile, profileOf(text))
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

  /** Up to `most` answers out of the texts that are near enough, the likeliest first; whatever the policy would have chosen. */
  async function suggest(request: Request, most: number): Promise<Suggestions> {
    const found = await consider(request)
    const { understood, quotable } = found
    const reading = readingOf(understood)
    const lang = templateLang(understood.lang)
    const composer = createComposer(lang, reading, isForeign(found, lang))
    const near = quotable.filter(({ probability }) => probability >= understood.thresholds.topic).slice(0, most)
    const alternatives = near.map((choice) => ({
      draft: composer.answer([datedQuotes({ ...found, quotable: [choice] }, request.day)], []),
      probability: choice.probability,
    }))
    return { ...reading, alternatives: distinct(alternatives) }
  }

  return { respond, suggest }
}
export type Responder = ReturnType<typeof createResponder>

const distinct = (all: readonly Alternative[]): Alternative[] =>
  all.filter(({ draft: { text } }, i) => all.findIndex(({ draft }) => draft.text === text) === i)

/** A question in a conversation of its own. @param before the question before it, made to stand alone. */
export const standAlone = (text: string, role: Audience, day: IsoDate, before?: string): Request => ({
  ...{ text, role, day, state: before === undefined ? freshState : { ...freshState, question: before } },
  ...{ profile: emptyProfile, dismissed: new Set() },
})

const useOf = ({ intent }: AskResult) => (intent.outOfScope ? undefined : intents[intent.name]?.does)
const wantsProducts = (understood: AskResult): boolean => useOf(understood)?.use === 'recommend'

function situate(
  request: Request,
  understood: AskResult,
  quotable: readonly SpanChoice[],
  products: number,
  told: Told,
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
    noted: told.rights.size > 0,
    put: told.put,
    answerable: hasWords(request.text) ? (quotable[0]?.probability ?? 0) : 0,
    fitting: products,
    nearTopics: near.length,
    failedTurns: request.state.failedTurns,
  }
}

/** What is offered with the quotes: a person, if the whole or a part of it called for one. */
const answerEach = ({ answered }: Several, { choice, understood: { sentiment } }: Considered): Action => {
  const offers = [choice, ...answered.map((one) => one.choice)].some((one) => one.kind === 'answer' && one.offerPerson)
  return { kind: 'answer', rule: 'several', offerPerson: isUpset(sentiment.label) || offers }
}

const probabilityOf = (text: string, { quotable: [best] }: Considered): number =>
  hasWords(text) ? (best?.probability ?? 0) : 0

function draftFor(
  action: Action,
  decided: Considered | Several,
  day: IsoDate,
  composer: Composer,
): Pick<Response, 'draft' | 'handoff' | 'shown'> {
  if ('answered' in decided) {
    const ref = action.kind === 'answer' && action.offerPerson ? mintReference() : undefined
    return { draft: composer.answer(quotesOf(decided, day), [], ref, decided.missed > 0), shown: [] }
  }
  const { products } = decided
  switch (action.kind) {
    case 'answer': {
      const ref = action.offerPerson ? mintReference() : undefined
      return { draft: composer.answer([datedQuotes(decided, day)], chipsOf(decided, 1), ref), shown: [] }
    }
    case 'handoff':
      return {
        draft: composer.handoff(action.reason, mintReference(), action.quote ? citationsOf(decided) : []),
        handoff: action.reason,
        shown: [],
      }
    case 'smalltalk':
      return { draft: composer.smalltalk(action.template), shown: [] }
    case 'recommend':
      return { draft: composer.recommend(products), shown: products.map(({ product }) => product) }
    case 'clarify':
      return { draft: composer.clarify(chipsOf(decided, 0)), shown: [] }
    case 'abstain':
      return { draft: composer.abstain(nearestTitle(decided)), shown: [] }
  }
}
