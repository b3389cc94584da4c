import type { Span } from './canonical.ts'

/** Abbreviations after which a sentence never ends, without their last full stop, lower case. */
const openAbbreviations = new Set(
  'mr mrs ms mx dr prof messrs e.g i.e eg ie cf viz vs approx incl excl resp bzw z.b d.h u.a ca inkl zzgl ggf p.ex'.split(
    ' ',
  ),
)
/** Abbreviations that belong to a number which follows: "No. 7", "Jan. 5", "Art. IV". */
const beforeNumber = new Set(
  'no nos nr num art sec sect para paras p pp ch fig reg regs vol cl ext tel jan feb mar apr jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
)
/** Abbreviations that may end a sentence, which they do only when a common first word follows. */
const closingAbbreviations = new Set(
  'inc ltd co corp plc jr sr dept est st ave rd min max hr hrs yr yrs mo govt acct al bros'.split(' '),
)
/** Words that begin sentences far more often than names. */
const starters = new Set(
  (
    'the a an this that these those it its he she they we you i if in on at for from to by with when while once as but and or so ' +
    'no not yes please there here all any each every our your my his her their after before until unless because although ' +
    'however also only both some most such what who how why where which do does did is are was were can could may might must ' +
    'should will would see'
  ).split(' '),
)
const calendarNames = new Set(
  (
    'monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays ' +
    'january february march april may june july august september october november december'
  ).split(' '),
)
const germanMonths = new Set(
  'januar februar märz april mai juni juli august september oktober november dezember'.split(' '),
)

const fullWidthEnds = '。！？｡！？'
const narrowEnds = '.!?…'
const closers = '"\'”’»)]}』」》】）'
const openers = '"\'“‘«([{『「《【（£$€¥'
const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/.test(char)
const isWide = (char: string | undefined): boolean =>
  char !== undefined && /[\p{Script=Han}\u3000-\u303F\uFF00-\uFFEF]/u.test(char)
/** Longest word that is looked at on either side of a full stop; no abbreviation is longer. Keeps the scan linear. */
const maxWord = 24

export interface SentenceOptions {
  /** A single LF is a soft break inside a paragraph, not the end of a line; default false: every LF ends a sentence. */
  readonly wrapped?: boolean
}

/**
 * The sentences of a text, in order: trimmed, never blank, never overlapping, all text that is not white space inside one.
 * Rules, one linear pass: a full stop ends a sentence unless it stands inside a number or word, behind an abbreviation that
 * goes on, or before a small letter; closing quotes and brackets belong to the sentence; Chinese 。！？ always end one; an
 * empty line always ends one.
 */
export function sentenceSpans(text: string, { wrapped = false }: SentenceOptions = {}): Span[] {
  const spans: Span[] = []
  let start = 0
  const cut = (end: number) => {
    const span = trimmed(text, start, end)
    if (span) spans.push(span)
    start = end
  }
  for (let i = 0; i < text.length; ) {
    const char = text[i]!
    if (char === '\n') {
      if (!wrapped || blankLineAfter(text, i)) cut(i)
      i++
    } else if (narrowEnds.includes(char) || fullWidthEnds.includes(char)) {
      const run = endOfRun(text, i)
      if (endsSentence(text, start, i, run)) cut(run)
      i = run
    } else i++
  }
  cut(text.length)
  return spans
}

/** The texts of {@link sentenceSpans}. */
export function sentences(text: string, options?: SentenceOptions): string[] {
  return sentenceSpans(text, options).map(([start, end]) => text.slice(start, end))
}

function trimmed(text: string, start: number, end: number): Span | undefined {
  while (start < end && isSpace(text[start])) start++
  while (end > start && isSpace(text[end - 1])) end--
  return start < end ? [start, end] : undefined
}

function blankLineAfter(text: string, at: number): boolean {
  let next = at + 1
  while (text[next] === ' ' || text[next] === '\t') next++
  return text[next] === '\n'
}

/** Past all marks that end a sentence and the closing quotes and brackets behind them. */
function endOfRun(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && (narrowEnds + fullWidthEnds).includes(text[end]!)) end++
  while (end < text.length && closers.includes(text[end]!)) end++
  return end
}

/** Whether the marks at `at` (the run ends at `run`) end the sentence that began at `start`. */
function endsSentence(text: string, start: number, at: number, run: number): boolean {
  if (run === text.length) return true
  const marks = text.slice(at, Math.min(run, at + maxWord))
  if ([...marks].some((mark) => fullWidthEnds.includes(mark))) return true
  if (!isSpace(text[run])) return isWide(text[run]) && !/\d/.test(text[at - 1] ?? '')
  const next = wordAfter(text, run)
  if (next === '') return true
  const question = marks === '!' || marks === '?'
  if (/^\p{Ll}/u.test(next)) return question
  return marks[0] !== '.' || marks[1] === '.' || !isAbbreviation(text, start, at, next)
}

/** The word before the full stop at `at`, without opening quotes and brackets, at most {@link maxWord} long. */
function wordBefore(text: string, start: number, at: number): string {
  let from = at
  while (from > start && at - from < maxWord && !isSpace(text[from - 1]) && !openers.includes(text[from - 1]!)) from--
  return text.slice(from, at)
}

function wordAfter(text: string, from: number): string {
  while (from < text.length && (isSpace(text[from]) || openers.includes(text[from]!))) from++
  return /^[\p{L}\p{N}]*/u.exec(text.slice(from, from + maxWord))?.[0] ?? ''
}

function isAbbreviation(text: string, start: number, at: number, next: string): boolean {
  const word = wordBefore(text, start, at)
  const [lower, follower] = [word.toLowerCase(), next.toLowerCase()]
  const starts = /^\p{Lu}/u.test(next) && starters.has(follower)
  if (openAbbreviations.has(lower)) return true
  if (beforeNumber.has(lower)) return /^(\p{N}|[IVXLC]+$)/u.test(next)
  if (/^\d{1,3}$/.test(word))
    return isListMark(text, start, at, word) || (word.length < 3 && germanMonths.has(follower))
  if (closingAbbreviations.has(lower)) return !starts
  if (/^(\p{L}\.)+\p{L}$/u.test(word)) {
    if (/\p{Lu}/u.test(word)) return !starts
    return !/^\p{Lu}/u.test(next) || calendarNames.has(follower)
  }
  return /^\p{Lu}$/u.test(word) && !/\p{Script=Han}/u.test(word) && word !== 'I' && !starts
}

/** "1. Open the app": a number that is all there is of the sentence so far numbers it. */
function isListMark(text: string, start: number, at: number, word: string): boolean {
  return text.slice(start, at).trim() === word
}
