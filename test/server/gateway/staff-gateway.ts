import { onTestFinished } from 'vitest'
import { openAccess, password } from '../access/support.ts'
import { startGateway, type TestOptions } from './harness.ts'

/** A gateway in front of real users, sessions and keys. */
export async function start(options: TestOptions = {}) {
  const { users, keys, sessions, onChange, store } = await openAccess()
  const gateway = await startGateway({
    access: {
      signIn: sessions.signIn,
      signOut: sessions.signOut,
      ofSession: sessions.principal,
      ofKey: keys.principal,
      onChange,
    },
    audit: store.audit.list,
    ...options,
  })
  onTestFinished(gateway.close)
  const call = (method: string, path: string, headers: Record<string, string> = {}, body?: object) =>
    fetch(`${gateway.url}${path}`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
  const signIn = (user: string, secret = password, headers = {}) =>
    call('POST', '/v1/sessions', headers, { user, password: secret })
  return { url: gateway.url, users, keys, call, signIn }
}

/** The session's cookie as a browser sends it back. */
export const cookieOf = (response: Response): string =>
  (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
