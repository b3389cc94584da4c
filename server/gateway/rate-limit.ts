export interface RateLimiter {
  /** Take `cost` from the key's bucket. @returns 0, or the milliseconds until that much is there; then nothing was taken. */
  take(key: string, cost?: number): number
  /** Put back what a later check made useless. */
  give(key: string, cost?: number): void
  readonly size: number
}

interface Bucket {
  tokens: number
  at: number
}

/**
 * Token buckets by key: `perMinute` tokens at first, refilled evenly (Turner 1986, the leaky bucket as a meter).
 * Memory is bounded: beyond `capacity` keys the one that was quiet longest is forgotten, which fills its bucket.
 * @param options.perMinute size of a bucket and its refill per minute; 0 means no limit.
 * @param options.now a monotonic clock in milliseconds.
 */
export function createRateLimiter(options: { perMinute: number; capacity: number; now: () => number }): RateLimiter {
  const { perMinute, capacity, now } = options
  const perMs = perMinute / 60_000
  const buckets = new Map<string, Bucket>() // the quiet ones come first: a used one moves to the end

  function bucketOf(key: string): Bucket {
    const at = now()
    const known = buckets.get(key)
    if (known) buckets.delete(key)
    else if (buckets.size >= capacity) forgetQuietest()
    const tokens = known ? Math.min(perMinute, known.tokens + (at - known.at) * perMs) : perMinute
    const bucket = { tokens, at }
    buckets.set(key, bucket)
    return bucket
  }

  function forgetQuietest(): void {
    const [quietest] = buckets.keys()
    if (quietest !== undefined) buckets.delete(quietest)
  }

  return {
    take(key, cost = 1) {
      if (perMinute === 0) return 0
      const bucket = bucketOf(key)
      if (bucket.tokens < cost) return Math.ceil((cost - bucket.tokens) / perMs)
      bucket.tokens -= cost
      return 0
    },
    give(key, cost = 1) {
      const bucket = buckets.get(key)
      if (bucket) bucket.tokens = Math.min(perMinute, bucket.tokens + cost)
    },
    get size() {
      return buckets.size
    },
  }
}

/**
 * Messages are counted by the configured rates. Signals (typing, read marks, clicks) and requests to models may come ten times
 * as often, and what staff do at the desk, who search while they type, twenty times: by person alone, as an office has one address.
 */
export type Budget = 'messages' | 'signals' | 'inferences' | 'desk'
const othersPerMessage = 10
const deskPerMessage = 20
/** Buckets kept per kind; at most about 20 MB in all. */
const rememberedKeys = 50_000

/** The allowances of the gateway: by conversation, or for requests to models by key, and by address. */
export interface Allowance {
  /** @returns 0, or the milliseconds until the address may ask for another ticket. */
  ticket(address: string): number
  /** @param who conversation or key. @returns 0, or the milliseconds until both it and the address may go on. */
  spend(budget: Budget, who: string, address: string): number
}

/** @param rates messages a minute, 0 for no limit. */
export function createAllowance(
  rates: { ratePerMinute: number; addressRatePerMinute: number },
  now: () => number,
): Allowance {
  const limiter = (perMinute: number) => createRateLimiter({ perMinute, capacity: rememberedKeys, now })
  const pair = (factor: number) => ({
    callers: limiter(rates.ratePerMinute * factor),
    addresses: limiter(rates.addressRatePerMinute * factor),
  })
  const desk = { callers: limiter(rates.ratePerMinute * deskPerMessage), addresses: limiter(0) }
  const budgets = { messages: pair(1), signals: pair(othersPerMessage), inferences: pair(othersPerMessage), desk }
  const tickets = limiter(rates.addressRatePerMinute)
  return {
    ticket: (address) => tickets.take(address),
    spend(budget, who, address) {
      const { callers, addresses } = budgets[budget]
      const wait = callers.take(who)
      if (wait > 0) return wait
      const addressWait = addresses.take(address)
      if (addressWait > 0) callers.give(who)
      return addressWait
    },
  }
}

/** Tries to sign in, a minute: guesses at one user from many addresses, and at many users from one. */
const triesPerUser = 10
const triesPerAddress = 20

export interface SignInAllowance {
  /** @returns 0, or the milliseconds until the next try. */
  spend(user: string, address: string): number
  /** Who signed in has not guessed. */
  refund(user: string, address: string): void
}

export function createSignInAllowance(now: () => number): SignInAllowance {
  const users = createRateLimiter({ perMinute: triesPerUser, capacity: rememberedKeys, now })
  const addresses = createRateLimiter({ perMinute: triesPerAddress, capacity: rememberedKeys, now })
  return {
    spend(user, address) {
      const wait = addresses.take(address)
      if (wait > 0) return wait
      const userWait = users.take(user)
      if (userWait > 0) addresses.give(address)
      return userWait
    },
    refund(user, address) {
      users.give(user)
      addresses.give(address)
    },
  }
}
