import { z } from 'zod'
import type { OnProgress } from '../engine/tasks.ts'
import { findGaps } from '../receipts/gaps.ts'
import { findImpact } from '../receipts/impact.ts'
import { createReplay } from '../receipts/replay.ts'
import { explain } from '../receipts/why.ts'
import type { House } from './house.ts'
import { recordedGeneration } from './recorded-generation.ts'

const message = z.string().min(1).max(100)

/** What commands may ask about answers that were given. */
export const receiptRequests = {
  why: z.object({ message }),
  replay: z.object({ message }),
  impact: z.object({ doc: z.string(), ver: z.int().min(1), limit: z.int().min(0).max(1_000_000) }),
  gaps: z.object({ since: z.iso.date().optional(), limit: z.int().min(1).max(10_000) }),
} as const
type Request<N extends keyof typeof receiptRequests> = z.infer<(typeof receiptRequests)[N]>

/** Before every day that a receipt can name. */
const everBefore = '0000-01-01'

/** Receipts of answers, for the table of operations. */
export function createReceiptOperations(house: House) {
  const { store, pool, catalogue, generations, logger, day, termsOf } = house
  const replay = createReplay({
    ...{ ...store, pool, logger, termsOf, recommender: catalogue.current, current: store.documents.current },
    recorded: (readWith) => recordedGeneration(house, readWith),
  })
  return {
    why: (request: Request<'why'>) => explain(store, request.message),
    async replay(request: Request<'replay'>) {
      const fault = generations.headsFault()
      if (fault) throw fault
      return replay(request.message)
    },
    impact: (request: Request<'impact'>) => findImpact({ ...store, today: day }, request),
    gaps: ({ since = everBefore, limit }: Request<'gaps'>, onProgress: OnProgress) =>
      findGaps({ receipts: store.receipts, pool }, { since, limit }, onProgress),
  }
}
