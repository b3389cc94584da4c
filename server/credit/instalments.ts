/** A loan that is paid back in equal monthly instalments. */
export interface LoanTerms {
  /** Minor units of the currency (pence, cents), above 0. */
  readonly amount: bigint
  /** Months, 1 to {@link mostMonths}. */
  readonly months: number
  /** Nominal rate a year, in millionths: 79000 is 7.9 %. 0 to {@link highestRate}. */
  readonly rate: bigint
}

/** One month; money in minor units. */
export interface Instalment {
  /** From 1. */
  readonly month: number
  readonly payment: bigint
  readonly interest: bigint
  readonly principal: bigint
  /** What is still owed afterwards. */
  readonly balance: bigint
}

export const mostMonths = 480
/** 100 % a year. */
export const highestRate = 1_000_000n
export const mostAmount = 10n ** 13n
/** A rate a year in millionths, over this, is that of a month. */
const perMonth = 12n * 1_000_000n

const ceiling = (a: bigint, b: bigint): bigint => (a + b - 1n) / b
const halfUp = (a: bigint, b: bigint): bigint => (2n * a + b) / (2n * b)

/** @throws {RangeError} naming what is out of range. */
function assertTerms({ amount, months, rate }: LoanTerms): void {
  if (amount < 1n || amount > mostAmount) throw new RangeError(`amount has to be from 1 to ${mostAmount} minor units`)
  if (!Number.isInteger(months) || months < 1 || months > mostMonths)
    throw new RangeError(`term has to be from 1 to ${mostMonths} months`)
  if (rate < 0n || rate > highestRate) throw new RangeError('rate has to be from 0 to 100 % a year')
}

/**
 * The monthly payment P · i · (1 + i)ⁿ / ((1 + i)ⁿ − 1), exact in fractions of whole numbers and rounded up to the minor unit:
 * the last payment is then the smaller one, and no rest is left to fall due at once.
 * @throws {RangeError} naming what is out of range.
 */
export function instalmentOf(terms: LoanTerms): bigint {
  assertTerms(terms)
  const { amount, months, rate } = terms
  if (rate === 0n) return ceiling(amount, BigInt(months))
  const [grown, base] = [(perMonth + rate) ** BigInt(months), perMonth ** BigInt(months)]
  return ceiling(amount * rate * grown, perMonth * (grown - base))
}

/**
 * All payments. Each month's interest is rounded half up to the minor unit, the rest of the payment is principal, and the last
 * payment is what is owed. As payments are rounded up, a tiny loan may be paid back before its term.
 * @throws {RangeError} as {@link instalmentOf}.
 */
export function scheduleOf(terms: LoanTerms): Instalment[] {
  const usual = instalmentOf(terms)
  const schedule: Instalment[] = []
  let balance = terms.amount
  for (let month = 1; balance > 0n; month++) {
    const interest = halfUp(balance * terms.rate, perMonth)
    const owed = balance + interest
    const payment = month >= terms.months || owed < usual ? owed : usual
    balance = owed - payment
    schedule.push({ month, payment, interest, principal: payment - interest, balance })
  }
  return schedule
}
