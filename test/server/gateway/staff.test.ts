import { describe, expect, it } from 'vitest'
import { by, password } from '../access/support.ts'
import { errorOf } from './harness.ts'
import { cookieOf, start } from './staff-gateway.ts'

describe('signing in', () => {
  it('gives a cookie that scripts cannot read, which opens what the roles grant until sign-out', async () => {
    const { users, call, signIn } = await start()
    await users.add('grace', ['compliance'], password, by)
    const opened = await signIn('grace')
    expect(opened.status).toBe(201)
    expect(opened.headers.get('set-cookie')).toMatch(/^bursar_session=[\w-]{43}; Path=\/v1; HttpOnly; SameSite=Strict$/)
    const said = await opened.text()
    expect(JSON.parse(said)).toMatchObject({ user: 'grace', roles: ['compliance'] })
    const cookie = cookieOf(opened)
    expect(said).not.toContain(cookie.split('=')[1])
    expect((await call('GET', '/v1/audit', { cookie })).status).toBe(200)
    expect((await call('PUT', '/v1/documents/a%2Fb.md?reason=x', { cookie })).status).toBe(403)
    const closed = await call('DELETE', '/v1/sessions', { cookie })
    expect([closed.status, closed.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/^bursar_session=; .*Max-Age=0$/),
    ])
    expect((await call('GET', '/v1/audit', { cookie })).status).toBe(401)
  })

  it('says the same for a wrong password, an unknown name and a disabled user', async () => {
    const { users, signIn } = await start()
    for (const name of ['ada', 'grace']) await users.add(name, ['agent'], password, by)
    await users.disable('ada', by)
    const answers = [await signIn('grace', 'not the password'), await signIn('nobody'), await signIn('ada')]
    for (const answer of answers) {
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([401, null])
      expect(await errorOf(answer)).toMatchObject({ code: 'unauthorised', msg: 'a valid credential is needed' })
    }
  })

  it('is refused after too many guesses at one user, and says for how long; others still may', async () => {
    const { users, signIn } = await start()
    await users.add('grace', ['agent'], password, by)
    let refused = await signIn('ada', 'guess')
    // Ten at once, and one more every six seconds.
    for (let i = 1; i < 30 && refused.status === 401; i++) refused = await signIn('ada', 'guess')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    // Who knows the password is not counted.
    for (let i = 0; i < 3; i++) expect((await signIn('grace')).status).toBe(201)
  })

  it('is for pages of this server and no other, and marked Secure on https', async () => {
    const origins = ['https://bank.example', 'https://chat.bank.example']
    const { users, call, signIn } = await start({ origins })
    await users.add('grace', ['compliance'], password, by)
    expect((await signIn('grace')).status).toBe(201) // a program of this machine
    expect((await signIn('grace', password, { origin: 'https://evil.example' })).status).toBe(403)
    const opened = await signIn('grace', password, { origin: 'https://chat.bank.example' })
    expect(opened.headers.get('set-cookie')).toContain('; Secure')
    expect(opened.headers.has('access-control-allow-credentials')).toBe(false)
    // SameSite would let this one through: it is of the same registrable domain.
    const foreign = await call('GET', '/v1/audit', { cookie: cookieOf(opened), origin: 'https://bank.example' })
    expect(foreign.status).toBe(401)
  })

  it.each([
    [{}, 'user'],
    [{ user: 'grace' }, 'password'],
    [{ user: 'grace', password: ['x'] }, 'password'],
    [{ user: 'x'.repeat(65), password: 'x' }, 'user'],
  ])('with %j names the field', async (body, field) => {
    const { call } = await start()
    const refused = await call('POST', '/v1/sessions', {}, body)
    expect([refused.status, await errorOf(refused)]).toMatchObject([400, { code: 'invalid_field', field }])
  })
})

describe('an API key', () => {
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

  it('opens what its scopes say, from anywhere', async () => {
    const { keys, call } = await start()
    const { key, id } = await keys.create('crm', ['documents:read'], 1, by)
    // A header of a proxy's: this is no caller of this machine any more.
    const far = { ...bearer(key), 'x-forwarded-for': '192.0.2.7' }
    expect((await call('GET', '/v1/documents', far)).status).toBe(200)
    const refused = await call('DELETE', '/v1/documents/a?reason=x', far)
    expect([refused.status, await errorOf(refused)]).toMatchObject([403, { code: 'forbidden' }])
    expect((await call('GET', '/v1/audit', far)).status).toBe(403)
    await keys.revoke(id, by)
    expect((await call('GET', '/v1/documents', bearer(key))).status).toBe(401)
  })

  it('that is none opens nothing, not even what needs none', async () => {
    const { call } = await start()
    for (const path of ['/v1/documents', '/v1/documents/a', '/v1/jobs/j', '/v1/audit'])
      for (const headers of [
        {},
        bearer(`bk_${'A'.repeat(43)}`),
        { authorization: 'Basic YTpi' },
        { cookie: `bursar_session=${'A'.repeat(43)}` },
      ])
        expect([path, (await call('GET', path, headers)).status]).toEqual([path, 401])
    const text = await call('GET', '/v1/documents/a/versions/1/text', bearer('x'))
    expect([text.status, text.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    const far = { 'x-forwarded-for': '192.0.2.7', ...bearer('x') }
    expect((await call('POST', '/v1/tickets', far, { role: 'customer' })).status).toBe(403)
  })
})
