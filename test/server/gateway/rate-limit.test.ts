import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAllowance, createRateLimiter, createSignInAllowance } from '../../../server/gateway/rate-limit.ts'

describe('a token bucket', () => {
  it('gives a minute’s worth at once, then one by one', () => {
    let time = 0
    const limiter = createRateLimiter({ perMinute: 30, capacity: 10, now: () => time })
    for (let i = 0; i < 30; i++) expect(limiter.take('a')).toBe(0)
    expect(limiter.take('a')).toBe(2_000)
    expect(limiter.take('b')).toBe(0)
    time += 1_999
    expect(limiter.take('a')).toBe(1)
    time += 1
    expect(limiter.take('a')).toBe(0)
    expect(limiter.take('a')).toBe(2_000)
  })

  it('never gives more than its size and refill, whatever the order of calls', () => {
    const calls = fc.array(fc.record({ wait: fc.nat(5_000), takes: fc.integer({ min: 1, max: 20 }) }), {
      maxLength: 50,
    })
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 100 }), (rounds, perMinute) => {
        let time = 0
        let given = 0
        const limiter = createRateLimiter({ perMinute, capacity: 2, now: () => time })
        for (const { wait, takes } of rounds) {
          time += wait
          for (let i = 0; i < takes; i++) if (limiter.take('a') === 0) given++
        }
        expect(given).toBeLessThanOrEqual(perMinute + (time * perMinute) / 60_000)
      }),
    )
  })

  it('says a wait after which it does give', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(10_000), (perMinute, early) => {
        let time = 0
        const limiter = createRateLimiter({ perMinute, capacity: 2, now: () => time })
        while (limiter.take('a', perMinute / 4) === 0) time += early / 100_000
        time += limiter.take('a', perMinute / 4)
        expect(limiter.take('a', perMinute / 4)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('with rate 0 has no limit and remembers nothing', () => {
    const limiter = createRateLimiter({ perMinute: 0, capacity: 10, now: () => 0 })
    for (let i = 0; i < 1_000; i++) expect(limiter.take('a')).toBe(0)
    expect(limiter.size).toBe(0)
  })

  it('forgets the key that was quiet longest, so that memory is bounded', () => {
    const limiter = createRateLimiter({ perMinute: 1, capacity: 2, now: () => 0 })
    limiter.take('a')
    limiter.take('b')
    expect(limiter.take('a')).toBeGreaterThan(0) // a is the busier one now
    limiter.take('c')
    expect(limiter.size).toBe(2)
    expect(limiter.take('a')).toBeGreaterThan(0)
    expect(limiter.take('b')).toBe(0)
  })
})

describe('the allowance', () => {
  const rates = { ratePerMinute: 2, addressRatePerMinute: 3 }

  it('counts a conversation and an address', () => {
    const { spend } = createAllowance(rates, () => 0)
    expect([spend('messages', 'c1', 'x'), spend('messages', 'c1', 'x')]).toEqual([0, 0])
    expect(spend('messages', 'c1', 'y')).toBe(30_000)
    expect(spend('messages', 'c2', 'x')).toBe(0)
    expect(spend('messages', 'c2', 'x')).toBe(20_000)
  })

  it('takes nothing from the conversation when the address is over', () => {
    let time = 0
    const { spend } = createAllowance({ ratePerMinute: 1, addressRatePerMinute: 1 }, () => time)
    spend('messages', 'c1', 'x')
    expect(spend('messages', 'c2', 'x')).toBe(60_000)
    time = 60_000
    expect(spend('messages', 'c2', 'x')).toBe(0)
  })

  it('lets signals come ten times as often, apart from messages', () => {
    const { spend } = createAllowance(rates, () => 0)
    for (let i = 0; i < 20; i++) expect(spend('signals', 'c1', 'x')).toBe(0)
    expect(spend('signals', 'c1', 'x')).toBe(3_000)
    expect(spend('messages', 'c1', 'x')).toBe(0)
  })

  it('counts tickets by address', () => {
    const { ticket } = createAllowance(rates, () => 0)
    expect([ticket('x'), ticket('x'), ticket('x'), ticket('x'), ticket('y')]).toEqual([0, 0, 0, 20_000, 0])
  })
})

describe('tries to sign in', () => {
  it('are ten a minute for a user and twenty for an address; who signs in gets theirs back', () => {
    let time = 0
    const tries = createSignInAllowance(() => time)
    const spend = (count: number, user: (i: number) => string, address: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => tries.spend(user(i), address(i))).filter((wait) => wait === 0).length
    expect(
      spend(
        15,
        () => 'ada',
        (i) => `one ${i}`,
      ),
    ).toBe(10)
    expect(
      spend(
        25,
        (i) => `user ${i}`,
        () => 'two',
      ),
    ).toBe(20)
    expect(tries.spend('ada', 'three')).toBe(6_000)
    time += 6_000
    expect(tries.spend('ada', 'three')).toBe(0)
    for (let i = 0; i < 40; i++) {
      expect(tries.spend('grace', 'four')).toBe(0)
      tries.refund('grace', 'four')
    }
  })
})
