import type { Verification } from '../credit/verify.ts'

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
