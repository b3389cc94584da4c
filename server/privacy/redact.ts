import { cardAt, findDividedCards } from './card.ts'
import { type Characters, createCharacters } from './characters.ts'
import { findRuns, type Group } from './digits.ts'
import { findEmails } from './email.ts'
import { findIbans } from './iban.ts'
import { phonesIn } from './phone.ts'
import { ssnAt } from './ssn.ts'
import { findAccounts, findIps, findNames, findNationalIds, findSecrets, narrowed } from './words.ts'

export const personalKinds = [
  'card',
  'iban',
  'ssn',
  'email',
  'phone',
  'ip',
  'name',
  'national_id',
  'account',
  'secret',
] as const
export type PersonalKind = (typeof personalKinds)[number]

/** Where personal data stands in the text that was given; half-open, UTF-16 units. */
export interface PersonalSpan {
  readonly start: number
  readonly end: number
  readonly kind: PersonalKind
}

export interface Redacted {
  /** The text with each span replaced by its kind in brackets, such as `[card]`. */
  readonly text: string
  /** In order, never overlapping. */
  readonly spans: readonly PersonalSpan[]
}

/**
 * Mask personal data: card numbers (Luhn), IBANs (modulo 97), US social security numbers, e-mail addresses and telephone
 * numbers, also when spaced, dashed, divided by slashes or lines, or written with full-width digits; IP addresses, national
 * numbers of some countries, and names, accounts and secrets in set phrases (see words.ts). Time is linear in the text, whatever it holds.
 */
export function redact(text: string): Redacted {
  return mask(createCharacters(text))
}

/** What nobody ever has to write to anybody, staff included. */
const secretKinds: ReadonlySet<PersonalKind> = new Set(['card', 'ssn', 'national_id', 'secret'])

/** As {@link redact}, but of the numbers of cards and persons and of secrets alone. */
export const withoutSecrets = (text: string): string =>
  mask(createCharacters(text), ({ kind }) => secretKinds.has(kind)).text

/** {@link redact} over characters that count how often they are looked at. */
export function mask(characters: Characters, isMasked: (span: PersonalSpan) => boolean = () => true): Redacted {
  const spans = personalSpans(characters).filter(isMasked)
  let [text, at] = ['', 0]
  for (const { start, end, kind } of spans) {
    text += `${characters.text.slice(at, start)}[${kind}]`
    at = end
  }
  return { text: text + characters.text.slice(at), spans }
}

function personalSpans(characters: Characters): PersonalSpan[] {
  const text = narrowed(characters)
  const found: readonly (readonly [PersonalKind, readonly (readonly [number, number])[]])[] = [
    ['email', findEmails(characters)],
    ['iban', findIbans(characters)],
    ['national_id', findNationalIds(text)],
    ['card', findDividedCards(characters)],
    ['ip', findIps(text)],
    ['name', findNames(text)],
    ['secret', findSecrets(text)],
  ]
  const written = found.flatMap(([kind, places]) => places.map(([start, end]): PersonalSpan => ({ start, end, kind })))
  const numbers = findRuns(characters).flatMap((run) => numbersIn(characters, run))
  // A card that somebody calls an account is a card.
  const accounts = findAccounts(text).map(([start, end]): PersonalSpan => ({ start, end, kind: 'account' }))
  // What has letters, signs or check digits first: digits inside are theirs.
  const all = [...written, ...numbers, ...accounts].map((span, rank) => ({ span, rank }))
  all.sort((a, b) => a.span.start - b.span.start || a.rank - b.rank)
  return withoutOverlaps(all.map(({ span }) => span))
}

/** Of two spans that overlap the union is masked, under the kind of the one that begins first. */
function withoutOverlaps(spans: readonly PersonalSpan[]): PersonalSpan[] {
  const kept: PersonalSpan[] = []
  for (const span of spans) {
    const last = kept.at(-1)
    if (!last || span.start >= last.end) kept.push(span)
    else if (span.end > last.end) kept[kept.length - 1] = { ...last, end: span.end }
  }
  return kept
}

/** Cards and social security numbers of one run of digits, and telephone numbers in what remains between them. */
function numbersIn(characters: Characters, run: readonly Group[]): PersonalSpan[] {
  const spans: PersonalSpan[] = []
  let rest: Group[] = []
  const flush = () => {
    for (const [start, end] of phonesIn(characters, rest)) spans.push({ start, end, kind: 'phone' })
    rest = []
  }
  for (let i = 0; i < run.length; ) {
    const card = cardAt(run, i, speaksOfCard(characters, run[i]!))
    const groups = card || ssnAt(characters, run, i)
    if (groups === 0) {
      rest.push(run[i++]!)
      continue
    }
    flush()
    spans.push({ start: run[i]!.start, end: run[i + groups - 1]!.end, kind: card ? 'card' : 'ssn' })
    i += groups
  }
  flush()
  return spans
}

/** Whether the word card stands close before the digits. */
function speaksOfCard(characters: Characters, { start }: Group): boolean {
  return /card|\bcc\b|visa|amex|maestro|karte|carte|tarjeta|卡/i.test(characters.slice(start - 40, start))
}
