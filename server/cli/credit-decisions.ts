import type { CreditDesk } from '../credit/overrides.ts'
import { UsageError } from '../errors.ts'
import { type Command, type Options, oneOf, textOf } from './command.ts'

type Listed = Awaited<ReturnType<CreditDesk['list']>>[number]
type Shown = Awaited<ReturnType<CreditDesk['show']>>

const wordOption = ['--reason <text>', 'why, for the audit log; needed'] as const

/** @throws {UsageError} without a reason. */
function wordOf(given: Options): string {
  const reason = textOf(given, 'reason')
  if (reason === undefined) throw new UsageError('a --reason is needed')
  return reason
}

const lineOf = ({ id, at, ref, decided, outcome, overrides }: Listed): string => {
  const waiting = overrides.find(({ confirmedAt }) => confirmedAt === undefined)
  return [
    ...[at, id, ...(ref === undefined ? [] : [ref]), decided.band, decided.probability.toFixed(4), outcome],
    ...(waiting ? [`to ${waiting.to}, proposed by ${waiting.by}`] : []),
  ].join('  ')
}

const decisions: Command = {
  name: 'credit decisions',
  args: '',
  summary: 'decisions that were stored, newest first',
  options: [
    ['--ref <name>', 'only those of this application'],
    ['--waiting', 'only those with another outcome that waits for a second person'],
  ],
  async run({ perform }, _, given) {
    const ref = textOf(given, 'ref')
    const filter = { ...(ref !== undefined && { ref }), ...(given.waiting === true && { waiting: true }) }
    const json = (await perform('credit.decisions', filter)) as { decisions: Listed[] }
    return { json, text: json.decisions.map(lineOf).join('\n') || 'no decisions' }
  },
}

const decision: Command = {
  name: 'credit decision',
  args: '<id>',
  summary: 'one stored decision, with its reasons and what people decided instead',
  options: [],
  async run({ perform }, [id = '']) {
    const json = (await perform('credit.decision', { id })) as Shown
    const { decided, version, by, overrides, history } = json
    const lines = [
      lineOf(json),
      `by version ${version} of credit, stored by ${by}`,
      ...decided.reasons.map(({ text, contribution }) => `  ${contribution.toFixed(3).padStart(7)}  ${text}`),
      ...overrides.flatMap(({ to, at, by: who, reason, confirmedBy, confirmedReason }) => [
        `${at}  ${who}  to ${to}  “${reason}”`,
        confirmedBy === undefined
          ? '  waits for a second person'
          : `  confirmed by ${confirmedBy}  “${confirmedReason ?? ''}”`,
      ]),
      ...history.map(({ at, actor, action }) => `${at}  ${actor}  ${action}`),
    ]
    return { json, text: lines.join('\n') }
  },
}

const replay: Command = {
  name: 'credit replay',
  args: '<id>',
  summary: 'make a stored decision again; 1 if a character of it is another',
  options: [],
  async run({ perform }, [id = '']) {
    const json = (await perform('credit.replay', { id })) as { identical: boolean }
    const text = json.identical ? `${id} is the same, character for character` : `${id} is another one now`
    return { json, text, exitCode: json.identical ? 0 : 1 }
  },
}

const override: Command = {
  name: 'credit override',
  args: '<id>',
  summary: 'propose another outcome; a second person has to confirm it',
  options: [['--to <outcome>', 'approve or decline; needed'], wordOption],
  async run({ perform }, [id = ''], given) {
    const to = oneOf(given, 'to', ['approve', 'decline'])
    if (to === undefined) throw new UsageError('--to is needed: approve or decline')
    const json = (await perform('credit.override', { id, to, reason: wordOf(given) })) as object
    return { json, text: `${id} to ${to} waits for a second person` }
  },
}

const confirm: Command = {
  name: 'credit confirm',
  args: '<id>',
  summary: 'carry out another outcome that somebody else has proposed',
  options: [wordOption],
  async run({ perform }, [id = ''], given) {
    const json = (await perform('credit.confirm', { id, reason: wordOf(given) })) as { outcome: string }
    return { json, text: `the outcome of ${id} is ${json.outcome}` }
  },
}

/** `bursar credit` on decisions that are stored. */
export const creditDecisionCommands: readonly Command[] = [decisions, decision, replay, override, confirm]
