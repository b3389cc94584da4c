import type { AllowedContacts } from '../../config.ts'
import { redact } from '../../privacy/redact.ts'
import type { NewVersion } from '../../storage/types.ts'
import { simplified } from '../../text/simplified.ts'
import type { HiddenText } from '../document.ts'

export const holdReasons = [
  'hidden',
  'look-alike',
  'instruction',
  'payment-details',
  'contact',
  'contradiction',
  'near-duplicate',
] as const
export type HoldReason = (typeof holdReasons)[number]

/** Why a document waits for a person before anybody may be told what it says. */
export interface Hold {
  readonly reason: HoldReason
  /** Line of the canonical text, counted from 1; absent where it is about the whole document. */
  readonly line?: number
  /** What was found, in visible characters. */
  readonly found: string
}

/** Zero-width characters, controls of direction, and tags: a reader does not see them, a search does. */
const invisible = /[\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]|[\u{E0000}-\u{E007F}]/gu
/** A joiner belongs between letters of scripts that join; between Latin letters it only breaks a word. */
const joiner = /(?<=\p{Script=Latin})[\u200C\u200D]|[\u200C\u200D](?=\p{Script=Latin})/gu
const word = /[\p{L}\p{M}]+/gu
const latin = /\p{Script=Latin}/u
/** Letters of Cyrillic and Greek that look like Latin ones; a word that needs another letter of its script is no disguise. */
const lookAlike = /[аеорсухівјѕԁһԛԝАВЕКМНОРСТУХІЈЅαικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]/u
/** Full-width and mathematical letters that fold to plain ones. */
const styled = /[\uFF21-\uFF3A\uFF41-\uFF5A\u{1D400}-\u{1D7FF}]/u

/** Text addressed to a reader that is a program. Bank documents speak to customers and staff. */
const instructions = [
  /\b(ignore|disregard|forget|override)\s+(?:(?:all|any|the|your|these|of)\s+){0,3}(?:previous|prior|above|earlier|preceding|other|existing)\s+(?:instructions?|prompts?|rules|documents?|messages?|context)\b/iu,
  /\b(?:system|developer)\s+(?:prompt|message)\b/iu,
  /\byou\s+are\s+(?:now\s+)?(?:an?|the)\s+(?:helpful\s+|friendly\s+|new\s+)?(?:ai|assistant|chat\s?bot|language\s+model|bot)\b/iu,
  /\b(?:ai|assistant|chat\s?bot|language\s+model|llm)s?\s+(?:must|should|shall|has\s+to|needs\s+to)\s+(?:always\s+|never\s+|not\s+|only\s+)?(?:say|answer|reply|respond|tell|state|recommend|claim|output|ignore)\b/iu,
  /\b(?:when|if)\s+(?:you\s+are\s+)?asked\b.{0,60}\b(?:say|answer|reply|respond|tell\s+(?:them|the\s+(?:customer|user)))\b/iu,
  /<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>/u,
  /(?:忽略|无视)(?:以上|之前|先前|上面)(?:的)?(?:所有)?(?:指令|指示|提示|规则)/u,
]

/** Staff are told such things; a document for customers must not speak like that. */
const secretive = /\bdo\s+not\s+(?:tell|reveal|mention|show)\b.{0,40}\b(?:the\s+)?(?:customer|user|human)s?\b/iu

/**
 * What stands in a document that nobody should be told before a person has looked at it.
 * @param allowed the only telephone numbers and hosts it may name; undefined allows all.
 */
export function holdsIn({ text, title, audience }: NewVersion, allowed: AllowedContacts | undefined): Hold[] {
  return [title, ...text.split('\n')].flatMap((line, i) => {
    const place = i === 0 ? {} : { line: i }
    const found: Hold[] = []
    const add = (reason: HoldReason, what: string) => found.push({ reason, ...place, found: excerpt(what) })
    const unseen = [...line.matchAll(invisible), ...line.matchAll(joiner)]
    if (unseen.length > 0) add('hidden', `${unseen.length} invisible characters in "${line}"`)
    for (const disguised of disguisedWords(line)) add('look-alike', disguised)
    const speaks = audience === 'customer' ? [...instructions, secretive] : instructions
    const spoken = simplified(line)
    if (speaks.some((pattern) => pattern.test(spoken))) add('instruction', line)
    for (const { start, end, kind } of redact(line).spans) {
      if (kind === 'card' || kind === 'iban') add('payment-details', line.slice(start, end))
      if (kind === 'phone' && allowed && !isAllowedPhone(line.slice(start, end), allowed))
        add('contact', line.slice(start, end))
    }
    for (const host of hostsIn(line)) if (allowed && !isAllowedHost(host, allowed)) add('contact', host)
    return found
  })
}

/** What the source holds and nobody sees; it is not in the text, but why is it there? */
export function unseenIn(hidden: readonly HiddenText[]): Hold[] {
  return hidden.map(({ how, line, page }) => ({
    reason: 'hidden',
    found: [
      ...(page === undefined ? [] : [`page ${page} of the file`]),
      ...(line === undefined ? [] : [`line ${line} of the file`]),
      how,
    ].join(': '),
  }))
}

/** Words that mix Latin letters with letters that only look like them, or are written in letters for decoration. */
function disguisedWords(line: string): string[] {
  return (line.match(word) ?? []).filter((one) => (latin.test(one) && lookAlike.test(one)) || styled.test(one))
}

function hostsIn(line: string): string[] {
  return Array.from(line.matchAll(/\bhttps?:\/\/([^\s/?#:"'<>)\]]+)|\bwww\.([^\s/?#:"'<>)\]]+)/giu), (match) =>
    (match[1] ?? match[2] ?? '').toLowerCase().replace(/\.$/, ''),
  )
}

function isAllowedHost(host: string, { hosts }: AllowedContacts): boolean {
  const bare = host.replace(/^.*@/, '').replace(/^www\./, '')
  return hosts.some((one) => bare === one || bare.endsWith(`.${one}`))
}

function isAllowedPhone(written: string, { phones }: AllowedContacts): boolean {
  return phones.includes(written.normalize('NFKC').replace(/\D/g, ''))
}

const maxExcerpt = 160

/** One line, short, every invisible character as its code: whoever reviews it has to see what is there. */
function excerpt(text: string): string {
  const seen = text.replace(
    /[\p{Cf}\p{Cc}]/gu,
    (char) => `<U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`,
  )
  return seen.length > maxExcerpt ? `${seen.slice(0, maxExcerpt - 1)}…` : seen
}
