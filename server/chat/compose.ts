import { textOf } from '../answers/citations.ts'
import { say, type TemplateLang, type TemplateName } from '../answers/templates.ts'
import type { CaseTerms } from '../cases/rules.ts'
import type { AskResult } from '../engine/jobs.ts'
import type { AnswerKind, Citation, Completed, Part, Recommendation } from '../protocol/events.ts'
import type { Right } from '../text/rights-kinds.ts'
import type { HandoffReason } from './intents.ts'

/** An answer without its message id. */
export type Draft = Omit<Completed, 'mid'>

/** A product with the citations that give its reasons. */
export interface ShownProduct {
  readonly product: string
  readonly title: string
  readonly reasons: readonly Citation[]
}

/** Quotes, and the time that they hold for where that is not simply today. */
export interface DatedQuotes {
  readonly cites: Citation[]
  /** The customer's own words for the time that was asked for. */
  readonly when?: string
  /** The quoted document says nothing of that time, only what holds today. */
  readonly isOfToday?: boolean
  /** What holds from its first day on, instead of the quotes. */
  readonly ahead?: Citation
  /** In another language than the customer's, where that differs from what holds for the whole answer. */
  readonly isForeign?: boolean
}

/** A right that is invoked for the first time in a conversation. */
export interface OpenedCase extends CaseTerms {
  readonly type: Right
  /** As the answer tells it. */
  readonly ref: string
}

type Reading = Pick<Draft, 'intent' | 'sentiment'>

/** What an answer says of the message it answers. */
export const readingOf = ({ intent, sentiment }: AskResult): Reading => ({
  intent: { name: intent.outOfScope ? 'out_of_scope' : intent.name, confidence: intent.confidence },
  sentiment: { label: sentiment.label, score: sentiment.score },
})

/** A press of the button for a person: there is nothing to classify. */
export const requestReading: Reading = {
  intent: { name: 'human_agent', confidence: 1 },
  sentiment: { label: 'neutral', score: 1 },
}

/** A day as people write it. */
const dayIn = (day: string, lang: TemplateLang): string =>
  new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  )

/**
 * Builds every kind of answer out of citations and templates; `text` is always the concatenation of the parts.
 * @param isForeign the quotes are in another language than the customer's, which is said before them.
 */
export function createComposer(lang: TemplateLang, reading: Reading, isForeign = false) {
  const draft = (kind: AnswerKind, parts: Part[], more: Partial<Draft> = {}): Draft => ({
    kind,
    text: textOf(parts, more.cites ?? []),
    parts,
    cites: [],
    ...reading,
    recs: [],
    next: [],
    human: false,
    ...more,
  })
  const quoted = (cites: readonly Citation[]): Part[] =>
    cites.flatMap(({ k }, i) => (i === 0 ? [{ cite: k }] : [say('answer.also', lang), { cite: k }]))
  const evidence = (cites: readonly Citation[]): Part[] =>
    isForeign ? [say('answer.foreign', lang), ...quoted(cites)] : quoted(cites)
  /** Quotes with what they hold for. */
  const told = ({ cites, when, isOfToday, ahead, isForeign: foreign = isForeign }: DatedQuotes): Part[] => [
    ...(when === undefined ? [] : [say(isOfToday ? 'answer.today' : 'answer.when', lang, { date: when })]),
    ...(foreign ? [say('answer.foreign', lang)] : []),
    ...quoted(cites),
    ...(ahead ? [say('answer.from', lang, { date: dayIn(ahead.from ?? '', lang) }), { cite: ahead.k }] : []),
  ]

  return {
    /** @param partly nothing was found for another question of the message. */
    answer: (several: readonly DatedQuotes[], next: string[], offerRef?: string, partly = false): Draft => {
      const parts = [
        ...several.flatMap((quotes, i) => [...(i === 0 ? [] : [say('answer.also', lang)]), ...told(quotes)]),
        ...(partly ? [say('answer.partly', lang)] : []),
        ...(offerRef === undefined ? [] : [say('handoff.offer', lang, { ref: offerRef })]),
      ]
      const cites = several.flatMap(({ cites: own, ahead }) => (ahead ? [...own, ahead] : own))
      return draft('answer', parts, { cites, next, human: partly || offerRef !== undefined })
    },
    handoff: (reason: HandoffReason, ref: string, cites: Citation[] = []): Draft => {
      const notice = say(`handoff.${reason}`, lang, { ref })
      const parts = cites.length === 0 ? [notice] : [notice, say('answer.also', lang), ...evidence(cites)]
      return draft('handoff', parts, { cites, reason, human: true })
    },
    /** An answer with the cases that are opened by it, each with the day that it is due. */
    noted: (answer: Draft, cases: readonly OpenedCase[]): Draft => {
      const noted = cases.flatMap(({ type, due, ref }) =>
        type === 'human' ? [] : [say(`case.${type}`, lang, { ref, date: dayIn(due, lang) })],
      )
      if (noted.length === 0) return answer
      const parts = [...answer.parts, ...noted]
      return { ...answer, parts, text: textOf(parts, answer.cites), human: true }
    },
    waiting: (ref: string): Draft =>
      draft('handoff', [say('handoff.waiting', lang, { ref })], { reason: 'human', human: true }),
    smalltalk: (template: TemplateName): Draft => draft('smalltalk', [say(template, lang)]),
    clarify: (next: string[]): Draft => draft('clarify', [say('clarify', lang)], { next, human: true }),
    abstain: (title?: string): Draft =>
      draft('abstain', [title === undefined ? say('abstain', lang) : say('abstain.topic', lang, { title })], {
        reason: 'unknown',
        human: true,
      }),
    recommend: (products: readonly ShownProduct[]): Draft => {
      const parts = products.flatMap(({ title, reasons }) => [
        say('recommend.item', lang, { title }),
        ...quoted(reasons).map((part) => ('tpl' in part ? say('recommend.and', lang) : part)),
      ])
      const recs = products.map(
        ({ product, title, reasons }): Recommendation => ({
          product,
          title,
          reasons: reasons.map(({ quote }) => quote),
          eligible: true,
        }),
      )
      return draft('recommend', [say('recommend', lang), ...parts], {
        cites: products.flatMap(({ reasons }) => reasons),
        recs,
      })
    },
  }
}
export type Composer = ReturnType<typeof createComposer>
