import type { LoanAssessment, LoanRequest } from '../credit/loan.ts'
import type { Verification } from '../credit/verify.ts'
import type { GroupFairness } from '../evaluation/fairness.ts'
import type { Moved } from '../evaluation/stability.ts'

/** What decides. */
export interface CreditTask {
  /** Folder of the version. */
  readonly version: string
  readonly artifactSha256: string
  /** Share of the rows that the model was measured on that would be approved. */
  readonly approve: number
  /** What the columns mean; the usual schema if it is left out. */
  readonly schema?: string
}
/** Decide on the rows of a file, in their order. */
export interface CreditScoreTask extends CreditTask {
  readonly kind: 'credit.score'
  readonly input: string
  readonly output: string
}
/** Hold decisions against what is said of them. */
export interface CreditVerifyTask extends CreditTask {
  readonly kind: 'credit.verify'
  readonly n: number
  readonly seed: number
  /** Rows to take the first of; made-up ones if it is left out. */
  readonly input?: string
}

export interface CreditScoreDone {
  readonly n: number
  readonly approved: number
  readonly declined: number
  readonly refused: number
  readonly perItemMs: number
}
export interface CreditVerifyDone extends Verification {
  readonly perItemMs: number
}

/** What decisions do to the groups of a labelled file. */
export interface CreditFairnessTask extends Pick<CreditTask, 'version' | 'approve'> {
  readonly kind: 'credit.fairness'
  readonly test: string
  /** Column of the groups; the model need not know it. */
  readonly group: string
  /** Ascending; parts a column of numbers into groups. */
  readonly cuts?: readonly number[]
  /** The group that others are held beside. */
  readonly reference?: string
}
export interface CreditFairnessDone {
  readonly n: number
  readonly reference: string
  readonly groups: readonly GroupFairness[]
  /** Values that no training row had, by column. */
  readonly unusual: Readonly<Record<string, number>>
}

/** How far the rows of a file are from those that a version was trained on. */
export interface CreditStabilityTask extends Pick<CreditTask, 'version' | 'approve'> {
  readonly kind: 'credit.stability'
  readonly input: string
}
export interface CreditStabilityDone {
  readonly n: number
  readonly features: readonly ({ readonly name: string } & Moved)[]
  readonly score: Moved
  /** Share of the rows that would be approved, at the limit that approves `approve` of the rows that the model was measured on. */
  readonly approvalRate: number
}

/** Assess a loan for the one applicant of a file. */
export interface CreditLoanTask extends CreditTask {
  readonly kind: 'credit.loan'
  readonly applicant: string
  readonly loan: LoanRequest
  /** The bank's own rules; the usual ones if they are left out. */
  readonly rules?: string
}
export type CreditLoanDone = LoanAssessment
