import { terms } from './terms.ts'

/** A message with more questions than these is not taken apart. */
const mostQuestions = 3
/** Customers go on with a small letter, so a sentence ends at any question mark before white space. */
const afterQuestion = /(?<=[?？]['"”’)）]{0,3})\s+|(?<=？)(?=\S)/u
const asks = /[?？]["'”’)）]*\s*$/u
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
  if (questions.length < 2) return [text]
  const rest = open.join(' ').trim()
  return rest === '' ? questions : [...questions.slice(0, -1), `${questions.at(-1)} ${rest}`]
}
