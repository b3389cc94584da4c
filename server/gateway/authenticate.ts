import type { Request } from 'express'
import type { Permission, Principal } from '../access/permissions.ts'
import { ForbiddenError, UnauthorisedError } from './errors.ts'
import { type HttpParts, opened } from './http-parts.ts'

const cookie = 'bursar_session'
const inCookies = new RegExp(`(?:^|;\\s*)${cookie}=([\\w-]{43})(?:;|$)`)
const bearer = /^Bearer ([\w-]{1,128})$/i

/** The token behind `Authorization: Bearer`. */
export const bearerOf = (request: Request): string | undefined => bearer.exec(request.headers.authorization ?? '')?.[1]

/** The token of the session cookie. */
export function sessionOf(request: Request): string | undefined {
  const token = inCookies.exec(request.headers.cookie ?? '')?.[1]
  return token !== undefined && isOwnPage(request) ? token : undefined
}

/**
 * SameSite counts all hosts of one registrable domain as one site. A session is for pages of this very host: other origins
 * that may open chats cannot act for whoever is signed in here.
 */
function isOwnPage({ headers: { origin, host } }: Request): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

/** `Set-Cookie` for a session, and for its end. Not to be read by scripts, and not sent along from other sites. */
export function sessionCookie(request: Request, token: string | undefined): string {
  // The Origin rule has let this page in, and browsers say on which scheme it stands, also behind a proxy.
  const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : ''
  const end = token === undefined ? '; Max-Age=0' : ''
  return `${cookie}=${token ?? ''}; Path=/v1; HttpOnly; SameSite=Strict${secure}${end}`
}

/**
 * Who makes the request: the owner of its API key, else of its session.
 * @returns undefined without either. @throws {UnauthorisedError} if what it brings is not, or no more, in force.
 */
export async function principalOf(request: Request, parts: HttpParts): Promise<Principal | undefined> {
  const { access } = opened(parts)
  const { authorization } = request.headers
  const session = sessionOf(request)
  if (authorization === undefined && session === undefined) return undefined
  const found =
    authorization === undefined ? await access.ofSession(session ?? '') : await access.ofKey(bearerOf(request) ?? '')
  if (!found) throw new UnauthorisedError('the key or session is not in force')
  return found
}

/** @throws {UnauthorisedError} for nobody; {ForbiddenError} for somebody who may not. */
export async function authorised(request: Request, parts: HttpParts, permission: Permission): Promise<Principal> {
  const principal = await principalOf(request, parts)
  if (!principal) throw new UnauthorisedError('no key and no session')
  if (!principal.permissions.has(permission)) throw new ForbiddenError(`${principal.actor} lacks ${permission}`)
  return principal
}
