import type { IsoDate } from '../storage/types.ts'
import type { DatedQuotes, ShownProduct } from './compose.ts'
import type { Evidence } from './evidence.ts'
import { type Choice, isForWant } from './policy.ts'
import { datedQuotes, type Found } from './quotes.ts'
import type { Told } from './rights.ts'

/** A question with what was found for it, and what the policy would do with it. */
export interface Considered extends Found {
  readonly choice: Choice
  readonly products: readonly ShownProduct[]
  /** Of the message or question by itself. */
  readonly told: Told
}

/** A message that asks more than one thing, and what is told of it. */
export interface Several {
  /** What answers, the most urgent first; at least one. */
  readonly answered: readonly Considered[]
  /** Questions that no text answers. */
  readonly missed: number
}

/** Whether a message may be taken apart: only where the documents are asked, and no person for another reason. */
export const mayBeTakenApart = (choice: Choice): boolean =>
  choice.kind === 'answer' || choice.kind === 'clarify' || isForWant(choice)

/**
 * What to do with a message whose questions were considered one by one.
 * @returns one question, or the whole, to be treated as if it were the message; or several that are answered together.
 */
export function decide(whole: Considered, parts: readonly Considered[]): Considered | Several {
  // What is never answered in general words stays so in company.
  const person = parts.find(({ choice }) => choice.kind === 'handoff' && !isForWant(choice))
  if (person) return person
  const answered = withoutRepeats(parts.filter(({ choice }) => choice.kind === 'answer'))
  if (answered.length === 0 || parts.some(({ choice }) => choice.kind === 'recommend')) return whole
  const missed = parts.filter(({ choice }) => choice.kind === 'clarify' || isForWant(choice)).length
  return { answered: answered.toSorted((a, b) => haste(a) - haste(b)), missed }
}

/** Two questions that the same words answer, of the same time, are answered once. */
const withoutRepeats = (found: readonly Considered[]): Considered[] => {
  const keyOf = ({ quotable: [best], when }: Considered): string => JSON.stringify([best?.doc, best?.indexed, when])
  return found.filter((one, i) => found.findIndex((other) => keyOf(other) === keyOf(one)) === i)
}

const haste = ({ understood: { sentiment } }: Found): number =>
  sentiment.label === 'urgent' ? 0 : sentiment.label === 'negative' ? 1 : 2

/** One quote for each question, with one numbering. */
export function quotesOf({ answered }: Several, day: IsoDate): DatedQuotes[] {
  let first = 1
  return answered.map((one) => {
    const quotes = datedQuotes(one, day, { first, most: 1 })
    first += quotes.cites.length + (quotes.ahead ? 1 : 0)
    return quotes
  })
}

/** All that was looked at, for the receipt: every passage as the question that it fits best has it, most probable first. */
export function together(found: readonly Evidence[]): Pick<Evidence, 'choices' | 'quotable' | 'lost' | 'lostAhead'> {
  const choices = found.flatMap((one) => one.choices).toSorted((a, b) => b.probability - a.probability)
  return {
    choices: choices.filter(({ passage }, i) => choices.findIndex((other) => other.passage === passage) === i),
    quotable: found.flatMap(({ quotable }) => quotable),
    lost: [...new Set(found.flatMap(({ lost }) => lost))],
    lostAhead: found.flatMap(({ lostAhead = [] }) => lostAhead),
  }
}

/** An answer of several quotes is as sure as the least sure of them. */
export const leastSure = ({ answered }: Several): number =>
  Math.min(...answered.map(({ quotable: [best] }) => best?.probability ?? 0))
