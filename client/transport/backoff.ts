import { closeCodes } from '../../server/protocol/limits.ts'

/** Why a connection is not tried again by itself. */
export type StopReason = 'ended' | 'refused' | 'replaced' | 'erased' | 'outdated'
/** What a closed connection calls for. */
export type Reaction =
  | { readonly do: 'return' }
  | { readonly do: 'ticket' }
  | { readonly do: 'instance' }
  | { readonly do: 'stop'; readonly reason: StopReason }

const baseMs = 500
const capMs = 20_000

const stops: Readonly<Record<number, StopReason>> = {
  [closeCodes.ended]: 'ended',
  1005: 'ended',
  [closeCodes.binary]: 'refused',
  [closeCodes.badUtf8]: 'refused',
  [closeCodes.tooBig]: 'refused',
  [closeCodes.badFrames]: 'refused',
  [closeCodes.forbidden]: 'refused',
  [closeCodes.version]: 'outdated',
  [closeCodes.erased]: 'erased',
}

/** The contract's table of close codes. Codes that it doesn't name: 44xx stay away, everything else come back. */
export function reactionTo(code: number): Reaction {
  if (code === closeCodes.unauthorised) return { do: 'ticket' }
  if (code === closeCodes.replaced) return { do: 'instance' }
  const reason = stops[code]
  if (reason) return { do: 'stop', reason }
  if (code === closeCodes.helloLate || code === closeCodes.rateLimited) return { do: 'return' }
  return code >= 4400 && code < 4500 ? { do: 'stop', reason: 'refused' } : { do: 'return' }
}

/**
 * How long to wait before attempt number `attempt` (from 0), in milliseconds: anything from 0 to a limit that doubles
 * from 0.5 s up to 20 s. A full jitter, or every widget returns in the same second after a deploy.
 * @param random 0 to below 1.
 */
export const backoffMs = (attempt: number, random: number): number => random * Math.min(capMs, baseMs * 2 ** attempt)
