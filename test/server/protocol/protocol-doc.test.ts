import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { wireCodes } from '../../../server/errors.ts'
import { agentEvent, agentFrame } from '../../../server/protocol/agent-events.ts'
import { agentCommand } from '../../../server/protocol/agent-messages.ts'
import { customerFrame, durableEvent, ephemeralEvent, systemFrame } from '../../../server/protocol/events.ts'
import { closeCodes } from '../../../server/protocol/limits.ts'
import {
  agentTicketReply,
  customerCommand,
  hello,
  ticketReply,
  ticketRequest,
} from '../../../server/protocol/messages.ts'

const page = readFileSync(join(import.meta.dirname, '../../../server/protocol/PROTOCOL.md'), 'utf8')
const schemas: Readonly<Record<string, z.ZodType>> = {
  client: z.union([hello, customerCommand]),
  server: customerFrame,
  'ticket-request': ticketRequest,
  'ticket-reply': ticketReply,
  'agent-ticket-reply': agentTicketReply,
  'agent-client': agentCommand,
  'agent-server': agentFrame,
  'http-error': z.object({
    error: z.object({ code: z.enum(wireCodes), msg: z.string(), field: z.string().optional(), trace: z.string() }),
  }),
}
const examples = [...page.matchAll(/^```json (\S+)\n([\s\S]*?)^```$/gm)].flatMap(
  ([, kind = '', block = '']) =>
    block
      .trim()
      .split('\n')
      .map((line) => ({ kind, line, frame: JSON.parse(line) as { t?: string } })), // cast: only read for its type
)
const shown = (kind: string): Set<string | undefined> =>
  new Set(examples.filter((e) => e.kind === kind).map((e) => e.frame.t))
const typesOf = (options: readonly { shape: { t: z.ZodLiteral<string> } }[]): string[] =>
  options.map(({ shape }) => shape.t.value)

describe('PROTOCOL.md', () => {
  it.each(examples)('$kind: $line', ({ kind, frame }) => {
    // Equal, not only accepted: a field that no schema knows would be gone after parsing.
    expect(schemas[kind]?.parse(frame)).toEqual(frame)
  })

  it('shows every type that a client may send', () => {
    expect([...shown('client')].sort()).toEqual(['hello', ...typesOf(customerCommand.options)].sort())
  })

  it('shows every type that a customer may get', () => {
    const all = [durableEvent, ephemeralEvent, systemFrame].flatMap(({ options }) => typesOf(options))
    expect([...shown('server')].sort()).toEqual([...new Set(all)].sort())
  })

  it('shows every type that staff may send, and all that they alone may get', () => {
    expect([...shown('agent-client')].sort()).toEqual(typesOf(agentCommand.options).sort())
    expect([...shown('agent-server')]).toEqual(
      expect.arrayContaining([...typesOf(agentEvent.options), 'desk.queue', 'welcome', 'ack', 'snapshot']),
    )
  })

  it('names every code', () => {
    for (const code of wireCodes) expect(page).toContain(`\`${code}\``)
    for (const code of Object.values(closeCodes)) expect(page).toContain(String(code))
  })
})
