import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs, reactionTo } from '../../../client/transport/backoff.ts'

describe('what a close code calls for', () => {
  it.each([1000, 1003, 1005, 1007, 1009, 4400, 4403, 4406, 4410, 4499])('%i: stay away', (code) => {
    expect(reactionTo(code)).toBe('stop')
  })
  it.each([1001, 1006, 1011, 1012, 4408, 4429, 4500, 4503, 4508, 4599])('%i: come back', (code) => {
    expect(reactionTo(code)).toBe('return')
  })
  it('4401 calls for a new ticket, 4409 for a new name', () => {
    expect([reactionTo(4401), reactionTo(4409)]).toEqual(['ticket', 'instance'])
  })
})

describe('the wait before another attempt', () => {
  it('is spread over everything from 0 to a limit that doubles from 0.5 s to 20 s', () => {
    expect([0, 1, 2, 5, 6, 60].map((attempt) => backoffMs(attempt, 1))).toEqual([
      500, 1000, 2000, 16_000, 20_000, 20_000,
    ])
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const wait = backoffMs(attempt, random)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(20_000)
      }),
    )
  })
})
