import { randomInt } from 'node:crypto'
import { cite, type Span } from '../answers/citations.ts'
import { faultOf } from '../answers/guard.ts'
import type { SpanChoice } from '../answers/spans.ts'
import { templateLang } from '../answers/templates.ts'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import type { Logger } from '../logger.ts'
import { emptyProfile, mergeProfiles, profileOf } from '../recommend/profile.ts'
import type { Recommender } from '../recommend/recommender.ts'
import type { ReadingReceipt } from '../storage/receipts.ts'
import type { Audience, IsoDate, StoredPassage, Version } from '../storage/types.ts'
import { standAloneQuestion } from '../text/follow-up.ts'
import { type Composer, createComposer, type Draft, readingOf, type ShownProduct } from './compose.ts'
import { caseIn, isInTrouble } from './distress.ts'
import { type Asked, createEvidence, firstJob } from './evidence.ts'
import { type HandoffReason, intents } from './intents.ts'
import { type Action, chooseAction, isGap, type Situation } from './policy.ts'
import { chipsOf, citationsOf, datedQuotes, type Found, isForeign, nearestTitle } from './quotes.ts'
import { type Background, receiptOf } from './receipt.ts'
import { createSeveral, leastSure, quotesOf, type Several, together } from './several.ts'
import { freshState } from './state.ts'
import { asksForOwn, asksForPerson, hasWords, isQuestion } from './wording.ts'

/** One question with all that may sway its answer. */
export interface Request extends Asked, Background {}

export interface Response {
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

const shortlist = 3

/** A reference that can be read out on the telephone: no letters or digits that are mistaken for each other. */
export function mintReference(): string {
  const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
  return Array.from({ length: 8 }, (_, i) => `${i === 4 ? '-' : ''}${alphabet[randomInt(alphabet.length)]}`).join('')
}

/** What is looked up for a request: a follow-up is made to stand alone. */
export const lookedUpFor = <T extends Asked & Pick<Background, 'state'>>(request: T): T => ({
  ...request,
  text: standAloneQuestion(request.text, request.state.question),
})

/** Answers one question: understand, choose, quote, guard. Holds nothing between questions. */
export function createResponder({ ask, readable, recommender, current, logger }: ResponderParts) {
  const { evidenceFor, changeAhead } = createEvidence({ ask, readable, logger })
  const answerEach = createSeveral({ ask, evidenceFor, changeAhead })

  async function respond(request: Request, first?: Promise<AskResult>): Promise<Response> {
    const asked = lookedUpFor(request)
    const understood = await (first ?? ask(firstJob(asked)))
    const evidence = await evidenceFor(asked, understood)
    const products = wantsProducts(understood) && !isInTrouble(request.text) ? await fitting(request, understood) : []
    const situation = situate(request, understood, evidence.quotable, products.length)
    const alone = chooseAction(situation, understood.thresholds)
    const several = looksUp(alone) ? await answerEach(request) : undefined
    const action: Action = several ? { kind: 'answer', rule: 'several', offerPerson: isUpset(situation) } : alone
    const lang = templateLang(understood.lang)
    const composer = createComposer(lang, readingOf(understood), isForeign(evidence, lang))
    const ahead = action.kind === 'answer' && !several ? await changeAhead(asked, understood, evidence) : undefined
    const found = { understood, ...evidence, ahead }
    const drafted = draftFor(action, { ...found, day: request.day, products, composer, several })
    const receipt = receiptOf(request, understood, several ? together(several) : evidence, action, several?.questions)
    const probability = several ? leastSure(several) : situation.answerable
    return { ...drafted, probability, receipt, gap: isGap(action) || (several?.missed ?? 0) > 0 }
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

  return { respond }
}
export type Responder = ReturnType<typeof createResponder>

/** A question in a conversation of its own. */
export const standAlone = (text: string, role: Audience, day: IsoDate): Request => ({
  ...{ text, role, day, state: freshState, profile: emptyProfile, dismissed: new Set() },
})

const useOf = ({ intent }: AskResult) => (intent.outOfScope ? undefined : intents[intent.name]?.does)
/** Whether the documents were what was wanted, so that a message may be taken apart. */
const looksUp = ({ kind }: Action): boolean => kind === 'answer' || kind === 'clarify' || kind === 'abstain'
const isUpset = ({ mood }: Situation): boolean => mood === 'negative' || mood === 'urgent'
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

interface Material extends Found {
  readonly day: IsoDate
  readonly products: readonly ShownProduct[]
  readonly composer: Composer
  /** The questions of a message that asks more than one. */
  readonly several: Several | undefined
}

function draftFor(action: Action, material: Material): Pick<Response, 'draft' | 'handoff' | 'shown'> {
  const { day, products, composer, several } = material
  const quotes = () => citationsOf(material)
  switch (action.kind) {
    case 'answer': {
      const ref = action.offerPerson ? mintReference() : undefined
      if (several) return { draft: composer.answer(quotesOf(several, day), [], ref, several.missed > 0), shown: [] }
      return { draft: composer.answer([datedQuotes(material, day)], chipsOf(material, 1), ref), shown: [] }
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
      return { draft: composer.abstain(nearestTitle(material)), shown: [] }
  }
}
