import { z } from 'zod'
import type { OnProgress } from '../engine/tasks.ts'
import { caseStates } from '../protocol/events.ts'
import { rights } from '../text/rights-kinds.ts'
import { reasonText } from './access-table.ts'
import type { House } from './house.ts'

/** What commands may ask about the customers' cases. */
export const caseRequests = {
  'cases.list': z.object({ status: z.enum(caseStates).exactOptional(), type: z.enum(rights).exactOptional() }),
  'cases.show': z.object({ id: z.string() }),
  'cases.close': z.object({ id: z.string(), reason: reasonText }),
} as const
type Request<N extends keyof typeof caseRequests> = z.infer<(typeof caseRequests)[N]>

/** Cases, for the table of operations. */
export function createCaseOperations({ caseDesk }: House) {
  return {
    'cases.list': async (filter: Request<'cases.list'>) => ({ cases: await caseDesk.list(filter) }),
    'cases.show': ({ id }: Request<'cases.show'>) => caseDesk.show(id),
    async 'cases.close'({ id, reason }: Request<'cases.close'>, _: OnProgress, actor: string) {
      await caseDesk.close(id, { actor, reason })
      return { case: id, status: 'closed' as const }
    },
  }
}
