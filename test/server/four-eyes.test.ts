import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { copyDemo, type RunningServer, repository, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar } from '../support/program.ts'

let server: RunningServer
let data: string
let folder: string
const doc = 'rules/parking.md'
const password = 'correct horse battery'
const local = `local:${userInfo().username}`

const order = (op: string, args: object) => callAdmin(adminSocket(data), op, args)
const run = (...words: string[]) => bursar([...words, '--data', data], { env: { BURSAR_LOG_LEVEL: 'silent' } })
const write = (hours: string, name = 'parking.md') =>
  writeFileSync(
    join(folder, name),
    `# Parking\n\nCustomers park for ${hours} hours at Zanzibar Street.\n\nDogs are welcome.\n`,
  )
const ingest = () => order('ingest', { paths: [folder], sync: false, reason: 'council agreed' })
const found = async () => {
  const request = { text: 'parking at Zanzibar Street', k: 3, mode: 'hybrid', role: 'customer' }
  const { passages } = (await order('search', request)) as { passages: { doc: string; ver: number; text: string }[] }
  return passages.filter((passage) => passage.doc === doc).map(({ ver, text }) => `${ver}: ${text}`)
}

beforeAll(async () => {
  data = copyDemo(temporaryFolder())
  folder = join(temporaryFolder(), 'rules')
  mkdirSync(folder)
  server = await startServer(data, { env: { BURSAR_ENGINES: '1', BURSAR_FOUR_EYES: '1' } })
  for (const [name, role] of [
    ['grace', 'compliance'],
    ['linus', 'compliance'],
    ['ada', 'agent'],
  ])
    await order('users.add', { name, roles: [role], password })
})
afterAll(() => server.stop())

/** Confirm a change over HTTP as a user, and wait until it is done. */
async function confirm(user: string, what: string): Promise<Response> {
  const signedIn = await fetch(`${server.url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
  const response = await fetch(`${server.url}/v1/${what}?reason=checked`, { method: 'POST', headers: { cookie } })
  const path = response.headers.get('location')
  while (path !== null) {
    const { state } = (await (await fetch(`${server.url}${path}`, { headers: { cookie } })).json()) as { state: string }
    if (state === 'done' || state === 'failed') break
    await new Promise(setImmediate)
  }
  return response
}
const publish = (user: string, ver: number) =>
  confirm(user, `documents/${encodeURIComponent(doc)}/versions/${ver}/publication`)
const removal = (name: string) => `documents/${encodeURIComponent(name)}/removal`

describe('a change under four eyes', { timeout: 180_000 }, () => {
  it('waits, unseen by customers, until somebody else publishes it', async () => {
    write('two')
    await ingest()
    expect(await order('documents.drafts', {})).toMatchObject({ drafts: [{ doc, ver: 1, draftBy: local }] })
    expect(await found()).toEqual([])
    const text = `${server.url}/v1/documents/${encodeURIComponent(doc)}/versions/1/text`
    expect((await fetch(text)).status).toBe(404)
    const own = await run('documents', 'publish', `${doc}@1`)
    expect([own.code, own.stderr]).toEqual([
      1,
      `bursar documents publish: ${doc}@1 is your own draft: somebody else has to publish it\n`,
    ])
    expect((await publish('ada', 1)).status).toBe(403) // an agent may not
    expect((await publish('grace', 1)).status).toBe(202)
    expect(await found()).toEqual([expect.stringContaining('1: Customers park for two hours')])
    expect((await fetch(text)).status).toBe(200)
    const again = await publish('grace', 1)
    expect([again.status, await again.json()]).toMatchObject([403, { error: { msg: `${doc}@1 is no draft` } }])
  })

  it('is not stored twice while it waits, and not published behind a newer one', async () => {
    for (const hours of ['three', 'three', 'four']) {
      write(hours)
      await ingest()
    }
    expect(await order('documents.drafts', {})).toMatchObject({ drafts: [{ ver: 2 }, { ver: 3 }] })
    expect(await found()).toEqual([expect.stringContaining('1: Customers park for two hours')])
    expect((await publish('grace', 3)).status).toBe(202)
    expect(await found()).toEqual([expect.stringContaining('3: Customers park for four hours')])
    expect(await order('documents.drafts', {})).toEqual({ drafts: [], proposals: [] })
    expect(await ingest()).toMatchObject({ unchanged: 1, updated: 0 })
    const late = await publish('grace', 2)
    expect([late.status, await late.json()]).toMatchObject([403, { error: { msg: expect.stringContaining('newer') } }])
  })

  it('stands in the document’s history, with what changed and who did it', async () => {
    const { stdout } = await run('documents', 'diff', doc, '--from', '1')
    expect(stdout).toBe(
      `${doc}@1 → ${doc}@3\n- Customers park for two hours at Zanzibar Street.\n+ Customers park for four hours at Zanzibar Street.\n`,
    )
    const removed = await run('documents', 'remove', doc, '--reason', 'closed')
    expect([removed.code, removed.stdout]).toEqual([0, `${doc} is removed when somebody else publishes that\n`])
    expect(await found()).toHaveLength(1)
    const own = await run('documents', 'publish', doc)
    expect([own.code, own.stderr]).toEqual([1, expect.stringContaining('somebody else has to confirm it')])
    expect((await run('documents', 'drafts')).stdout).toMatch(new RegExp(`^${doc}  .*  ${local}  to be removed\n$`))
    expect((await confirm('ada', removal(doc))).status).toBe(403) // an agent may not
    expect((await confirm('grace', removal(doc))).status).toBe(202)
    expect(await found()).toEqual([])
    expect((await run('documents', 'remove', doc)).code).toBe(1)
    const history = (await run('documents', 'history', doc)).stdout
    expect(history).toContain(`draft by ${local}`) // version 2 was overtaken
    const { audit } = (await order('documents.history', { doc })) as { audit: Record<string, unknown>[] }
    expect(audit.map(({ action, actor, reason, detail }) => [action, actor, reason, detail])).toEqual([
      ['documents.remove', 'user:grace', 'checked', `proposed by ${local}`],
      ['documents.remove-proposed', local, 'closed', 'version 3'],
      ['documents.publish', 'user:grace', 'checked', `version 3 by ${local}`],
      ['documents.draft', local, 'council agreed', 'version 3'],
      ['documents.draft', local, 'council agreed', 'version 2'],
      ['documents.publish', 'user:grace', 'checked', `version 1 by ${local}`],
      ['documents.draft', local, 'council agreed', 'version 1'],
    ])
  })

  it('is also a file that is gone, once however often it is missed, and only of the version of then', async () => {
    const dog = 'rules/dogs.md'
    write('five', 'dogs.md')
    await ingest()
    await confirm('grace', `documents/${encodeURIComponent(dog)}/versions/1/publication`)
    rmSync(join(folder, 'dogs.md'))
    const sync = () => order('ingest', { paths: [folder], sync: true, reason: 'no dogs' })
    for (const run of [sync, sync]) expect(await run()).toMatchObject({ removed: 0 })
    const { audit } = (await order('documents.history', { doc: dog })) as { audit: { action: string }[] }
    expect(audit.filter(({ action }) => action === 'documents.remove-proposed')).toHaveLength(1)
    write('six', 'dogs.md')
    await ingest()
    await confirm('grace', `documents/${encodeURIComponent(dog)}/versions/2/publication`)
    expect((await confirm('grace', removal(dog))).status).toBe(404) // it was of the version before
    expect(await order('documents.drafts', { collection: 'rules' })).toMatchObject({ proposals: [] })
  })

  it('is also another product catalogue, unless nothing in it differs', async () => {
    const product = { ...{ id: 'dog', name: 'Dog Saver', category: 'savings', tags: [], summary: 'For dogs.' } }
    const line = { ...product, sheet: 'dogs.md', price: null, rate: null, regions: ['mainland'], eligibility: [] }
    const catalogue = join(folder, 'catalogue.jsonl')
    const waiting = async () =>
      ((await order('documents.drafts', {})) as { proposals: { subject: string }[] }).proposals
    await order('ingest', { paths: [join(repository, 'corpora/products/catalogue.jsonl')], sync: false })
    expect(await waiting()).toEqual([])
    writeFileSync(catalogue, JSON.stringify(line))
    await order('ingest', { paths: [catalogue], sync: false })
    expect(await waiting()).toMatchObject([{ subject: 'catalogue', by: local }])
    expect((await run('documents', 'publish', 'catalogue')).stderr).toContain('somebody else has to confirm it')
    expect((await confirm('grace', 'catalogue/publication')).status).toBe(202)
    expect(await waiting()).toEqual([])
    const { entries } = (await order('audit.list', { subject: 'catalogue', limit: 1 })) as { entries: object[] }
    expect(entries).toMatchObject([
      { action: 'products.replace', actor: 'user:grace', detail: `1 products, proposed by ${local}` },
    ])
  })

  it('by a key is of the person whose program it is for', async () => {
    const name = 'rules/keyed.md'
    const create = async (user?: string) => {
      const request = { name: 'cms', scopes: ['documents:write', 'documents:read'], days: 1, ...(user && { user }) }
      return ((await order('keys.create', request)) as { key: string }).key
    }
    const bring = async (key: string, ver: number, body: string): Promise<void> => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/markdown' }
      const url = `${server.url}/v1/documents/${encodeURIComponent(name)}?reason=x`
      expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(202)
      const drafts = async () => ((await order('documents.drafts', {})) as { drafts: object[] }).drafts
      await expect.poll(drafts).toContainEqual(expect.objectContaining({ doc: name, ver }))
    }
    const accept = async (user: string, ver: number) =>
      (await confirm(user, `documents/${encodeURIComponent(name)}/versions/${ver}/publication`)).json()
    await bring(await create('grace'), 1, 'Bicycles are kept in the yard of Zanzibar Street.')
    const own = { error: { msg: `${name}@1 is your own draft: somebody else has to publish it` } }
    expect(await accept('grace', 1)).toMatchObject(own)
    expect(await run('documents', 'publish', `${name}@1`)).toMatchObject({ code: 1 }) // made the key, and has seen it
    expect(await accept('linus', 1)).toMatchObject({ state: expect.any(String) })
    await bring(await create(), 2, 'Bicycles are kept in the cellar of Zanzibar Street.')
    expect(await accept('linus', 2)).toMatchObject({
      error: { msg: expect.stringContaining('nobody knows whose key') },
    })
    await order('documents.remove', { doc: name })
    expect((await confirm('grace', removal(name))).status).toBe(202)
    const unknown = order('keys.create', { name: 'x', scopes: ['documents:read'], days: 1, user: 'nobody' })
    await expect(unknown).rejects.toThrow('there is no user nobody')
  })
})
