import { type Entity, type EntityOptions, entitiesIn } from '../text/entities.ts'
import { periodsIn } from '../text/periods.ts'
import { createCover } from '../text/readings.ts'
import { simplified } from '../text/simplified.ts'
import { type PersonalSpan, redact } from './redact.ts'

export const entityKinds = [
  'amount',
  'rate',
  'percentage',
  'date',
  'period',
  'card',
  'iban',
  'account',
  'phone',
  'email',
  'product',
] as const
export type EntityKind = (typeof entityKinds)[number]

/** Something that a message names; half-open span in UTF-16 units. */
export interface MessageEntity {
  readonly kind: EntityKind
  readonly start: number
  readonly end: number
  /** The very characters of the span. */
  readonly text: string
  /**
   * Normalised, made of what is written and of the day alone: `12.00 GBP`, `2.75` (rate and percentage, in per cent), a day,
   * month, week or year, `2026-03-01/2026-04-05` or `P12M` (period), digits (card, account), `+` and digits (phone),
   * capitals and digits (IBAN), small letters (e-mail), a product id.
   */
  readonly value: string
}

/** A percentage with one of these close by is a rate of interest. */
const rateWords = /\b(?:interest|rate|rates|apr|aer|ear|p\.?a\.?|per annum|fixed|variable|tracker)\b|利率|年化|利息/iu
/** How far, in UTF-16 units. */
const rateReach = 24

/**
 * All that is named in a message, by rules; in order, never overlapping. Unlike what a chat works with, personal data is among
 * it, so nothing of the result may be stored where masked text is.
 */
export function messageEntities(text: string, options: EntityOptions): MessageEntity[] {
  const personal = redact(text).spans.flatMap((span) => personalEntity(text, span))
  const periods = periodsIn(simplified(text), options.day).map((one) => ({ kind: 'period' as const, ...one }))
  const named = entitiesIn(text, options).map(({ type, ...one }) => ({ kind: kindOf(text, { type, ...one }), ...one }))
  const others = [...named, ...periods].sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)
  const taken = createCover(text.length)
  const kept: MessageEntity[] = []
  // Check digits and the words before them tell more than length does.
  for (const { kind, start, end, value } of [...personal, ...others]) {
    if (taken.overlaps(start, end)) continue
    taken.add(start, end)
    kept.push({ kind, start, end, text: text.slice(start, end), value })
  }
  return kept.sort((a, b) => a.start - b.start)
}

function kindOf(text: string, { type, start, end }: Entity): EntityKind {
  if (type !== 'percentage') return type
  const near = `${text.slice(Math.max(0, start - rateReach), start)}%${text.slice(end, end + rateReach)}`
  return rateWords.test(near) ? 'rate' : 'percentage'
}

function personalEntity(text: string, { start, end, kind }: PersonalSpan): Omit<MessageEntity, 'text'>[] {
  const written = text.slice(start, end).normalize('NFKC')
  const digits = written.replace(/\D/gu, '')
  switch (kind) {
    case 'card':
    case 'account':
      return [{ kind, start, end, value: digits }]
    case 'phone':
      return [{ kind, start, end, value: written.trim().startsWith('+') ? `+${digits}` : digits }]
    case 'iban':
      return [{ kind, start, end, value: written.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase() }]
    case 'email': {
      // Chinese is written without spaces: what stands before a plain address is masked with it, and is none of it.
      const before = /^\p{Script=Han}+(?=[!-~]+@)/u.exec(text.slice(start, end))?.[0].length ?? 0
      const value = written.replace(/\s/gu, '').toLowerCase().slice(before)
      return [{ kind, start: start + before, end, value }]
    }
    default:
      return []
  }
}
