import { existsSync } from 'node:fs'
import { readCaseRules } from '../cases/rules.ts'
import { type Config, today } from '../config.ts'
import { checkCanaries } from '../embedding/canaries.ts'
import { loadEncoder } from '../embedding/encoder.ts'
import { messageOf } from '../errors.ts'
import { encoderOf } from '../operations/house.ts'
import { addDays } from '../text/calendar.ts'
import type { Command, Context } from './command.ts'

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

const check = async (name: string, look: () => Promise<string>): Promise<Check> => {
  try {
    return { name, ok: true, detail: await look() }
  } catch (reason) {
    return { name, ok: false, detail: messageOf(reason) }
  }
}

async function encoderCheck(dir: string): Promise<string> {
  const encoder = await loadEncoder(dir)
  try {
    await checkCanaries(encoder)
    const canaries = encoder.isOwn ? 'canaries right' : 'its canaries are kept with the data'
    return `${encoder.name}, ${encoder.dimension} dimensions, ${canaries}`
  } finally {
    await encoder.close()
  }
}

/** None but that it is not there yet, before the first start. */
async function dataChecks(context: Context): Promise<Check[]> {
  const { dataDir } = context.config
  if (!existsSync(dataDir)) return [await check('data', async () => `${dataDir} does not exist yet`)]
  let status: Status | undefined
  const data = await check('data', async () => {
    status = (await context.perform('status', {})) as Status // the operation's own answer
    return storeCheck(status)
  })
  const known = status
  return known ? [data, await check('answers', async () => answersCheck(known))] : [data]
}

interface Status {
  readonly passages: number
  readonly generation: number
  readonly engines: number
  readonly heads: boolean
  readonly toleratedError?: number
  readonly answers?: { readonly questions: number; readonly precision: number; readonly coverage: number }
}

function storeCheck({ passages, generation, engines, heads }: Status): string {
  return `${passages} passages, generation ${generation}, ${engines} engines, heads ${heads ? 'trained' : 'missing: bursar serve trains them'}`
}

/** What the operator's tolerated error comes to. */
function answersCheck({ toleratedError, answers }: Status): string {
  if (!answers || toleratedError === undefined) return 'the heads are missing'
  const { questions, precision, coverage } = answers
  const allowed = `at most ${percent(toleratedError)} wrong`
  if (coverage === 0 && precision === 0)
    throw new Error(`${allowed} cannot be had: nothing is answered (BURSAR_TOLERATED_ERROR)`)
  return `${allowed}: ${percent(precision)} right, ${percent(coverage)} answered, on ${questions} judged questions`
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`

/** Days ahead for which the bank's holidays have to be known. */
const knownAheadDays = 60

function casesCheck(config: Config): string {
  const { calendar, days } = readCaseRules(config.caseRules)
  if (calendar.until < addDays(today(config.timeZone), knownAheadDays))
    throw new Error(`holidays are known until ${calendar.until} only: name later ones in BURSAR_CASE_RULES`)
  return `a complaint is due in ${days.complaint} business days; holidays are known until ${calendar.until}`
}

export const doctorCommand: Command = {
  name: 'doctor',
  args: '',
  summary: 'check the installation, the encoder and the data directory',
  options: [],
  async run(context) {
    const { config } = context
    const { secondEncoder: second } = config
    const checks = [
      await check('node', async () => {
        const [major = 0] = process.versions.node.split('.').map(Number)
        if (major < 20) throw new Error(`Node ${process.versions.node} is too old: 20 or newer is needed`)
        return process.versions.node
      }),
      await check('encoder', () => encoderCheck(encoderOf(config))),
      ...(second === undefined ? [] : [await check('second', () => encoderCheck(second))]),
      await check('cases', async () => casesCheck(config)),
      ...(await dataChecks(context)),
    ]
    const text = checks
      .map(({ name, ok, detail }) => `${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${detail}`)
      .join('\n')
    return { json: { checks }, text, exitCode: checks.every(({ ok }) => ok) ? 0 : 1 }
  },
}
