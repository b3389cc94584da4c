import { createHash } from 'node:crypto'
import { type Applicant, applicantsIn, probabilityOf, scorerOf } from '../credit/applicant.ts'
import { createDecider } from '../credit/decision.ts'
import { assessLoan, loanOf } from '../credit/loan.ts'
import { readLoanRules } from '../credit/loan-rules.ts'
import { protectedIn, readCreditSchema } from '../credit/schema.ts'
import { drawApplicants, verifyDecisions } from '../credit/verify.ts'
import { InputError, ModelError } from '../errors.ts'
import { createRandom } from '../math/random.ts'
import { type StreamedRow, streamRows } from '../models/tabular/row-stream.ts'
import { loadTable, type TableSession } from '../models/tabular/session.ts'
import { assertColumns, inputsIn } from '../models/tabular/table.ts'
import { assertUsual, unusualIn } from '../models/tabular/unusual.ts'
import type {
  CreditLoanDone,
  CreditLoanTask,
  CreditScoreDone,
  CreditScoreTask,
  CreditTask,
  CreditVerifyDone,
  CreditVerifyTask,
} from './credit-tasks.ts'
import { tableServices } from './table-services.ts'
import type { OnProgress } from './tasks.ts'
import { writeWhole } from './whole-file.ts'

interface Open {
  readonly session: TableSession
}

/** A credit model and what its training rows were like. @throws {ModelError} for one that was made before there were references. */
export async function openCredit(version: string) {
  const session = await loadTable(version, 'credit', tableServices.credit.recipe)
  const { facts } = session
  if (facts.task === 'tabular-classification' && facts.reference) return { session, facts, reference: facts.reference }
  await session.close()
  throw new ModelError(`${version} has no reference applicant: make a new version with: bursar train credit`)
}

/** @throws {ModelError} as {@link openCredit}; {@link InputError} for a schema that cannot be used. */
async function open({ version, artifactSha256, approve, schema }: CreditTask) {
  const meaning = readCreditSchema(schema)
  const { session, facts, reference } = await openCredit(version)
  const names = facts.columns.map(({ name }) => name)
  const meanings = names.map((name) => (Object.hasOwn(meaning.columns, name) ? meaning.columns[name] : undefined))
  const score = scorerOf(facts.columns, session.predict)
  const { contradictions, premiums } = meaning
  const shared = { names, meanings, contradictions, reference, score }
  // What the columns mean decides what is refused, named and offered: the same decision is one by the same schema.
  const meant = createHash('sha256').update(JSON.stringify(meaning)).digest('hex')
  const decider = createDecider({ ...shared, premiums, approve, model: `${artifactSha256} ${meant}` })
  return { ...shared, session, decider, protectedColumns: protectedIn(names, meaning) }
}

/** @throws {InputError} naming file, line and column; {@link ModelError} as `open`. */
export async function scoreCredit(task: CreditScoreTask, onProgress: OnProgress): Promise<CreditScoreDone> {
  const opened = await open(task)
  const { session } = opened
  try {
    assertUnprotected(opened)
    const counts = { n: 0, approved: 0, declined: 0, refused: 0 }
    const begun = performance.now()
    await writeWhole(task.output, async (append) => {
      for await (const batch of streamRows(task.input).batches) {
        if (counts.n === 0) assertColumns(task.input, batch, session.facts.columns)
        for (const [i, applicant] of applicantsOf(task.input, batch, opened).entries()) {
          const decided = await opened.decider.decide(applicant)
          counts.n++
          counts['refused' in decided ? 'refused' : decided.decision === 'approve' ? 'approved' : 'declined']++
          await append(`${JSON.stringify({ ...Object.fromEntries(batch[i]!.fields), ...decided })}\n`)
        }
        onProgress(0, `${counts.n} rows`)
      }
    })
    return { ...counts, perItemMs: (performance.now() - begun) / counts.n }
  } finally {
    await session.close()
  }
}

function assertUnprotected({ protectedColumns }: { readonly protectedColumns: readonly string[] }): void {
  if (protectedColumns.length === 0) return
  throw new ModelError(
    `the model looks at ${protectedColumns.join(', ')}, which no decision may depend on: train it anew with --ignore ${protectedColumns.join(',')}`,
  )
}

/** Decide on a loan for the one applicant of a file. @throws {InputError} naming file, line and column; what cannot be true of the applicant. */
export async function assessCredit(task: CreditLoanTask): Promise<CreditLoanDone> {
  const { applicant: file, loan, rules } = task
  const ruled = readLoanRules(rules)
  const opened = await open(task)
  try {
    assertUnprotected(opened)
    const applicants = await firstOf(file, 2, opened)
    if (applicants.length > 1) throw new InputError({ file }, 'has more than one row: a loan is for one applicant')
    const decision = await opened.decider.decide(applicants[0]!)
    if ('refused' in decision) throw new InputError({ file }, `cannot be true: ${decision.refused.join('; ')}`)
    return assessLoan(loanOf(loan), ruled, { decision, limit: probabilityOf(opened.decider.limit) })
  } finally {
    await opened.session.close()
  }
}

export async function verifyCredit(task: CreditVerifyTask, onProgress: OnProgress): Promise<CreditVerifyDone> {
  const opened = await open(task)
  try {
    const applicants =
      task.input === undefined
        ? drawApplicants(opened, task.n, createRandom(task.seed))
        : await firstOf(task.input, task.n, opened)
    const begun = performance.now()
    const done = await verifyDecisions(applicants, opened, (share) => onProgress(share, 'deciding and scoring anew'))
    return { ...done, perItemMs: (performance.now() - begun) / applicants.length }
  } finally {
    await opened.session.close()
  }
}

async function firstOf(input: string, count: number, opened: Open): Promise<Applicant[]> {
  const applicants: Applicant[] = []
  for await (const batch of streamRows(input).batches) {
    if (applicants.length === 0) assertColumns(input, batch, opened.session.facts.columns)
    applicants.push(...applicantsOf(input, batch, opened))
    if (applicants.length >= count) break
  }
  return applicants.slice(0, count)
}

function applicantsOf(file: string, batch: readonly StreamedRow[], { session: { facts } }: Open): Applicant[] {
  const { inputs, lines } = inputsIn(file, batch, facts.columns)
  const levels = unusualIn(inputs, facts.columns).filter(({ what }) => what.startsWith('a category'))
  assertUsual(file, lines, levels) // numbers out of range are refused row by row
  return applicantsIn(inputs)
}
