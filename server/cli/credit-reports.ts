import { resolve } from 'node:path'
import type { CreditFairnessDone, CreditStabilityDone } from '../engine/credit-tasks.ts'
import { UsageError } from '../errors.ts'
import { fairnessFigures, type GroupFairness } from '../evaluation/fairness.ts'
import type { Moved } from '../evaluation/stability.ts'
import { type Command, type Options, textOf } from './command.ts'
import { versionOptions, versionRequest } from './credit.ts'

export const evalFairnessCommand: Command = {
  name: 'eval fairness',
  args: '',
  summary: 'what decisions of a credit version do to groups: approval, equal opportunity, calibration',
  options: [
    ['--test <file>', 'labelled rows with the columns of the model'],
    ['--group <column>', 'column of the groups; the model need not look at it'],
    ['--cuts <numbers>', 'part a column of numbers there: 25,40,60 makes four groups'],
    ['--reference <group>', 'the group to compare with; default: the one approved most often'],
    ...versionOptions,
  ],
  async run({ perform }, _, given) {
    const [test, group, reference] = ['test', 'group', 'reference'].map((name) => textOf(given, name))
    if (test === undefined || group === undefined) throw new UsageError('--test and --group are needed')
    const cuts = cutsOf(given)
    const json = (await perform('credit.fairness', {
      ...{ ...versionRequest(given), test: resolve(test), group },
      ...(cuts && { cuts }),
      ...(reference !== undefined && { reference }),
    })) as CreditFairnessDone
    const odd = Object.entries(json.unusual).map(
      ([column, count]) => `${column}: ${count} values that no training row had`,
    )
    const head = `${json.n} rows; compared with ${json.reference}`
    return { json, text: [head, ...json.groups.flatMap(groupLines), ...odd].join('\n') }
  },
}

/** @throws {UsageError} for what are no ascending numbers. */
function cutsOf(given: Options): number[] | undefined {
  const text = textOf(given, 'cuts')
  if (text === undefined) return undefined
  const cuts = text.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one)))
  const rises = cuts.every((cut, i) => Number.isFinite(cut) && (i === 0 || cut > cuts[i - 1]!))
  if (rises && cuts.length <= 20) return cuts
  throw new UsageError(`--cuts are up to 20 rising numbers such as 25,40,60, not "${text}"`)
}

function groupLines(group: GroupFairness): string[] {
  const few = group.small ? '; too few rows to say much' : ''
  return [
    `${group.group}: ${group.n} rows, ${group.positives} of the second class${few}; four fifths ${group.fourFifths}`,
    ...fairnessFigures.map((name) => {
      const [value, interval] = [group[name], group[`${name}_ci`]]
      if (value === null) return `  ${name.padEnd(16)} cannot be told`
      return `  ${name.padEnd(16)} ${value.toFixed(4)}  ${interval?.map((bound) => bound.toFixed(4)).join(' to ') ?? ''}`
    }),
  ]
}

export const creditStabilityCommand: Command = {
  name: 'credit stability',
  args: '',
  summary: 'how far rows and their scores have moved from those that a version was trained on',
  options: [['--input <file>', 'later rows with the columns of the model, without outcome'], ...versionOptions],
  async run({ perform }, _, given) {
    const input = textOf(given, 'input')
    if (input === undefined) throw new UsageError('--input is needed')
    const request = { ...versionRequest(given), input: resolve(input) }
    const json = (await perform('credit.stability', request)) as CreditStabilityDone
    const all = [...json.features, { name: 'score', ...json.score }]
    const width = Math.max(...all.map(({ name }) => name.length))
    const text = [
      `${json.n} rows, ${(100 * json.approvalRate).toFixed(1)} % would be approved (${(100 * request.approve).toFixed(1)} % of those measured on)`,
      ...all.map((one) => movedLine(one, width)),
    ].join('\n')
    return { json, text }
  },
}

const movedLine = ({ name, psi, chance, reading }: { readonly name: string } & Moved, width: number): string =>
  `  ${name.padEnd(width)}  psi ${psi.toFixed(4)}  chance ${chance.toFixed(4)}  ${reading}`
