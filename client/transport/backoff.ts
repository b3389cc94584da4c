import { closeCodes } from '../../server/protocol/limits.ts'

/** What a closed connection calls for: come back later, get a new ticket, take a new name, or stay away. */
export type Reaction = 'return' | 'ticket' | 'instance' | 'stop'

const baseMs = 500
const capMs = 20_000
const ended: readonly number[] = [closeCodes.ended, 1005, closeCodes.binary, closeCodes.badUtf8, closeCodes.tooBig]
const passing: readonly number[] = [closeCodes.helloLate, closeCodes.rateLimited]

/** The contract's table of close codes. Codes that it doesn't name: 44xx stay away, everything else come back. */
export function reactionTo(code: number): Reaction {
  if (code === closeCodes.unauthorised) return 'ticket'
  if (code === closeCodes.replaced) return 'instance'
  const refused = code >= 4400 && code < 4500 && !passing.includes(code)
  return refused || ended.includes(code) ? 'stop' : 'return'
}

/**
 * How long to wait before attempt number `attempt` (from 0), in milliseconds: anything from 0 to a limit that doubles
 * from 0.5 s up to 20 s. A full jitter, or every widget returns in the same second after a deploy.
 * @param random 0 to below 1.
 */
export const backoffMs = (attempt: number, random: number): number => random * Math.min(capMs, baseMs * 2 ** attempt)
