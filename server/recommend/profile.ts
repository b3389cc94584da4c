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

const speaker = String.raw`\b(?:i\s?['’]?\s?a?m|im|i\s+am|we\s?['’]?\s?a?re|being)\s+`
const negated = String.raw`(?<not>\s*(?:not|no longer|never)\s+(?:yet\s+)?(?:an?\s+)?)?`
const is = (pattern: string): RegExp => new RegExp(pattern, 'iu')
const yesUnlessNegated = (match: RegExpMatchArray): boolean => match.groups?.not === undefined

/** Statements in the first person only: "is there an account for students" says nothing about who asks. */
const statements: readonly Statement[] = [
  {
    field: 'student',
    pattern: is(
      `${speaker}${negated}(?:currently\\s+|still\\s+)?(?:an?\\s+)?(?:full[- ]time\\s+|part[- ]time\\s+|first[- ]year\\s+|university\\s+|postgraduate\\s+)?(?:student|studying|undergraduate|at (?:uni|university|college))\\b`,
    ),
    read: yesUnlessNegated,
  },
  {
    field: 'student',
    pattern: is(String.raw`\bi (?:study|just started (?:uni|university)|start (?:uni|university))\b`),
    read: () => true,
  },
  {
    field: 'age',
    pattern: is(
      `${speaker}(?:now\\s+|only\\s+|just\\s+)?(?<n>\\d{1,3})(?!\\s*(?:%|k\\b|st|nd|rd|th|pounds|months?|days?|weeks?|minutes?|hours?|percent|short|behind))(?:\\s*(?:years?[- ]old|yrs?|yo))?(?=[\\s,.!?;]|$)`,
    ),
    read: ageOf,
  },
  { field: 'age', pattern: is(String.raw`\b(?:aged?|i turned|turning)\s+(?<n>\d{1,3})\b`), read: ageOf },
  {
    field: 'annualIncome',
    pattern: is(
      String.raw`\b(?:i|we)\s+(?:earn|make|get paid|bring in|take home)\s+(?:about|around|roughly|nearly|over|just over|some)?\s*£?\s?(?<n>\d[\d,.]*)\s?(?<k>k)?\b(?<per>\s*(?:a|per|each|every)\s+(?:year|annum|month|week))?`,
    ),
    read: incomeOf,
  },
  {
    field: 'annualIncome',
    pattern: is(
      String.raw`\bmy (?:income|salary|pay) is\s+(?:about|around|roughly)?\s*£?\s?(?<n>\d[\d,.]*)\s?(?<k>k)?\b(?<per>\s*(?:a|per|each)\s+(?:year|annum|month|week))?`,
    ),
    read: incomeOf,
  },
  {
    field: 'homeowner',
    pattern: is(
      String.raw`\b(?:i|we)\s+(?<not>don['’]?t\s+|do not\s+)?own\s+(?:my|our|a|the)\s+(?:own\s+)?(?:home|house|flat|apartment|place)\b`,
    ),
    read: yesUnlessNegated,
  },
  { field: 'homeowner', pattern: is(`${speaker}${negated}(?:an?\\s+)?home\\s?owners?\\b`), read: yesUnlessNegated },
  { field: 'homeowner', pattern: is(String.raw`\b(?:i|we)\s+rent\b(?!\s+out)`), read: () => false },
  {
    field: 'firstTimeBuyer',
    pattern: is(`${speaker}${negated}(?:an?\\s+)?first[- ]time\\s+buyers?\\b`),
    read: yesUnlessNegated,
  },
  {
    field: 'firstTimeBuyer',
    pattern: is(String.raw`\b(?:my|our) (?:very )?first (?:home|house|flat|place|property)\b`),
    read: () => true,
  },
  {
    field: 'weeklyHours',
    pattern: is(String.raw`\bi work\s+(?:about|around)?\s*(?<n>\d{1,3})\s*(?:hours|hrs)\b`),
    read: (match) => Number(match.groups?.n),
  },
]

/** Facts that the words of a message state about the person who writes. */
export function profileOf(text: string): Profile {
  const facts: Record<string, Fact> = {}
  for (const { field, pattern, read } of statements) {
    const match = text.match(pattern)
    const fact = match ? read(match) : undefined
    if (fact !== undefined && facts[field] === undefined) facts[field] = fact
  }
  return { facts }
}

function ageOf(match: RegExpMatchArray): number | undefined {
  const age = Number(match.groups?.n)
  return age >= 5 && age <= 110 ? age : undefined
}

/** Pounds a year. Without "a month" or "a week" a year is meant. */
function incomeOf(match: RegExpMatchArray): number | undefined {
  const amount =
    Number(match.groups?.n?.replace(/,(?=\d{3})/g, '').replace(/[.,]$/, '')) * (match.groups?.k ? 1_000 : 1)
  const times = /month/i.test(match.groups?.per ?? '') ? 12 : /week/i.test(match.groups?.per ?? '') ? 52 : 1
  return Number.isFinite(amount) && amount > 0 ? amount * times : undefined
}
