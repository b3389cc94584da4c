import { datesIn } from './dates.ts'
import { terms } from './terms.ts'

// Follow-ups: "and for students?", "what about abroad?", "why?", "how long does it take?". What they leave out stands in the
// question before. Rules, as a wrong guess has to be readable in the answer's receipt; none fires where the message names its
// own subject.

/** Words taken over from the question before, at most. */
const maxTopicWords = 8
/** Characters taken over, at most. */
const maxChineseTopic = 60
/** A message with more words of its own says what it is about. */
const maxOwnWords = 6
/** So does one of more characters; it is also not taken apart, which takes as many steps as there are openings in it. */
const maxFollowUp = 1_000
/** A statement with more words than these is a new thought, whatever it points to. */
const maxStatementWords = 2

/** What is asked of things, not the things themselves, as written in lower case. */
const attributes = new Set(
  `advantage advantages age allowed amount available basis benefit benefits best better big biggest calculate calculated
  calculation change charge charged charges cheap cheaper cheapest cheaply condition conditions cost costs day days
  deadline difference different disadvantages document documents downside downsides eligible enough example examples
  exception exceptions expensive explain extra fast fee fees find form free get give go happen happens help high higher
  highest hour hours important include included information kind know law legal length limit limits long longer low lower
  main make maximum mean means minimum month months more much need needed needs number often open option options pay
  paid percentage period possible price prices problem process quick quickly quicker rate rates reason reasons
  require required requirement requirements risk risks rule rules safe safer send size soon start step steps take takes
  term terms time times tell type types use used valid wait way week weeks work works working year years`
    .split(/\s+/)
    .filter(Boolean),
)

const question =
  /^\W*(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|should|may|must|has|have)\b/iu
const addition =
  /^\W*(?:(?:and|or|but|so|ok(?:ay)?|then|also|plus)\b[\s,]*)*(?:what about|how about|what if|and|or|also)\b[\s,]*/iu
const onlyAsks =
  /^\W*(?:(?:and|but|so|ok(?:ay)?)\b[\s,]*)?(?:why(?: not| so| is that)?|how(?: so| come)?|since when|until when|really|is that so|how long|how much|how many|how often|when|where|who)\W*$/iu
/** "That", "this" and "one" that stand for something: a verb, an end or a preposition follows, not a noun ("one tap"). */
const pointing =
  /\b(?:this|that|these|those|one|ones|both|either)(?=\W*$|\W+(?:is|are|was|were|be|will|would|can|could|does|do|did|has|have|cost|take|work|mean|apply|happen|include|in|on|at|for|from|with|to|by|as|and|or|too|also|again|still|possible|allowed|true|so)s?\b)/iu
const standsFor = /\b(?:it|its|they|them|their|theirs)\b/iu
/** "It is better to …", "how long does it take to …": the subject comes after. */
const announcing =
  /\bit(?:'s|’s)?\s+(?:(?:is|was|be|would|will|does|still|really|so|very|that|not|also|ever)\s+)*\w+\s+(?:to|that|if|for|when)\s+\w+/iu
const chinese = /\p{Script=Han}/u
const chineseAddition = /^(?:那么?|还有|如果)?.{1,12}呢[？?]*$/u
/** A longer message says what it is about. */
const maxChinese = 16
const chinesePointing = /它|这个|那个|这种|那种|^(?:为什么|多久|多少|什么时候|怎么办)[？?]*$/u

/**
 * A message as a question that can be understood by itself.
 * @param before the question before, itself made to stand alone; undefined at the start of a conversation.
 * @returns the message as it is if it names what it is about, else with the words of `before` that it refers to.
 */
export function standAloneQuestion(text: string, before: string | undefined): string {
  if (before === undefined || !dependsOnContext(text)) return text
  if (chinese.test(text))
    return `${text.trimEnd()}（${before
      .replace(/[（）]/gu, ' ')
      .trim()
      .slice(0, maxChineseTopic)}）`
  const own = new Set(terms(text))
  const dates = spansOfDates(before)
  const undated = dates.map(([start], i) => before.slice(dates[i - 1]?.[1] ?? 0, start))
  undated.push(before.slice(dates.at(-1)?.[1] ?? 0))
  const topic = wordsOf(undated.join(' '))
    .filter((word) => !terms(word).every((term) => own.has(term)))
    .slice(0, maxTopicWords)
  // Another time that is named takes the place of the one before.
  if (spansOfDates(text).length === 0) topic.push(...dates.map(([start, end]) => before.slice(start, end)))
  return topic.length === 0 ? text : `${text.trimEnd()} (${topic.join(' ')})`
}

/** Which day it is does not matter to where the dates of a text stand. */
const anyDay = '2000-01-01'
const leading = /(?:\b(?:in|on|at|since|until|till|before|after|from|for|during|by|of)\s{1,3})$/iu

/** Where the dates of a text stand, with the words that lead to them. */
function spansOfDates(text: string): (readonly [start: number, end: number])[] {
  return datesIn(text, anyDay).map(({ start, end }) => {
    const lead = leading.exec(text.slice(Math.max(0, start - 12), start))
    return [start - (lead?.[0].length ?? 0), end]
  })
}

/** The last message of a conversation, made to stand alone. @param turns the customer's messages, oldest first. */
export function standAloneOf(turns: readonly string[]): string {
  return turns.reduce<string | undefined>((before, text) => standAloneQuestion(text, before), undefined) ?? ''
}

/** The message leaves something out that was said before. */
export function dependsOnContext(text: string): boolean {
  const trimmed = text.trim()
  if (chinese.test(text))
    return trimmed.length <= maxChinese && (chineseAddition.test(trimmed) || chinesePointing.test(trimmed))
  if (trimmed.length > maxFollowUp) return false
  const words = wordsOf(text)
  if (onlyAsks.test(text)) return true
  if (words.length > maxOwnWords) return false
  const rest = text.replace(addition, '')
  if (rest !== text) return question.test(rest) ? dependsOnContext(rest) : true
  if (refersBack(text)) return question.test(text) || words.length <= maxStatementWords
  return question.test(text) && words.length > 0 && words.every((word) => attributes.has(word.toLowerCase()))
}

/** A pronoun for something that the message itself does not name before it. */
function refersBack(text: string): boolean {
  const match = standsFor.exec(text) ?? pointing.exec(text)
  if (!match || announcing.test(text)) return false
  return wordsOf(text.slice(0, match.index)).filter((word) => !attributes.has(word.toLowerCase())).length === 0
}

/** Words that carry a meaning, as written. */
function wordsOf(text: string): string[] {
  const words = text.match(/[\p{L}\p{N}]+(?:['’.&%-][\p{L}\p{N}]+)*%?/gu) ?? []
  return [...new Set(words)].filter((word) => terms(word).length > 0)
}
