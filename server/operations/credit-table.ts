import { z } from 'zod'
import { highestRate, mostAmount, mostMonths } from '../credit/instalments.ts'
import { type OnProgress, runTask, type Task } from '../engine/tasks.ts'
import { modelFile } from '../models/head-session.ts'
import type { House } from './house.ts'
import { versionOf } from './model-table.ts'

const shared = {
  version: z.string(),
  approve: z.number().gt(0).lt(1),
  schema: z.string().exactOptional(),
}

const money = z.int().min(0).max(Number(mostAmount))

/** What commands may ask about credit decisions. */
export const creditRequests = {
  'credit.score': z.object({ ...shared, input: z.string(), output: z.string() }),
  'credit.verify': z.object({
    ...shared,
    n: z.int().min(1).max(1_000_000),
    seed: z.int(),
    input: z.string().exactOptional(),
  }),
  'credit.fairness': z.object({
    ...{ version: shared.version, approve: shared.approve, test: z.string(), group: z.string().min(1) },
    cuts: z.array(z.number()).min(1).max(20).readonly().exactOptional(),
    reference: z.string().exactOptional(),
  }),
  'credit.loan': z.object({
    ...{ ...shared, applicant: z.string(), rules: z.string().exactOptional() },
    loan: z.object({
      ...{
        amount: money.min(1),
        months: z.int().min(1).max(mostMonths),
        rate: z.int().min(0).max(Number(highestRate)),
      },
      ...{ income: money.exactOptional(), debts: money.exactOptional(), spending: money.exactOptional() },
    }),
  }),
  'credit.stability': z.object({ version: shared.version, approve: shared.approve, input: z.string() }),
} as const
type CreditTaskOf<N extends Task['kind']> = Extract<Task, { kind: N }>
type Request<N extends keyof typeof creditRequests> = z.infer<(typeof creditRequests)[N]>

/** Credit decisions, for the table of operations. */
export function createCreditOperations({ registry }: House) {
  async function modelOf(version: string) {
    const { dir, manifest, version: number } = await versionOf(registry, 'credit', version)
    return { number, model: { version: dir, artifactSha256: manifest.files[modelFile]?.sha256 ?? '' } }
  }
  /** Do one of the tasks with the version that a request names. */
  const asked =
    <N extends keyof typeof creditRequests>(kind: N) =>
    async (request: Request<N>, onProgress: OnProgress, _: string, signal?: AbortSignal) => {
      const { number, model } = await modelOf(request.version)
      // The task of this kind takes what its request holds, and the version's folder.
      const done = await runTask({ kind, ...request, ...model } as CreditTaskOf<N>, onProgress, signal)
      return { ...done, modelVersion: number }
    }
  return {
    'credit.score': asked('credit.score'),
    'credit.verify': asked('credit.verify'),
    'credit.fairness': asked('credit.fairness'),
    'credit.stability': asked('credit.stability'),
    'credit.loan': asked('credit.loan'),
  }
}
