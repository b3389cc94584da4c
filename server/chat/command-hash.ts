import { createHash } from 'node:crypto'

/** SHA-256 of a command, for telling a resend from another command under the same id. */
export const hashOf = (t: string, d: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([t, d]))
    .digest('base64url')
