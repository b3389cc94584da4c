import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Citation, Completed } from '../../server/protocol/events.ts'
import { join as joinChat } from '../support/client.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'
import { inLanes, startChatServer } from './support/chat-server.ts'
import { heldIn } from './support/held.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

interface Payload {
  readonly id: string
  readonly text: string
}

const set = outside('data/xss_payloads/payloads.jsonl')
/** An answer is quoted whole up to so many characters. */
const quotedWhole = 320
/** Share of the payloads that are asked for by their own text and have to be quoted for it. */
const leastQuoted = 0.97

describe.skipIf(set.skip)(`data/xss_payloads as text of documents${set.note}`, () => {
  let server: Awaited<ReturnType<typeof startChatServer>>
  let payloads: readonly Payload[]
  let textOf: ReadonlyMap<string, string>
  beforeAll(async () => {
    payloads = rowsOf<Payload>(set.path).filter(({ text }) => text.trim() !== '')
    textOf = new Map(payloads.map(({ id, text }) => [docOf(id), text.trim()]))
    server = await startChatServer()
    const file = join(temporaryFolder(), 'payloads.jsonl')
    writeFileSync(file, payloads.map(({ id, text }) => `${JSON.stringify({ id, text })}\n`).join(''))
    const ended = await bursar(['ingest', file, '--collection', 'xss', '--json', '--data', server.dataDir])
    expect(lastJson(ended), ended.stderr).toMatchObject({ documents: payloads.length, rejected: [] })
    const held = await heldIn(server.dataDir)
    figure(`xss payloads held back, of ${payloads.length}`, held.size)
    payloads = payloads.filter(({ id }) => !held.has(docOf(id)))
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
    expect(server.log()).not.toMatch(/engine ended|unexpected error|request failed/)
  })

  it('each is served as plain text that no browser takes for anything else', async () => {
    await inLanes(payloads, 4, async ({ id }) => {
      const doc = encodeURIComponent(docOf(id))
      const reply = await fetch(`${server.url}/v1/documents/${doc}/versions/1/text`)
      expect(reply.headers.get('content-type'), id).toBe('text/plain; charset=utf-8')
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await reply.text(), id).toBe(textOf.get(docOf(id)))
    })
  })

  it('each comes back as it was sent, and is quoted to the letter where it is asked for, in JSON', async () => {
    let quoted = 0
    await inLanes(payloads, 4, async ({ id, text }) => {
      const client = await joinChat(server.url)
      const answer = await client.ask(text)
      client.close()
      const [sent] = client.events
      expect(sent?.t === 'msg.created' && sent.d.text, id).toBe(text)
      expect(answer.text, id).toBe(partsOf(answer))
      for (const cite of answer.cites) expect(isVerbatim(cite), `${id}: ${cite.quote}`).toBe(true)
      if (answer.cites.some((cite) => cite.doc === docOf(id) && isWhole(cite))) quoted++
    })
    figure(`xss payloads quoted, of ${payloads.length}`, quoted / payloads.length, `≥ ${leastQuoted}`)
    expect(quoted / payloads.length).toBeGreaterThanOrEqual(leastQuoted)
  })

  /** A quote of a payload is what stands at its spans in the text that was given to the product. */
  function isVerbatim({ doc, spans, quote }: Citation): boolean {
    const text = textOf.get(doc)
    return text === undefined || spans.map(([start, end]) => text.slice(start, end)).join(' · ') === quote
  }
  function isWhole({ doc, quote }: Citation): boolean {
    const text = textOf.get(doc) ?? ''
    return quote === text || text.length > quotedWhole
  }
})

const docOf = (id: string): string => `xss/payloads.jsonl#${id}`

/** The text of an answer made anew from its parts; what a template says is only looked at between quotes. */
function partsOf({ text, parts, cites }: Completed): string {
  if (parts.some((part) => 'tpl' in part && part.tpl !== 'answer.also.en')) return text
  return parts.map((part) => ('tpl' in part ? '\n\n' : cites.find(({ k }) => k === part.cite)?.quote)).join('')
}
