import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChatClient, join as joinChat, Refused, transcript } from '../support/client.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'
import { inLanes, startChatServer } from './support/chat-server.ts'
import { heldIn } from './support/held.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

const set = outside('data/naughty_strings/strings.jsonl')
const blanks = ['', ' ', '\t\r\n', '\u00a0', '\u2003\u3000', '\ufeff', '\u2028']
const perConversation = 8
const longestName = 200

describe.skipIf(set.skip)(`data/naughty_strings${set.note}`, () => {
  let server: Awaited<ReturnType<typeof startChatServer>>
  let strings: readonly string[]
  beforeAll(async () => {
    strings = rowsOf<{ text: string }>(set.path).map(({ text }) => text)
    server = await startChatServer()
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
    expect(server.log()).not.toMatch(/engine ended|unexpected error|request failed/)
  })

  it('each that is not blank is stored as a message, answered, and comes back unchanged but for masked data', async () => {
    const written = strings.filter((text) => text.trim() !== '')
    const groups = Array.from({ length: Math.ceil(written.length / perConversation) }, (_, i) =>
      written.slice(i * perConversation, (i + 1) * perConversation),
    )
    let masked = 0
    await inLanes(groups, 4, async (group) => {
      const client = await joinChat(server.url)
      for (const text of group) {
        const answer = await client.ask(text)
        expect(answer.text, text).not.toBe('')
        const back = ownMessages(client).at(-1) ?? ''
        expect(differs(text, back), text).toBe(false)
        if (back !== text) masked++
      }
      client.close()
      const stored = (await transcript(server.url, client)).filter(({ by }) => by === 'customer')
      expect(stored.map(({ text }) => text)).toEqual(ownMessages(client))
      const again = await joinChat(server.url, { known: client })
      const shown = await again.wait((frame) => (frame.t === 'snapshot' ? frame.d.messages : undefined))
      expect(shown.filter(({ by }) => by === 'customer').map(({ text }) => text)).toEqual(ownMessages(client))
      again.close()
    })
    figure(`naughty strings masked, of ${written.length}`, masked)
  })

  it('blank ones are refused, naming the field', async () => {
    const client = await joinChat(server.url)
    for (const text of [...blanks, ...strings.filter((string) => string.trim() === '')]) {
      const refused = await client.send(text).catch((reason: unknown) => reason)
      expect(refused, JSON.stringify(text)).toBeInstanceOf(Refused)
      expect(String(refused)).toContain('invalid_field: d.text')
    }
    expect(client.events).toEqual([])
    client.close()
  })

  it('each as a field of a request is refused by a 4xx', async () => {
    await inLanes(strings, 4, async (text) => {
      const body = JSON.stringify({ role: 'customer', conv: text, secret: text })
      const headers = { 'content-type': 'application/json' }
      const ticket = await fetch(`${server.url}/v1/tickets`, { method: 'POST', headers, body })
      const document = await fetch(`${server.url}/v1/documents/${encodeURIComponent(text)}/versions/1/text`)
      for (const { status } of [ticket, document]) expect(status, text).toBeGreaterThanOrEqual(400)
      for (const { status } of [ticket, document]) expect(status, text).toBeLessThan(500)
    })
  })

  it('each as title and text of a row is stored as it is, or held back for what it hides', async () => {
    const rows = strings.map((text, i) => ({ id: `n${i}`, title: text.slice(0, 200), text }))
    const written = rows.filter(({ text }) => text.trim() !== '')
    const file = join(temporaryFolder(), 'strings.jsonl')
    writeFileSync(file, written.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const ended = await bursar(['ingest', file, '--collection', 'naughty', '--json', '--data', server.dataDir])
    expect(lastJson(ended), ended.stderr).toMatchObject({ documents: written.length, rejected: [] })
    const held = await heldIn(server.dataDir)
    figure(`naughty strings held back, of ${written.length}`, held.size)
    const stored = written.filter(({ id }) => !held.has(`naughty/strings.jsonl#${id}`))
    await inLanes(stored, 4, async ({ id, text }) => {
      const doc = encodeURIComponent(`naughty/strings.jsonl#${id}`)
      const reply = await fetch(`${server.url}/v1/documents/${doc}/versions/1/text`)
      expect(dense(await reply.text()), id).toBe(dense(text))
    })
  })

  it('each that can name a file is taken, or rejected in one line', async () => {
    const folder = join(temporaryFolder(), 'names')
    mkdirSync(folder)
    const names = new Set(strings.filter(canNameFile).map((name) => `${name}.md`.normalize('NFC')))
    for (const name of names) writeFileSync(join(folder, name), 'The name of this file is unusual.\n')
    const ended = await bursar(['ingest', folder, '--json', '--data', server.dataDir])
    const { documents, rejected } = lastJson(ended) as { documents: number; rejected: { reason: string }[] }
    expect(documents + rejected.length).toBe(names.size)
    for (const { reason } of rejected) expect(reason).toMatch(/^[^\n]+$/)
    figure(`naughty file names taken, of ${names.size}`, documents)
  })

  it('leave a server that answers', async () => {
    const client = await joinChat(server.url)
    expect(await client.ask('Can I take money out of the Easy Saver at any time?')).toMatchObject({ kind: 'answer' })
    client.close()
  })
})

/** The customer's messages as the server sent them back, in order. */
function ownMessages({ events }: ChatClient): string[] {
  return events.flatMap((event) => (event.t === 'msg.created' && event.d.by === 'customer' ? [event.d.text ?? ''] : []))
}

/** Whether more was changed than that digits or addresses were masked. */
function differs(sent: string, back: string): boolean {
  const kept = back.split(/\[(?:card|iban|ssn|email|phone)\]/)
  let at = sent.startsWith(kept[0]!) ? kept[0]!.length : -1
  for (const part of kept.slice(1)) {
    const next = part === '' ? sent.length : sent.indexOf(part, at + 1)
    if (at < 0 || next < 0 || !/\p{Nd}{4}|@/u.test(sent.slice(at, next).replace(/[ -]/g, ''))) return true
    at = next + part.length
  }
  return at !== sent.length
}

/** Without white space: how lines are broken is not what a text says. */
const dense = (text: string): string => text.normalize('NFC').replace(/[\s\0]/g, '')

const canNameFile = (name: string): boolean =>
  name.trim() !== '' && !/[/\0]|^\./.test(name) && Buffer.byteLength(name) <= longestName
