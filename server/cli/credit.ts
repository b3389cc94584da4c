import { resolve } from 'node:path'
import type { CreditScoreDone, CreditVerifyDone } from '../engine/credit-tasks.ts'
import { UsageError } from '../errors.ts'
import { type Command, type Options, textOf } from './command.ts'
import { wholeOf } from './questions.ts'
import { schemaPath } from './table-options.ts'

export const versionOptions = [
  ['--version <n>', 'version of credit, or champion', 'champion'],
  ['--approve <share>', 'share of the rows that the model was measured on that would be approved', '0.9'],
] as const
export const decisionOptions = [
  ...versionOptions,
  ['--schema <file>', 'what the columns mean, as JSON; default: ten columns of consumer credit'],
] as const

/** @throws {UsageError} for what is no share between 0 and 1. */
export function versionRequest(given: Options) {
  const share = textOf(given, 'approve') ?? ''
  const approve = /^0\.\d{1,6}$/.test(share) ? Number(share) : 0
  if (approve === 0) throw new UsageError(`--approve has to be a share such as 0.9, not "${share}"`)
  return { version: textOf(given, 'version') ?? 'champion', approve }
}

export function decisionRequest(given: Options) {
  const schema = textOf(given, 'schema')
  return { ...versionRequest(given), ...(schema !== undefined && { schema: schemaPath(schema) }) }
}

const creditScore: Command = {
  name: 'credit score',
  args: '',
  summary: 'decide on the rows of a file: probability, band, decision, reasons, and what would turn a refusal',
  options: [
    ['--input <file>', 'rows with the columns of the model'],
    ['--output <file>', 'the same rows as JSON lines, with the decision'],
    ...decisionOptions,
  ],
  async run({ perform }, _, given) {
    const [input, output] = [textOf(given, 'input'), textOf(given, 'output')]
    if (input === undefined || output === undefined) throw new UsageError('--input and --output are needed')
    if (resolve(input) === resolve(output)) throw new UsageError('--output is the file of --input, which would be lost')
    const files = { input: resolve(input), output: resolve(output) }
    const json = (await perform('credit.score', { ...decisionRequest(given), ...files })) as CreditScoreDone
    const { n, approved, declined, refused, perItemMs } = json
    const text = `${n} rows: ${approved} approved, ${declined} declined, ${refused} refused as they cannot be true; ${perItemMs.toFixed(2)} ms each`
    return { json, text, exitCode: refused === 0 ? 0 : 1 }
  },
}

const creditVerify: Command = {
  name: 'credit verify',
  args: '',
  summary: 'hold reasons and changes of decisions against the model, by scoring anew',
  options: [
    ['--n <number>', 'applicants', '2000'],
    ['--input <file>', 'take the first of these rows; default: made-up ones, each column as the training rows have it'],
    ['--seed <n>', 'seed of the made-up ones', '1'],
    ...decisionOptions,
  ],
  async run({ perform }, _, given) {
    const input = textOf(given, 'input')
    const rows = { n: wholeOf(given, 'n', 2_000, 1, 1_000_000), seed: wholeOf(given, 'seed', 1, 0, 2 ** 31 - 1) }
    const json = (await perform('credit.verify', {
      ...{ ...decisionRequest(given), ...rows },
      ...(input !== undefined && { input: resolve(input) }),
    })) as CreditVerifyDone
    const {
      n,
      refused,
      declined,
      reasons,
      faithful,
      counterfactuals,
      withoutChange,
      counterfactualsValid,
      protectedUsed,
      identicalOnRerun,
      signsChecked,
      signsKept,
    } = json
    const holds = n > 0 && faithful === 1 && counterfactualsValid === 1 && protectedUsed === 0 && identicalOnRerun === 1
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
    const text = [
      `${n} applicants, ${declined} declined; ${refused} more cannot be true and were left out`,
      `${percent(faithful)} of ${reasons} reasons lower the probability when their column is as usual`,
      `${percent(counterfactualsValid)} of ${counterfactuals} changes turn the decision; none was found for ${withoutChange}`,
      `${protectedUsed} protected columns in the model or a reason`,
      `${percent(signsKept)} of ${signsChecked} ways along a column with a known sign never go against it`,
      `${percent(identicalOnRerun)} are the same when decided again`,
    ].join('\n')
    return { json, text, exitCode: holds ? 0 : 1 }
  },
}

/** `bursar credit`. */
export const creditCommands: readonly Command[] = [creditScore, creditVerify]
