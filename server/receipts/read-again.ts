import type { Request } from '../chat/responder.ts'
import type { Generation } from '../engine/messages.ts'
import { createPool, type Pool } from '../engine/pool.ts'
import type { Logger } from '../logger.ts'
import type { ReadingReceipt } from '../storage/receipts.ts'

/** The question of a receipt with all that swayed its answer. */
export function requestOf({ question: text, day, role, before }: ReadingReceipt): Request {
  const { facts, dismissed, ...state } = before
  return {
    ...{ text, day, role, state },
    ...{ profile: { facts }, dismissed: new Set(dismissed) },
  }
}

/** The engines that serve, if they have that very generation; else one of its own, for as long as it takes. */
export async function withEngines<T>(
  { pool, logger }: { readonly pool: Pool; readonly logger: Logger },
  generation: Generation,
  work: (engines: Pool) => Promise<T>,
): Promise<T> {
  if (generation === pool.generation) return work(pool)
  const own = createPool(generation, { size: 1, logger })
  try {
    await own.facts() // tells at once if it cannot be loaded
    return await work(own)
  } finally {
    await own.stop()
  }
}
