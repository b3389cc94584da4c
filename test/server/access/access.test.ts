import { describe, expect, it } from 'vitest'
import { reasonOf } from '../storage/support.ts'
import { by, openAccess, password } from './support.ts'

describe('users', () => {
  it('are added, changed and disabled, each with who did so and why', async () => {
    const { users, store } = await openAccess()
    const added = await users.add('grace', ['knowledge', 'agent'], password, by)
    expect(added).toEqual({ name: 'grace', roles: ['agent', 'knowledge'], createdAt: '2026-11-22T09:00:00.000Z' })
    await users.setRoles('grace', ['compliance'], by)
    await users.setPassword('grace', `${password}!`, { actor: 'local:ada' })
    await users.disable('grace', by)
    expect(await users.list()).toEqual([{ ...added, roles: ['compliance'], disabledAt: '2026-11-22T09:00:00.000Z' }])
    const log = await store.audit.list({ subject: 'grace' }, 9)
    expect(log.map(({ action, actor, reason, detail }) => [action, actor, reason, detail])).toEqual([
      ['users.disable', 'local:ada', 'first day', undefined],
      ['users.password', 'local:ada', undefined, undefined],
      ['users.roles', 'local:ada', 'first day', 'roles compliance'],
      ['users.add', 'local:ada', 'first day', 'roles agent knowledge'],
    ])
    expect(await store.audit.verify()).toMatchObject({ seq: 4 })
  })

  it('are refused by what is wrong, and then nothing is stored', async () => {
    const { users, store } = await openAccess()
    await users.add('grace', ['agent'], password, by)
    for (const [name, roles, secret, says] of [
      ['Grace', ['agent'], password, 'a user name has'],
      ['grace\n', ['agent'], password, 'a user name has'],
      ['grace', ['agent'], password, 'there is a user grace already'],
      ['linus', ['root'], password, 'not "root"'],
      ['linus', ['toString'], password, 'not "toString"'],
      ['linus', [], password, 'roles have to be some of'],
      ['linus', ['agent'], 'short', 'a password has to have 12'],
      ['linus', ['agent'], '💰'.repeat(11), 'a password has to have 12'],
      ['linus', ['agent'], 'a'.repeat(257), 'a password has to have 12'],
      ['linus', ['agent'], 'with\0a control sign', 'without control characters'],
    ] as const) {
      const reason = await reasonOf(users.add(name, roles, secret, by))
      expect(reason).toMatchObject({ code: 'usage', message: expect.stringContaining(says) })
    }
    expect(await users.list()).toHaveLength(1)
    expect(await store.audit.verify()).toMatchObject({ seq: 1 })
    expect(await reasonOf(users.disable('linus', by))).toMatchObject({ code: 'not_found' })
  })

  it('have a salted hash that names its parameters, and no two the same', async () => {
    const { users, store } = await openAccess()
    for (const name of ['ada', 'grace']) await users.add(name, ['agent'], password, by)
    const [one, two] = (await store.users.list()).map(({ passwordHash }) => passwordHash)
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(two).not.toBe(one)
  })
})

describe('a session', () => {
  it('opens by the password alone, however its letters were typed', async () => {
    const { users, sessions } = await openAccess()
    await users.add('zoe', ['knowledge'], 'crème brûlée at noon', by)
    const session = await sessions.signIn('zoe', 'crème brûlée at noon'.normalize('NFD'))
    expect(session).toMatchObject({ name: 'zoe', roles: ['knowledge'], expiresAt: '2026-11-22T21:00:00.000Z' })
    expect(await sessions.principal(session?.token ?? '')).toMatchObject({ actor: 'user:zoe' })
    for (const [name, secret] of [
      ['zoe', 'creme brulee at noon'],
      ['zoe', ''],
      ['nobody', 'crème brûlée at noon'],
    ] as const)
      expect(await sessions.signIn(name, secret)).toBeUndefined()
    expect(await sessions.principal('zoe')).toBeUndefined()
  })

  it('takes as long to refuse for a name that nobody has as for a wrong password', async () => {
    const { users, sessions } = await openAccess()
    await users.add('zoe', ['agent'], password, by)
    const spent = { zoe: 0, nobody: 0 }
    for (let round = 0; round < 4; round++)
      for (const name of ['zoe', 'nobody'] as const) {
        const before = process.cpuUsage()
        await sessions.signIn(name, 'not the password')
        spent[name] += process.cpuUsage(before).user
      }
    // Without the hash for nobody the share would be below a hundredth.
    expect(spent.nobody / spent.zoe).toBeGreaterThan(0.5)
  })

  it('ends when idle, after half a day, at sign-out, and with any change of its user', async () => {
    const { users, sessions, pass } = await openAccess()
    await users.add('zoe', ['agent'], password, by)
    const open = async (): Promise<string> => (await sessions.signIn('zoe', password))?.token ?? ''
    const isLive = async (token: string) => (await sessions.principal(token)) !== undefined
    const idle = await open()
    pass(31)
    expect(await isLive(idle)).toBe(false)
    const busy = await open()
    for (let i = 0; i < 35; i++) {
      pass(20)
      expect(await isLive(busy)).toBe(true)
    }
    pass(21)
    expect(await isLive(busy)).toBe(false)
    const left = await open()
    await sessions.signOut(left)
    expect(await isLive(left)).toBe(false)
    const changes = [
      () => users.setRoles('zoe', ['model'], by),
      () => users.setPassword('zoe', password, by),
      () => users.disable('zoe', by),
    ]
    for (const change of changes) {
      const token = await open()
      expect(await isLive(token)).toBe(true)
      await change()
      expect(await isLive(token)).toBe(false)
    }
    expect(await sessions.signIn('zoe', password)).toBeUndefined()
  })

  it('may what its user’s roles grant', async () => {
    const { users, sessions } = await openAccess()
    await users.add('zoe', ['agent', 'knowledge'], password, by)
    const { token = '', permissions } = (await sessions.signIn('zoe', password)) ?? {}
    expect(permissions).toEqual([
      'documents:read',
      'cases:read',
      'cases:close',
      'credit:read',
      'desk:work',
      'documents:write',
      'documents:publish',
    ])
    expect([...((await sessions.principal(token))?.permissions ?? [])]).toEqual(permissions)
  })

  it('is refused as busy when too many passwords are being checked', async () => {
    const { sessions } = await openAccess()
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => sessions.signIn('nobody', password)))
    expect(tries.filter(({ status }) => status === 'rejected')).toHaveLength(4)
    expect(await sessions.signIn('nobody', password)).toBeUndefined()
  })
})

describe('an API key', () => {
  it('is shown once, found by its hash, and may what its scopes say', async () => {
    const { keys, store } = await openAccess()
    const { key, ...made } = await keys.create('crm', ['documents:read', 'documents:write'], 30, by)
    expect(key).toMatch(/^bk_[\w-]{43}$/)
    expect(made).toMatchObject({ id: key.slice(0, 11), createdBy: 'local:ada', expiresAt: '2026-12-22T09:00:00.000Z' })
    expect(await keys.list()).toEqual([made])
    expect(JSON.stringify([await store.keys.list(), await store.audit.list({}, 9)])).not.toContain(key)
    const principal = await keys.principal(key)
    expect(principal).toEqual({
      actor: `key:${made.id}`,
      permissions: new Set(['documents:read', 'documents:write']),
    })
    for (const wrong of [`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, made.id, '', `bk_${'A'.repeat(43)}`])
      expect(await keys.principal(wrong)).toBeUndefined()
  })

  it('may be bounded, which its holder and the log are told', async () => {
    const { keys, store } = await openAccess()
    const { key } = await keys.create('crm', ['models:infer'], 30, by, { textsPerDay: 500 })
    expect(await keys.principal(key)).toMatchObject({ textsPerDay: 500 })
    expect(await keys.list()).toMatchObject([{ textsPerDay: 500 }])
    expect(await store.audit.list({}, 1)).toMatchObject([{ detail: expect.stringContaining(', 500 texts a day,') }])
    for (const textsPerDay of [0, 1.5, Number.NaN, 2e9])
      expect(await reasonOf(keys.create('crm', ['models:infer'], 30, by, { textsPerDay }))).toMatchObject({
        ...{ code: 'usage', message: expect.stringContaining('bounded to 1 to 1000000000 texts') },
      })
  })

  it('ends when it is revoked or expires', async () => {
    const { keys, pass } = await openAccess()
    const [one, two] = [await keys.create('a', ['audit:read'], 1, by), await keys.create('b', ['audit:read'], 2, by)]
    await keys.revoke(two.id, by)
    expect(await keys.principal(two.key)).toBeUndefined()
    expect(await reasonOf(keys.revoke(two.id, by))).toMatchObject({ code: 'not_found' })
    pass(24 * 60 - 1)
    expect((await keys.principal(one.key))?.permissions).toEqual(new Set(['audit:read']))
    pass(1)
    expect(await keys.principal(one.key)).toBeUndefined()
  })

  it('is refused by what is wrong', async () => {
    const { keys } = await openAccess()
    for (const [name, scopes, days, says] of [
      ['', ['audit:read'], 1, 'a key has a name'],
      ['two\nlines', ['audit:read'], 1, 'a key has a name'],
      ['a', [], 1, 'scopes have to be some of'],
      ['a', ['documents:publish'], 1, 'not "documents:publish"'],
      ['a', ['audit:read'], 0, 'good for 1 to 3650 days'],
      ['a', ['audit:read'], 1.5, 'good for 1 to 3650 days'],
    ] as const)
      expect(await reasonOf(keys.create(name, scopes, days, by))).toMatchObject({
        code: 'usage',
        message: expect.stringContaining(says),
      })
    expect(await keys.list()).toEqual([])
  })
})
