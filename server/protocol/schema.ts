import { z } from 'zod'
import { agentFrame } from './agent-events.ts'
import { agentCommand } from './agent-messages.ts'
import { customerFrame } from './events.ts'
import { agentTicketReply, customerCommand, hello, ticketReply, ticketRequest } from './messages.ts'

/** What each end may send, by the names that the schema document gives them. */
export const wire = {
  ticketRequest,
  ticketReply,
  agentTicketReply,
  hello,
  customerCommand,
  customerFrame,
  agentCommand,
  agentFrame,
} as const

/**
 * A schema as JSON Schema (2020-12). Fields that it does not name are allowed: within v1 frames only gain fields, and both ends
 * ignore what they do not know.
 */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}

/** Every frame, command and body of `bursar.v1` as one JSON Schema document. */
export function createSchemaDocument(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:bursar:v1',
    title: 'bursar.v1',
    $comment: 'Made from server/protocol; PROTOCOL.md says what the frames mean.',
    $defs: Object.fromEntries(Object.entries(wire).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
  }
}
