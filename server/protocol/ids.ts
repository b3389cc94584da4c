import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/** `c_`, `m_` … followed by 128 random bits or more in base64url: unguessable, safe in URLs. */
export const mintId = (prefix: 'c' | 'm' | 's' | 'e' | 'r' | 'j' | 'k' | 'n'): string =>
  `${prefix}_${randomBytes(18).toString('base64url')}`

/** A secret of 256 random bits in base64url. */
export const mintSecret = (): string => randomBytes(32).toString('base64url')

export const conversationId = z.string().regex(/^c_[\w-]{16,64}$/)
export const caseId = z.string().regex(/^k_[\w-]{16,64}$/)
export const noteId = z.string().regex(/^n_[\w-]{16,64}$/)
export const messageId = z.string().regex(/^m_[\w-]{16,64}$/)
/** Chosen by the client: a ULID, so that a resend after a reconnect is recognised and not answered twice. */
export const commandId = z.ulid()
