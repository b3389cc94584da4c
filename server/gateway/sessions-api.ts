import express, { type Request, type Router } from 'express'
import { z } from 'zod'
import { RateLimitedError } from '../errors.ts'
import { sessionCookie, sessionOf } from './authenticate.ts'
import { UnauthorisedError } from './errors.ts'
import { accepting, type HttpParts, opened } from './http-parts.ts'
import { checked } from './invalid-field.ts'
import type { SignedIn } from './ports.ts'

/** A name and a password at most; anything longer is neither. */
const maxBodyBytes = 4_096
export const signInRequest = z.object({ user: z.string().min(1).max(64), password: z.string().min(1).max(1_024) })
export const sessionReply = z.object({
  user: z.string(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  expiresAt: z.iso.datetime(),
})

export const ownSession = z.object({ user: z.string(), permissions: z.array(z.string()) })

/** Signing in and out, for people; programs use API keys. */
export function createSessionsApi(parts: HttpParts): Router {
  const api = express.Router({ caseSensitive: true })
  api.post('/sessions', express.json({ limit: maxBodyBytes, strict: true }), async (request, response) => {
    const { token, name, roles, permissions, expiresAt } = await signIn(request, parts)
    response.setHeader('Set-Cookie', sessionCookie(request, token))
    response.status(201).json({ user: name, roles, permissions, expiresAt })
  })
  api.get('/sessions', async (request, response) => {
    const session = sessionOf(request)
    const found = session === undefined ? undefined : await opened(parts).access.ofSession(session)
    if (!found?.user)
      response.status(204).end() // nobody is no fault: a page asks this first
    else response.json({ user: found.user, permissions: [...found.permissions] })
  })
  api.delete('/sessions', async (request, response) => {
    const token = sessionOf(request)
    if (token !== undefined) await opened(parts).access.signOut(token)
    response.setHeader('Set-Cookie', sessionCookie(request, undefined))
    response.status(204).end()
  })
  return api
}

/** @throws {RateLimitedError} after too many tries; {UnauthorisedError} for a wrong name, password or disabled user alike. */
async function signIn(request: Request, parts: HttpParts): Promise<SignedIn> {
  const { access } = accepting(parts)
  const { user, password } = checked(signInRequest, request.body)
  const address = parts.clientAddress(request)
  const wait = parts.signIns.spend(user, address)
  if (wait > 0) throw new RateLimitedError(wait)
  const session = await access.signIn(user, password)
  if (!session) {
    // Not the name: people type their password there by mistake.
    parts.log.warn({ address }, 'sign-in refused')
    throw new UnauthorisedError('wrong name or password')
  }
  parts.signIns.refund(user, address)
  return session
}
