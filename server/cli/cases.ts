import { UsageError } from '../errors.ts'
import { caseStates } from '../protocol/events.ts'
import type { StoredCase } from '../storage/cases.ts'
import { rights } from '../text/rights-kinds.ts'
import { type Command, oneOf, textOf } from './command.ts'

const casesList: Command = {
  name: 'cases list',
  args: '',
  summary: 'rights that customers invoked, what is due soonest first; without --status all that are not closed',
  options: [
    ['--status <status>', `only these: ${caseStates.join(', ')}`],
    ['--type <right>', `only these: ${rights.join(', ')}`],
  ],
  async run({ perform }, _, given) {
    const status = oneOf(given, 'status', caseStates)
    const type = oneOf(given, 'type', rights)
    const filter = { ...(status && { status }), ...(type && { type }) }
    const json = (await perform('cases.list', filter)) as { cases: StoredCase[] }
    const lines = json.cases.map(({ id, type: kind, ref, status: state, due }) =>
      [`due ${due}`, state, kind, ref, id].join('  '),
    )
    return { json, text: lines.join('\n') || 'no cases' }
  },
}

type Shown = StoredCase & {
  readonly evidence: readonly { mid: string; at: string }[]
  readonly history: readonly { at: string; actor: string; action: string; reason?: string }[]
}

const casesShow: Command = {
  name: 'cases show',
  args: '<case>',
  summary: 'one case, the messages that tell of it, and what people did',
  options: [],
  async run({ perform }, [id = '']) {
    const json = (await perform('cases.show', { id })) as Shown
    const { type, ref, status, openedAt, due, conv, evidence, history } = json
    const lines = [
      `${type}, reference ${ref}: ${status}, opened ${openedAt}, due ${due}`,
      `conversation ${conv}`,
      ...evidence.map(({ mid, at }) => `told in message ${mid} at ${at}`),
      ...history.map(({ at, actor, action, reason }) => `${at}  ${actor}  ${action}${reason ? `  “${reason}”` : ''}`),
    ]
    return { json, text: lines.join('\n') }
  },
}

const casesClose: Command = {
  name: 'cases close',
  args: '<case>',
  summary: 'end a case, with the reason',
  options: [['--reason <text>', 'what came of it, for the audit log; needed']],
  async run({ perform }, [id = ''], given) {
    const reason = textOf(given, 'reason')
    if (reason === undefined) throw new UsageError('a case is closed with a --reason')
    const json = (await perform('cases.close', { id, reason })) as object
    return { json, text: `${id} is closed` }
  },
}

/** `bursar cases`. */
export const caseCommands: readonly Command[] = [casesList, casesShow, casesClose]
