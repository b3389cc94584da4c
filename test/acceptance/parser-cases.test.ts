import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { helloFrame, nextId, openClient, ticketFor } from '../server/gateway/harness.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'
import { inLanes, startChatServer } from './support/chat-server.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

interface Case {
  readonly id: string
  readonly base64: string
}
interface JsonCase extends Case {
  readonly expect: 'accept' | 'reject' | 'either'
}
interface Utf8Case extends Case {
  readonly expect: 'valid' | 'invalid'
}
interface CsvCase extends Case {
  readonly expected: readonly Readonly<Record<string, string>>[]
}

const [json, utf8, csv] = ['json', 'utf8', 'csv'].map((name) => outside(`data/parser_cases/${name}.jsonl`))
const maxFrame = 65_536
const bytesOf = ({ base64 }: Case): Buffer => Buffer.from(base64, 'base64')
const around = (before: string, bytes: Buffer, after: string): Buffer =>
  Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)])

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

let server: Awaited<ReturnType<typeof startChatServer>>
beforeAll(async () => {
  server = await startChatServer()
})
afterAll(async () => {
  expect(await server.stop()).toBe(0)
  expect(server.log()).not.toMatch(/engine ended|unexpected error|request failed/)
})

/** What becomes of a text frame with these bytes: the code of its `err` on a connection that goes on, or of the close. */
async function fate(bytes: Buffer): Promise<string | number> {
  const { ticket } = await ticketFor(server.url)
  const client = openClient(server.url)
  client.send(helloFrame(ticket))
  await client.until('welcome')
  client.socket.send(bytes, { binary: false })
  const probe = nextId()
  client.send({ t: 'no.such.type', id: probe })
  let code: string | undefined
  const answered = async (): Promise<string> => {
    for (;;) {
      const frame = await client.until('err')
      if (frame.re === probe) return code ?? 'nothing'
      code = frame.code
    }
  }
  const met = await answered().catch(async () => (await client.closed).code)
  client.socket.terminate()
  return met
}

/** What becomes of a connection whose first frame has these bytes. */
async function fateOfFirst(bytes: Buffer): Promise<number> {
  const client = openClient(server.url)
  await new Promise((resolve) => client.socket.once('open', resolve))
  client.socket.send(bytes, { binary: false })
  return (await client.closed).code
}

describe.skipIf(json!.skip)(`JSON cases as frames${json!.note}`, () => {
  let cases: readonly JsonCase[]
  beforeAll(() => {
    cases = rowsOf(json!.path)
  })
  const sendable = (): JsonCase[] =>
    cases.filter((each) => isUtf8(bytesOf(each)) && bytesOf(each).length < maxFrame - 100)

  it('after the welcome: an err and the connection goes on, or the close that the contract names', async () => {
    await inLanes(cases, 4, async (each) => {
      const bytes = bytesOf(each)
      expect(expectedFates(each, bytes), each.id).toContain(await fate(bytes))
    })
    figure('JSON cases as frames', cases.length)
  })

  it('as the first frame: 4400, or the close that the contract names', async () => {
    await inLanes(cases, 4, async (each) => {
      const [closed] = expectedFates(each, bytesOf(each))
      expect(await fateOfFirst(bytesOf(each)), each.id).toBe(typeof closed === 'number' ? closed : 4400)
    })
  })

  it('as a field of a command: read with it where they are JSON, bad_frame where not', async () => {
    const wrapped = sendable()
      .filter(({ expect: wanted }) => wanted !== 'either')
      .map((each) => ({ ...each, bytes: around('{"t":"no.such.type","x":', bytesOf(each), '}') }))
    await inLanes(wrapped, 4, async ({ id, expect: wanted, bytes }) => {
      expect(await fate(bytes), id).toBe(wanted === 'accept' ? 'unknown_type' : 'bad_frame')
    })
  })
})

/** Codes that fit; the close where it cannot be an answer. */
function expectedFates({ expect: wanted }: JsonCase, bytes: Buffer): (string | number)[] {
  if (bytes.length > maxFrame) return [1009]
  if (!isUtf8(bytes)) return [1007]
  if (wanted === 'reject') return ['bad_frame']
  if (wanted === 'either') return ['bad_frame', 'unknown_type']
  return [bytes.toString().trim().startsWith('{') ? 'unknown_type' : 'bad_frame']
}

describe.skipIf(utf8!.skip)(`UTF-8 cases as text frames${utf8!.note}`, () => {
  let cases: readonly Utf8Case[]
  beforeAll(() => {
    cases = rowsOf(utf8!.path)
  })

  it('are closed with 1007 where they are not UTF-8, and answered where they are', async () => {
    await inLanes(cases, 4, async (each) => {
      const met = await fate(bytesOf(each))
      if (each.expect === 'invalid') expect(met, each.id).toBe(1007)
      else expect(['bad_frame', 'unknown_type'], each.id).toContain(met)
    })
    figure('UTF-8 cases as frames', cases.length)
  })

  it('are closed with 1007 within a message, too, which is then not stored; valid ones come back', async () => {
    await inLanes(cases, 4, async (each) => {
      const { ticket, conv } = await ticketFor(server.url)
      const client = openClient(server.url)
      client.send(helloFrame(ticket))
      const { head } = await client.until('welcome')
      const start = `{"t":"msg.send","id":"${nextId()}","conv":"${conv}","d":{"text":"fee `
      const escaped = JSON.stringify(bytesOf(each).toString()).slice(1, -1)
      const bytes = each.expect === 'valid' ? Buffer.from(escaped) : bytesOf(each)
      client.socket.send(around(start, bytes, '"}}'), { binary: false })
      if (each.expect === 'valid') {
        const { d } = await client.until('msg.created')
        expect(d.text, each.id).toBe(`fee ${bytesOf(each).toString()}`)
      } else {
        expect((await client.closed).code, each.id).toBe(1007)
        expect(client.frames.length, each.id).toBe(1)
        expect(head).toBe(0)
      }
      client.socket.terminate()
    })
  })
})

describe.skipIf(csv!.skip)(`CSV cases through the reader of CSV${csv!.note}`, () => {
  it('give the cells that are expected, column by column', async () => {
    const files = rowsOf<CsvCase>(csv!.path).flatMap(columnsAsText)
    const folder = join(temporaryFolder(), 'csv')
    mkdirSync(folder)
    for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes)
    const ended = await bursar(['ingest', folder, '--json', '--data', server.dataDir])
    const { rejected } = lastJson(ended) as { rejected: { file: string; reason: string }[] }
    for (const { name, cells } of files) {
      const blank = cells.findIndex((cell) => cell.trim() === '')
      const refusal = rejected.find(({ file }) => file === `csv/${name}`)
      if (blank >= 0) expect(refusal?.reason, name).toMatch(/csv:\d+ column text: the row has no text/)
      else expect(await textsOf(name, cells.length), name).toEqual(cells)
    }
    figure('CSV columns read', files.length)
  })

  /** The stored text of each row of a file. */
  async function textsOf(name: string, rows: number): Promise<string[]> {
    const texts: string[] = []
    for (let row = 1; row <= rows; row++) {
      const doc = encodeURIComponent(`csv/${name}#${row}`)
      const reply = await fetch(`${server.url}/v1/documents/${doc}/versions/1/text`)
      texts.push(await reply.text())
    }
    return texts
  }
})

/** A case once for each of its columns, which is named `text` in the header: what a row is read for. */
function columnsAsText(each: CsvCase): { name: string; bytes: Buffer; cells: string[] }[] {
  const bytes = bytesOf(each)
  const end = bytes.indexOf('\n')
  const header = bytes.subarray(0, end).toString().trimEnd().split(',')
  return header.map((column, i) => ({
    name: `${each.id}-${i}.csv`,
    bytes: around(header.map((other) => (other === column ? 'text' : other)).join(','), bytes.subarray(end), ''),
    // The set's files were stored with LF, what they should give was not; a stored text has LF.
    cells: each.expected.map((row) => row[column]!.replace(/\r\n/g, '\n')),
  }))
}
