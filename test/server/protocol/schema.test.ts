import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import specs from '@asyncapi/specs'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { createAsyncApiDocument } from '../../../server/gateway/asyncapi.ts'
import { createSchemaDocument, type wire } from '../../../server/protocol/schema.ts'

const root = join(import.meta.dirname, '../../..')
const file = (name: string): string => join(root, 'docs/schema', name)
const text = (document: object): string => `${JSON.stringify(document, null, 1)}\n`
const page = readFileSync(join(root, 'server/protocol/PROTOCOL.md'), 'utf8')
const named: Readonly<Record<string, readonly (keyof typeof wire)[]>> = {
  client: ['hello', 'customerCommand'],
  server: ['customerFrame'],
  'ticket-request': ['ticketRequest'],
  'ticket-reply': ['ticketReply'],
  'agent-ticket-reply': ['agentTicketReply'],
  'agent-client': ['agentCommand'],
  'agent-server': ['agentFrame'],
}
const examples = [...page.matchAll(/^```json (\S+)\n([\s\S]*?)^```$/gm)].flatMap(
  ([, kind = '', block = '']) =>
    block
      .trim()
      .split('\n')
      .map((line) => ({ names: named[kind] ?? [], frame: JSON.parse(line) as Record<string, unknown> })), // cast: examples are objects
)

describe('the JSON Schemas', () => {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    formats: { ulid: true, date: true, 'date-time': true },
  })
  ajv.addSchema(createSchemaDocument())
  const isValid = (names: readonly string[], frame: unknown): boolean =>
    names.some((name) => ajv.validate(`urn:bursar:v1#/$defs/${name}`, frame))

  it('are the file in the repository (vitest -u renews it)', async () => {
    await expect(text(createSchemaDocument())).toMatchFileSnapshot(file('bursar.v1.json'))
  })

  it('take every example of PROTOCOL.md, also with fields that nobody knows yet, and refuse it without its type', () => {
    const checked = examples.filter(({ names }) => names.length > 0)
    expect(checked.length).toBeGreaterThan(60)
    for (const { names, frame } of checked) {
      expect([frame, isValid(names, frame)]).toEqual([frame, true])
      expect(isValid(names, { ...frame, later: 1 })).toBe(true)
      if ('t' in frame) expect(isValid(names, { ...frame, t: 'nothing' })).toBe(false)
    }
  })
})

describe('the AsyncAPI document', () => {
  const document = createAsyncApiDocument('1.0.0')

  it('is the file in the repository (vitest -u renews it)', async () => {
    await expect(text(document)).toMatchFileSnapshot(file('asyncapi.json'))
  })

  it('is valid by the specification’s own schema', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false })
    // As JSON: the packages’ types for the same thing differ.
    const isValid = ajv.compile(JSON.parse(JSON.stringify(specs.schemasWithoutId['3.0.0'])))
    expect([isValid(document), isValid.errors]).toEqual([true, null])
    expect(isValid({ ...document, channels: 1 })).toBe(false)
  })

  it('names every frame of each role', () => {
    const { channels } = document as { channels: Record<string, { messages: Record<string, unknown> }> }
    const names = (role: string) => Object.keys(channels[role]?.messages ?? {})
    expect(names('customer')).toEqual(
      expect.arrayContaining(['to.hello', 'to.msg.send', 'from.snapshot', 'from.msg.delta']),
    )
    expect(names('agent')).toEqual(expect.arrayContaining(['to.desk.claim', 'from.desk.queue', 'from.note.added']))
    expect(names('customer').filter((name) => /desk|note/.test(name))).toEqual([])
  })
})
