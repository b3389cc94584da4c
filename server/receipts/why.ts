import { quoteOf } from '../answers/citations.ts'
import type { Action } from '../chat/policy.ts'
import { hasWords } from '../chat/wording.ts'
import { CorruptError, NotFoundError } from '../errors.ts'
import type { Completed } from '../protocol/events.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { Documents } from '../storage/documents.ts'
import type { ReadingReceipt, Receipt, ReceiptCandidate, Receipts, StoredReceipt } from '../storage/receipts.ts'

/** A candidate with what it would have said. */
export interface ToldCandidate extends ReceiptCandidate {
  readonly title: string
  readonly text: string
}

export interface Why {
  readonly message: string
  readonly conv: string
  /** When it was answered, ISO time in UTC. */
  readonly at: string
  readonly answer: Completed
  /** Why this kind of answer, in a sentence. */
  readonly because: string
  readonly receipt: Receipt
  /** The receipt's candidates, with their texts; empty where nothing was read. */
  readonly candidates: readonly ToldCandidate[]
}

export interface WhyParts {
  readonly receipts: Pick<Receipts, 'find'>
  readonly conversations: Pick<Conversations, 'events'>
  readonly documents: Pick<Documents, 'version'>
}

/** The receipt of an answer and the answer itself. @throws {NotFoundError} if there is none; {@link CorruptError}. */
export async function receiptOf(
  { receipts, conversations }: Pick<WhyParts, 'receipts' | 'conversations'>,
  message: string,
): Promise<StoredReceipt & { readonly answer: Completed }> {
  const stored = await receipts.find(message)
  if (!stored)
    throw new NotFoundError(
      `there is no receipt of ${message}: name the id of an answer, as bursar gaps and bursar impact print it (answers of releases before receipts have none)`,
    )
  const [event] = await conversations.events(stored.conv, stored.seq - 1, 1)
  if (event?.t !== 'msg.completed') throw new CorruptError(`the log lacks the answer ${message}: restore a backup`)
  return { ...stored, answer: event.d }
}

/** Why an answer is what it is. @throws as {@link receiptOf} */
export async function explain(parts: WhyParts, message: string): Promise<Why> {
  const { conv, at, answer, receipt } = await receiptOf(parts, message)
  const candidates = receipt.how === 'read' ? receipt.candidates : []
  const told = await Promise.all(candidates.map((candidate) => withText(parts, candidate)))
  return { message, conv, at, answer, because: reasonIn(receipt), receipt, candidates: told }
}

async function withText({ documents }: WhyParts, candidate: ReceiptCandidate): Promise<ToldCandidate> {
  const version = await documents.version(candidate.doc, candidate.ver) // versions are never deleted
  return { ...candidate, title: version?.title ?? '', text: version ? quoteOf(version.text, candidate.spans) : '' }
}

const figure = (value: number): string => value.toFixed(3)
const needed = ({ thresholds: { answer } }: ReadingReceipt): string =>
  answer > 1 ? 'nothing is quoted, however sure' : `quoted is from ${figure(answer)} on`
const bestOf = ({ candidates }: ReadingReceipt): number => candidates.find(({ quotable }) => quotable)?.probability ?? 0
const intentOf = ({ intent, thresholds }: ReadingReceipt): string =>
  `the intent ${intent.name} is sure enough (${figure(intent.confidence)}, from ${thresholds.intent} on)`
const shortfall = (receipt: ReadingReceipt): string =>
  hasWords(receipt.question)
    ? `no passage answers: the best has probability ${figure(bestOf(receipt))}, ${needed(receipt)}`
    : 'the message holds no words to look up'

type Rule = Action['rule']

/** Each rule, told of one receipt. */
const reasons: Readonly<Record<Rule, (receipt: ReadingReceipt) => string>> = {
  crisis: () => 'the words tell of a crisis: a person at once, and nothing is quoted',
  'asks-for-person': () => 'the customer asked for a person',
  'told-fraud': () => 'the words tell of fraud: a person at once',
  'own-account': () => 'it is about the customer’s own account, which no document knows',
  'told-case': () => 'the words tell of a case that people handle',
  case: (receipt) => `${intentOf(receipt)}, and people handle such cases unless it is a calm question`,
  'small-talk': (receipt) => `${intentOf(receipt)}, which is small talk`,
  'wants-product': (receipt) => `${intentOf(receipt)}, and a product fits`,
  'upset-again': () => 'the customer was upset for the second time in a row',
  answerable: (receipt) => `a passage answers with probability ${figure(bestOf(receipt))}, ${needed(receipt)}`,
  several: ({ questions = [], thresholds }) =>
    `the message asks ${questions.length} things; those that a passage answers from ${figure(thresholds.answer)} on are answered one by one: ${questions.join(' | ')}`,
  urgent: (receipt) => `the message is urgent, and ${shortfall(receipt)}`,
  right: (receipt) => `the customer invokes a right, and ${shortfall(receipt)}`,
  'failed-before': (receipt) => `the turn before failed too, and ${shortfall(receipt)}`,
  'near-topics': (receipt) =>
    `${shortfall(receipt)}; two topics at least are near (from ${figure(receipt.thresholds.topic)} on), so they are offered`,
  nothing: shortfall,
}
const unread = {
  button: 'the customer pressed the button for a person; nothing was read',
  waiting: 'a person had been asked for already; nothing was read',
} as const
const isRule = (name: string): name is Rule => Object.hasOwn(reasons, name)

function reasonIn(receipt: Receipt): string {
  if (receipt.how !== 'read') return unread[receipt.how]
  const { rule } = receipt.action
  return isRule(rule) ? reasons[rule](receipt) : rule // a rule of an older release
}
