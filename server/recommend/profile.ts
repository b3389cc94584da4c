/** What a customer has told of themselves. Only what was said; nothing is guessed. */
export interface Profile {
  /** By the catalogue's field names, such as `age` or `annualIncome` (pounds a year). */
  readonly facts: Readonly<Record<string, number | boolean | string | readonly string[]>>
}

export const emptyProfile: Profile = { facts: {} }

/** Later facts replace earlier ones. */
export const mergeProfiles = (before: Profile, after: Profile): Profile =>
  Object.keys(after.facts).length === 0 ? before : { facts: { ...before.facts, ...after.facts } }

type Fact = number | boolean

/** A pattern that states a fact; the fact is read from its groups. A fact of undefined was no fact after all. */
interface Statement {
  readonly field: string
  readonly pattern: RegExp
  readonly read: (match: RegExpMatchArray) => Fact | undefined
}

/**
 * Words before a first person that make a question, a condition or somebody else's words of the sentence: "can I own a home
 * with you", "if I'm 17", "my son asks: I'm 15".
 */
const unlessAsked = String.raw`(?<!\b(?:if|when|whether|unless|until|till|before|after|once|do|did|does|can|could|will|would|should|may|must|suppose|imagine|pretend|thinks?|says?|said|asks?|asked|wrote|writes)[,:]?\s{1,3}["“'‘]?)`
const i = String.raw`\b(?=i)${unlessAsked}i\s+`
const we = String.raw`\b(?=[iw])${unlessAsked}(?:i|we)\s+`
const iAm = String.raw`\b(?=i)${unlessAsked}(?:i\s?['’]?\s?a?m|i\s+am)\s+`
const weAre = String.raw`\b(?=[iw])${unlessAsked}(?:i\s?['’]?\s?a?m|i\s+am|we\s?['’]?\s?a?re)\s+`
const negated = String.raw`(?<not>\s*(?:not|no longer|never)\s+(?:yet\s+)?(?:an?\s+)?)?`
/** After a number: nothing that it could count. "I'm 15 miles away" tells no age, "I make 3 payments" no income. */
const isAll = String.raw`(?= ?(?:$|[\n;:!?)]|[,.](?!\s?\d)|[-–—]\s(?!\d)|(?:and|but|so|now|who|which|what|where|how|can|could|do|is|am|are|i|i['’]m|looking|trying|wanting|want|would|with no(?:thing)?|with an?|with my|living|working|retired|married|single|male|female|today|this year)(?![\p{L}])))`
const amount = String.raw`£?\s?(?<n>\d[\d,.]*)\s?(?<k>k(?!\w))?(?<unit>\s*(?:pounds|quid|gbp|sterling))?(?<per>\s*(?:(?:a|per|each|every)\s+(?:year|annum|month|week)|annually|yearly|monthly|weekly|p\.?a\b\.?))?(?:\s+(?:before|after)\s+tax|\s+(?:gross|net))?${isAll}`
const about = String.raw`(?:(?:about|around|roughly|nearly|over|just over|some)\s+)?`
/** What somebody studies; "I study your terms" is no subject. */
const subject = String.raw`(?!\s+(?:your|the|this|that|these|those|whether|how|what|it|all)\b)`
const dwelling = '(?:home|house|flat|apartment|place)'
const is = (pattern: string): RegExp => new RegExp(pattern, 'iu')
const yesUnlessNegated = (match: RegExpMatchArray): boolean => match.groups?.not === undefined

/** Statements in the first person only: "is there an account for students" says nothing about who asks. */
const statements: readonly Statement[] = [
  {
    field: 'student',
    pattern: is(
      `${iAm}${negated}(?:currently\\s+|still\\s+)?(?:an?\\s+)?(?:full[- ]time\\s+|first[- ]year\\s+|university\\s+|postgraduate\\s+)?(?:(?:student|undergraduate)\\b(?!['’]\\p{L}|\\s+(?:loans?|landlord|landlady|union|advis[eo]r|officer|services|support|account|house|card)\\b)|studying\\b${subject}|at (?:uni|university|college)\\b)`,
    ),
    read: yesUnlessNegated,
  },
  {
    field: 'student',
    pattern: is(`${i}(?:study\\b${subject}|(?:have\\s+)?just started (?:uni|university)\\b)`),
    read: () => true,
  },
  {
    field: 'age',
    pattern: is(
      `${iAm}(?:now\\s+|only\\s+|just\\s+)?(?:aged\\s+|an?\\s+)?(?<n>\\d{1,3})(?:[\\s-]*(?:years?[- ]old|years of age|yrs?(?: old)?|yo)\\b(?!['’])|${isAll})`,
    ),
    read: ageOf,
  },
  { field: 'age', pattern: is(`${i}(?:have\\s+)?(?:just\\s+)?turned\\s+(?<n>\\d{1,3})${isAll}`), read: ageOf },
  {
    field: 'annualIncome',
    pattern: is(`${we}(?:earn|make|get paid|bring in|take home)\\s+${about}${amount}`),
    read: incomeOf,
  },
  {
    field: 'annualIncome',
    pattern: is(`\\b(?=my)${unlessAsked}my (?:income|salary|pay) is\\s+${about}${amount}`),
    read: incomeOf,
  },
  {
    field: 'homeowner',
    pattern: is(`${we}(?<not>don['’]?t\\s+|do not\\s+)?own\\s+(?:my|our|an?|the)\\s+(?:own\\s+)?${dwelling}\\b`),
    read: yesUnlessNegated,
  },
  {
    field: 'homeowner',
    pattern: is(`${weAre}${negated}(?:an?\\s+)?home\\s?owners?\\b(?!['’])`),
    read: yesUnlessNegated,
  },
  {
    field: 'homeowner',
    pattern: is(`${we}rent(?:\\s+(?:my|our|an?|the)\\s+${dwelling}\\b(?!\\s+(?:out|to)\\b)|${isAll})`),
    read: () => false,
  },
  {
    field: 'firstTimeBuyer',
    pattern: is(`${weAre}${negated}(?:an?\\s+)?first[- ]time\\s+buyers?\\b(?!['’])`),
    read: yesUnlessNegated,
  },
  {
    field: 'firstTimeBuyer',
    pattern: is(
      String.raw`(?<!\b(?:was|were|after|before|since|not)\s{1,3})\b(?:buy(?:ing)?|purchas(?:e|ing)|sav(?:e|ing) (?:up )?for|mortgage for|looking for) (?:my|our) (?:very )?first (?:home|house|flat|place|property)\b`,
    ),
    read: () => true,
  },
  {
    field: 'weeklyHours',
    pattern: is(
      `${i}work\\s+(?:about|around)?\\s*(?<n>\\d{1,3})\\s*(?:hours|hrs)(?:\\s+(?:a|per|each|every)\\s+week|\\s+weekly)?${isAll}`,
    ),
    read: (match) => Number(match.groups?.n),
  },
]

/** A first person as some pattern has it: without one there is no statement, and this is told sooner than by all patterns. */
const firstPerson = /\b(?:i|ia?m|we|wea?re|my|our)\b/iu

/** Facts that the words of a message state about the person who writes. */
export function profileOf(text: string): Profile {
  if (!firstPerson.test(text)) return emptyProfile
  const facts: Record<string, Fact> = {}
  // Patterns would try every way to share out a long row of spaces.
  const spaced = text.replace(/\s+/g, (gap) => (gap.includes('\n') ? '\n' : ' '))
  for (const { field, pattern, read } of statements) {
    const match = spaced.match(pattern)
    const fact = match ? read(match) : undefined
    if (fact !== undefined && facts[field] === undefined) facts[field] = fact
  }
  return { facts }
}

function ageOf(match: RegExpMatchArray): number | undefined {
  const age = Number(match.groups?.n)
  return age >= 5 && age <= 110 ? age : undefined
}

/** Least pounds that are taken for a year's where no period is said: "I earn £20" is no yearly income. */
const leastYearly = 1_000

/** Pounds a year. Without "a month" or "a week" a year is meant. */
function incomeOf(match: RegExpMatchArray): number | undefined {
  const { n = '', k, per = '' } = match.groups ?? {}
  const said = Number(n.replace(/,(?=\d{3})/g, '').replace(/[.,]$/, '')) * (k ? 1_000 : 1)
  const times = /month/i.test(per) ? 12 : /week/i.test(per) ? 52 : 1
  return Number.isFinite(said) && said > 0 && (per !== '' || said >= leastYearly) ? said * times : undefined
}
