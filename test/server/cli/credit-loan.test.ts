import { describe, expect, it } from 'vitest'
import type { Context } from '../../../server/cli/command.ts'
import { creditLoanCommand } from '../../../server/cli/credit-loan.ts'
import { readConfig } from '../../../server/config.ts'
import { UsageError } from '../../../server/errors.ts'
import { createLogger } from '../../../server/logger.ts'

const context: Context = {
  ...{ config: readConfig({}, {}), logger: createLogger('silent') },
  progress: () => undefined,
  announce: () => undefined,
  perform: () => Promise.reject(new Error('no operation is needed')),
}
const loan = { amount: '9999.50', term: '12', rate: '7.9' }

describe('bursar credit loan', () => {
  it('reads money and rates as they were typed, and needs no data directory without an applicant', async () => {
    const done = await creditLoanCommand.run(context, [], { ...loan, income: '2500', schedule: true })
    expect(done?.json).toMatchObject({
      ...{ decision: 'refer', payments: 12 },
      facts: { amount: 999_950, rate: 0.079, income: 250_000 },
    })
    expect(done?.text).toMatch(/^refer: 12 payments of \d+\.\d\d GBP/)
    expect(done?.text.split('\n').filter((line) => line.includes('principal'))).toHaveLength(12)
  })

  it.each([
    [{ amount: '9999.505' }, /--amount is a number .* at most 2 decimal digits, not "9999\.505"/],
    [{ amount: '-1' }, /--amount/],
    [{ amount: '0.00' }, /--amount has to be above 0/],
    [{ amount: '100000000000.01' }, /--amount/],
    [{ rate: '100.0001' }, /--rate is a number from 0 to 100/],
    [{ rate: '1e1' }, /--rate/],
    [{ term: '481' }, /--term/],
    [{ term: undefined }, /--amount, --term and --rate are needed/],
    [{ income: 'much' }, /--income/],
  ])('refuses %o', async (odd, says) => {
    const run = creditLoanCommand.run(context, [], { ...loan, ...odd })
    await expect(run).rejects.toThrow(says)
    await expect(run).rejects.toBeInstanceOf(UsageError)
  })
})
