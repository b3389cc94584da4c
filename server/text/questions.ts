import { terms } from './terms.ts'

/** A message with more questions than these is not taken apart. */
const mostQuestions = 3
/** Customers go on with a small letter, so a sentence ends at any question mark before white space. */
const afterQuestion = /(?<=[?？]['"”’)）]{0,3})\s+|(?<=？)(?=\S)/u
const asks = /[?？]["'”’)）]*\s*$/u
const questionWord = 'what|how|when|where|which|who|why|can|could|do|does|is|are|will'
/** "How do I freeze my card and what does another one cost?" */
const beforeSecond = new RegExp(`,?\\s{1,3}and\\s{1,3}(?=(?:${questionWord})\\b)`, 'iu')
const beginsAsking = new RegExp(`^(?:hi|hello|hey|ok|so|please)?[\\s,.!]{0,3}(?:${questionWord})\\b`, 'iu')
/** Analysed words that either half has at least, else the two are one question ("what and when"). */
const wordsOfHalf = 2

/** Analysed words of questions that are only asked to begin with: "Hi?", "Can you help me?", "Is anyone there?". */
const openings = new Set([
  'hi',
  'hello',
  'hei',
  'help',
  'ok',
  'okai',
  'question',
  'anyon',
  'somebodi',
  'someon',
  'quick',
  'ask',
])

/**
 * The questions of a message, in their order. Sentences that ask nothing go with the question after them, as they often say
 * what it is about; what follows the last question goes with that.
 * @returns the whole message alone if it asks one thing, or too many to be told apart.
 */
export function questionsIn(text: string): string[] {
  const questions: string[] = []
  let open: string[] = []
  for (const piece of text.split(afterQuestion)) {
    open.push(piece.trim())
    if (!asks.test(piece) || terms(piece).every((term) => openings.has(term))) continue
    questions.push(open.join(' '))
    open = []
    if (questions.length > mostQuestions) return [text]
  }
  if (questions.length < 2) return halvesOf(text)
  const rest = open.join(' ').trim()
  return rest === '' ? questions : [...questions.slice(0, -1), `${questions.at(-1)} ${rest}`]
}

/** One sentence that asks twice, as two. */
function halvesOf(text: string): string[] {
  const at = beginsAsking.test(text) ? beforeSecond.exec(text) : null
  if (!at) return [text]
  const halves = [text.slice(0, at.index), text.slice(at.index + at[0].length)]
  const areWhole = halves.every((half) => terms(half).length >= wordsOfHalf && !beforeSecond.test(half))
  return areWhole ? halves : [text]
}
