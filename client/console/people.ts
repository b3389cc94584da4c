/** Who is signed in, as `GET /v1/sessions` tells. */
export interface Me {
  readonly user: string
  readonly permissions: readonly string[]
}

/** @returns undefined if nobody is. @throws {TypeError} if the server cannot be reached. */
export async function whoAmI(server: string): Promise<Me | undefined> {
  const response = await fetch(`${server}/v1/sessions`, { cache: 'no-store' })
  // The server's own schema made it.
  return response.status === 200 ? ((await response.json()) as Me) : undefined
}

/** @returns a reason if it was refused. Never rejects. */
export async function signIn(server: string, user: string, password: string): Promise<'wrong' | 'later' | undefined> {
  try {
    const response = await fetch(`${server}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, password }),
    })
    if (response.ok) return undefined
    return response.status === 401 || response.status === 400 ? 'wrong' : 'later'
  } catch {
    return 'later'
  }
}

/** Never rejects: who cannot reach the server is signed out by time. */
export async function signOut(server: string): Promise<void> {
  await fetch(`${server}/v1/sessions`, { method: 'DELETE' }).catch(() => undefined)
}
