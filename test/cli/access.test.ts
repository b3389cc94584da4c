import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { copyDemo, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'

const env = { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }
const password = 'correct horse battery'
const commandsIn =
  (data: string) =>
  (words: string, input = '') =>
    bursar([...words.split(' '), '--data', data, '--json'], { env, input })

describe('users, keys and audit', { timeout: 180_000 }, () => {
  it('work while a server runs, and name this machine’s user', async () => {
    const data = copyDemo(temporaryFolder())
    const server = await startServer(data, { env })
    onTestFinished(async () => void (await server.stop()))
    const run = commandsIn(data)
    const added = await run('users add grace knowledge agent --reason hired', `${password}\r\nmore\n`)
    expect([added.code, added.stderr]).toEqual([0, ''])
    expect(lastJson(added)).toMatchObject({ name: 'grace', roles: ['agent', 'knowledge'] })
    expect(added.stdout).not.toContain('scrypt')
    const { key, id } = lastJson(await run('keys create crm --scopes documents:read,documents:write --days 7'))
    await run('users roles grace compliance')
    await run('users password grace', `another ${password}\n`)
    await run(`keys revoke ${String(id)} --reason leaked`)
    const { entries } = lastJson(await run('audit list')) as { entries: Record<string, unknown>[] }
    // Newest first; behind them stand the demo bank's documents.
    const newest = entries.slice(0, 5)
    expect(newest.map(({ action, actor, subject, reason }) => [action, actor, subject, reason])).toEqual(
      [
        ['users.add', 'grace', 'hired'],
        ['keys.create', id, undefined],
        ['users.roles', 'grace', undefined],
        ['users.password', 'grace', undefined],
        ['keys.revoke', id, 'leaked'],
      ]
        .map(([action, subject, reason]) => [action, `local:${userInfo().username}`, subject, reason])
        .reverse(),
    )
    const asking = lastJson(await run('keys create crm --scopes models:infer --texts-per-day 2'))
    const asked = await fetch(`${server.url}/v2/models/sentiment/infer`, {
      ...{ method: 'POST', headers: { authorization: `Bearer ${String(asking.key)}` } },
      body: '{"inputs":[{"name":"text","datatype":"BYTES","shape":[2],"data":["a","b"]}]}',
    })
    expect(asked.status).toBe(200)
    const usage = await bursar(['keys', 'usage', '--csv', '--data', data], { env })
    expect(usage.stdout).toMatch(/^day,key,model,requests,texts,compute_ms\n[\d-]{10},bk_[\w-]{8},sentiment,1,2,\d+\n$/)
    const listed = await run('keys list')
    expect(listed.stdout).toContain(String(id))
    expect(listed.stdout).not.toContain(String(key))
    expect(server.log()).not.toContain(password)
  })

  it('tell an altered log from a whole one without a server', async () => {
    const data = join(temporaryFolder(), 'data')
    const run = commandsIn(data)
    await run('users add grace admin', password)
    await run('users disable grace --reason left')
    const { head } = lastJson(await run('audit verify')) as { head: { seq: number; hash: string } }
    expect(head.seq).toBe(2)
    expect((await run(`audit verify --head 2:${head.hash}`)).code).toBe(0)
    const db = new Sqlite(join(data, 'bursar.db'))
    db.exec(`drop trigger auditNoUpdate; update audit set actor = 'local:mallory' where seq = 1`)
    db.close()
    const refused = await run('audit verify')
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toBe('bursar audit verify: the audit log is not what was written: row 1 was altered\n')
    expect(readFileSync(join(data, 'bursar.db')).includes(password)).toBe(false)
  })

  it.each([
    ['users add grace agent', '', 'the password is read from standard input, which is empty'],
    ['users add grace agent', 'short\n', 'a password has to have 12'],
    ['users add grace boss', `${password}\n`, 'not "boss"'],
    ['keys create crm --texts-per-day 0', '', 'a key may be bounded to 1 to'],
    ['keys usage --from soon', '', 'from'],
    ['keys create crm --days soon', '', '--days has to be a whole number'],
    ['audit verify --head 1:2', '', 'a head is a number'],
    ['users disable grace', '', 'there is no user grace'],
  ])('refuse %s', async (words, input, says) => {
    const { code, stdout, stderr } = await commandsIn(temporaryFolder())(words, input)
    expect(stdout).toBe('')
    expect(code).toBe(says.startsWith('there is no') ? 1 : 2)
    expect(stderr).toContain(says)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
