import { simplified } from '../text/simplified.ts'

/** Words by which customers ask for a person; whole message or beside a wish to talk. Kept small: the intent model does the rest. */
const personAlone = /^\W*(human|agent|person|operator|advisor|representative|人工|人工客服|转人工|客服)\W*$/iu
const personWish =
  /\b(talk|speak|chat|connect|transfer|put)\b[^.?!]{0,40}\b(human|real person|person|agent|someone|advisor|representative|staff)\b|(转|找|要|联系)人工/iu

/** The customer asks for a person in so many words. */
export function asksForPerson(written: string): boolean {
  const text = simplified(written)
  return personAlone.test(text) || personWish.test(text)
}

const ownThing =
  'balance|account number|sort code|iban|credit limit|overdraft limit|card|cards|money|payment|transfer|refund|salary|wages|application|statement|transactions?'
const asksWhere = new RegExp(
  `^\\W*(?:(?:hi|hello|hey|so|ok|please)\\W*)?where(?:['’]?s| is| are|s)?\\s+(?:the hell |on earth )?my (?:new |replacement |debit |credit |bank )*(?:${ownThing})\\b`,
  'iu',
)
const asksWhat = new RegExp(
  `\\b(?:what(?:['’]?s| is| are|s)|tell me|show me|give me)\\s+my (?:current |available |own |last |latest |recent )*(?:${ownThing})\\b|我的?(?:余额|账户余额|卡在哪|账号)`,
  'iu',
)

const asksOwnState =
  /\b(am i (currently |still |right now )?(overdrawn|in credit)|(do|much do|did) i (still )?owe\b|what (interest )?rate am i on|my rate\b|(did|has|have) my (salary|wages|money|payment|refund|card)\b[^.?!]{0,20}\b(arrive\w*|come|gone|go)\b|how much is left on my\b|when (does|will|is) my (\w+ ){0,3}(mature|expire|due|end)\b|^\W*my (overdraft |credit )?(limit|balance)\W*$)/iu

/** The customer asks for something of their own account in so many words: no document can answer that. */
export function asksForOwn(written: string): boolean {
  const text = simplified(written)
  return asksWhere.test(text) || asksWhat.test(text) || asksOwnState.test(text)
}

const interrogative =
  /[?？]|^\W*(what|how|when|where|which|who|why|can|could|do|does|did|is|are|will|would|should|may|am|tell me|explain)\b|(吗|呢|怎么|如何|多少|什么|哪|几)/iu

/** The message is put as a question about how things are. */
export const isQuestion = (text: string): boolean => interrogative.test(simplified(text))

/** Letters or ideographs that can carry a meaning; without any (emoji, punctuation, digits) there is nothing to look up. */
export const hasWords = (text: string): boolean => /\p{L}{2,}|\p{Script=Han}/u.test(text)
