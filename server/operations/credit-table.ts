import { z } from 'zod'
import { highestRate, mostAmount, mostMonths } from '../credit/instalments.ts'
import { type OnProgress, runTask, type Task } from '../engine/tasks.ts'
import { reasonText } from './access-table.ts'
import { type CreditHouse, columnsToStore, modelOf, replayDecision, storeDecisions } from './credit-store.ts'
import { versionOf } from './model-table.ts'

const shared = {
  version: z.string(),
  approve: z.number().gt(0).lt(1),
  schema: z.string().exactOptional(),
}

const money = z.int().min(0).max(Number(mostAmount))

/** What commands may ask about credit decisions. */
export const creditRequests = {
  'credit.score': z.object({
    ...{ ...shared, input: z.string(), output: z.string() },
    /** Keep the decisions. */
    store: z.boolean().exactOptional(),
    /** Column that names the application. */
    ref: z.string().min(1).exactOptional(),
  }),
  'credit.decisions': z.object({ ref: z.string().exactOptional(), waiting: z.boolean().exactOptional() }),
  'credit.decision': z.object({ id: z.string() }),
  'credit.replay': z.object({ id: z.string() }),
  'credit.override': z.object({ id: z.string(), to: z.enum(['approve', 'decline']), reason: reasonText }),
  'credit.confirm': z.object({ id: z.string(), reason: reasonText }),
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
/** Requests that a task of the same name does. */
type Asked = keyof typeof creditRequests & Task['kind']
type CreditTaskOf<N extends Task['kind']> = Extract<Task, { kind: N }>
type Request<N extends keyof typeof creditRequests> = z.infer<(typeof creditRequests)[N]>

/** Credit decisions, for the table of operations. */
export function createCreditOperations(house: CreditHouse) {
  const { registry, creditDesk } = house
  async function versionAsked(version: string) {
    const found = await versionOf(registry, 'credit', version)
    return { number: found.version, model: { version: found.dir, artifactSha256: modelOf(found) } }
  }
  /** Do one of the tasks with the version that a request names. */
  const asked =
    <N extends Asked>(kind: N) =>
    async (request: Request<N>, onProgress: OnProgress, _: string, signal?: AbortSignal) => {
      const { number, model } = await versionAsked(request.version)
      // The task of this kind takes what its request holds, and the version's folder.
      const done = await runTask({ kind, ...request, ...model } as CreditTaskOf<N>, onProgress, signal)
      return { ...done, modelVersion: number }
    }
  const scored = asked('credit.score')
  return {
    async 'credit.score'(
      request: Request<'credit.score'>,
      onProgress: OnProgress,
      actor: string,
      signal?: AbortSignal,
    ) {
      const { store, ref, ...score } = request
      const version = await versionOf(registry, 'credit', request.version)
      if (store) columnsToStore(version)
      // By its number: another one may go live meanwhile.
      const done = await scored({ ...score, version: String(version.version) }, onProgress, actor, signal)
      if (!store) return done
      const { approve, schema, output } = request
      return { ...done, ...(await storeDecisions(house, output, { version, approve, schema, ref, actor })) }
    },
    'credit.decisions': async (filter: Request<'credit.decisions'>) => ({ decisions: await creditDesk.list(filter) }),
    'credit.decision': ({ id }: Request<'credit.decision'>) => creditDesk.show(id),
    async 'credit.replay'({ id }: Request<'credit.replay'>) {
      return { id, ...(await replayDecision(house, await creditDesk.find(id))) }
    },
    async 'credit.override'({ id, to, reason }: Request<'credit.override'>, _: OnProgress, actor: string) {
      await creditDesk.propose(id, to, { actor, reason })
      return { id, to, waits: true }
    },
    async 'credit.confirm'({ id, reason }: Request<'credit.confirm'>, _: OnProgress, actor: string) {
      return { id, ...(await creditDesk.confirm(id, { actor, reason })) }
    },
    'credit.verify': asked('credit.verify'),
    'credit.fairness': asked('credit.fairness'),
    'credit.stability': asked('credit.stability'),
    'credit.loan': asked('credit.loan'),
  }
}
