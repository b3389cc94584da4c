import { describe, expect, it } from 'vitest'
import type { Command, Context } from '../../../server/cli/command.ts'
import { creditCommands } from '../../../server/cli/credit.ts'
import { creditDecisionCommands } from '../../../server/cli/credit-decisions.ts'
import { creditStabilityCommand, evalFairnessCommand } from '../../../server/cli/credit-reports.ts'
import { evalForecastCommand, investCommands } from '../../../server/cli/invest.ts'
import { readConfig } from '../../../server/config.ts'
import { UsageError } from '../../../server/errors.ts'
import { createLogger } from '../../../server/logger.ts'
import { fileOf } from '../models/tabular/support.ts'

const context: Context = {
  ...{ config: readConfig({}, {}), logger: createLogger('silent') },
  progress: () => undefined,
  announce: () => undefined,
  perform: () => Promise.reject(new Error('nothing may be asked for')),
}
const commands: readonly Command[] = [
  ...creditCommands,
  ...creditDecisionCommands,
  ...investCommands,
  ...[creditStabilityCommand, evalFairnessCommand, evalForecastCommand],
]
/** Run a command as the command line does: with the defaults of its options. */
async function run(name: string, args: readonly string[], given: Readonly<Record<string, string | boolean>>) {
  const command = commands.find((one) => one.name === name)
  if (!command) throw new RangeError(`there is no ${name}`)
  const defaults = command.options.flatMap(([flags, , fallback]) => {
    const words = /--([a-z-]+)/.exec(flags)?.[1]?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    return words === undefined || fallback === undefined ? [] : [[words, fallback] as const]
  })
  return command.run(context, args, { ...Object.fromEntries(defaults), ...given })
}

describe('commands of credit and investments', () => {
  const files = { input: 'a.csv', output: 'b.jsonl' }
  it.each([
    ['credit score', [], { ...files, ref: 'id' }, /--ref is for --store/],
    ['credit score', [], { ...files, approve: '1' }, /--approve has to be a share/],
    ['credit stability', [], {}, /--input is needed/],
    ['eval fairness', [], { test: 'a.csv' }, /--test and --group are needed/],
    ['eval fairness', [], { test: 'a.csv', group: 'g', cuts: '25,20' }, /--cuts are up to 20 rising numbers/],
    ['eval fairness', [], { test: 'a.csv', group: 'g', cuts: '25,' }, /--cuts/],
    ['credit override', ['d_1'], { reason: 'x' }, /--to is needed/],
    ['credit override', ['d_1'], { to: 'maybe', reason: 'x' }, /--to has to be one of approve, decline/],
    ['credit override', ['d_1'], { to: 'approve' }, /a --reason is needed/],
    ['credit confirm', ['d_1'], {}, /a --reason is needed/],
    ['invest analyse', [], { level: '1' }, /--level is a number from 0.5/],
    ['invest analyse', [], { riskFree: 'much' }, /--risk-free is a number/],
    ['invest suitability', [], { answers: 'a.json', productClass: '0' }, /--product-class has to be a whole/],
    ['invest forecast', ['a.csv'], { horizon: '0' }, /--horizon/],
    ['invest suitability', [], {}, /--answers is needed/],
    ['eval forecast', [], { train: 'a.csv' }, /--train and --test are needed/],
    ['eval forecast', [], { train: 'a.csv', test: 'b.csv', method: 'magic' }, /--method has to be one of select/],
  ])('refuse wrong use before anything is asked for: %s %j %j', async (name, args, given, says) => {
    const refused = run(name, args, given)
    await expect(refused).rejects.toThrow(says)
    await expect(refused).rejects.toBeInstanceOf(UsageError)
  })

  const prices = fileOf('date,close\n2026-01-01,100\n2026-01-02,50\n2026-01-03,75\n', 'prices.csv')
  it('read prices, and say that figures are no advice', async () => {
    const done = await run('invest analyse', [prices], {})
    expect(done?.json).toMatchObject({ prices: 3, totalReturn: -0.25, maxDrawdown: { share: 0.5, recovered: null } })
    expect(done?.text).toContain('largest fall        50.00 %, 2026-01-01 to 2026-01-02, not recovered')
    expect(done?.text.endsWith('This is no advice.')).toBe(true)
    await expect(run('invest forecast', [prices], {})).rejects.toThrow(/prices\.csv: has too few prices to forecast 1 /)
    await expect(run('eval forecast', [], { train: prices, test: prices })).rejects.toThrow(
      /begins on 2026-01-01, not after the last day/,
    )
  })

  it('tell by the exit code whether a product surely suits', async () => {
    const answers = fileOf(JSON.stringify({ horizon: 'soon' }), 'answers.json')
    const codes = await Promise.all(
      ['1', '2'].map(async (productClass) => {
        const done = await run('invest suitability', [], { answers, productClass })
        return [done?.exitCode, done?.text.split('\n').at(-1)]
      }),
    )
    expect(codes).toEqual([
      [0, 'the product suits'],
      [1, 'the product does not suit'],
    ])
  })
})
