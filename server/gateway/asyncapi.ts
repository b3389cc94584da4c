import { z } from 'zod'
import { subprotocol } from '../protocol/limits.ts'
import { jsonSchemaOf, wire } from '../protocol/schema.ts'

/** Types of frames in a schema, whose options may be unions themselves. */
function optionsOf(schema: z.ZodType): [string, z.ZodType][] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => optionsOf(option as z.ZodType)) // cast: zod's own options
  if (!(schema instanceof z.ZodObject)) throw new TypeError('a frame is an object, or a union of them')
  const { t } = schema.shape
  if (!(t instanceof z.ZodLiteral)) throw new TypeError('a frame has its type in t')
  return [[String(t.value), schema]]
}

/** Of the payloads: AsyncAPI's own would be an older draft. */
const schemaFormat = 'application/schema+json;version=draft-2020-12'

/** A channel's messages: name by frame type, and the messages themselves. @param from tells the roles’ messages apart. */
function messagesOf(from: string, schemas: readonly z.ZodType[]) {
  const frames = schemas.flatMap(optionsOf)
  return Object.fromEntries(
    frames.map(([t, schema]) => [
      `${from}.${t}`,
      { name: t, contentType: 'application/json', payload: { schemaFormat, schema: jsonSchemaOf(schema) } },
    ]),
  )
}

const roles = {
  customer: { sends: [wire.hello, wire.customerCommand], gets: [wire.customerFrame] },
  agent: { sends: [wire.hello, wire.agentCommand], gets: [wire.agentFrame] },
} as const

/** The socket as an AsyncAPI 3.0 document, as seen from the server; plain HTTP is in the OpenAPI document. */
export function createAsyncApiDocument(version: string): Record<string, unknown> {
  const channels: Record<string, unknown> = {}
  const operations: Record<string, unknown> = {}
  for (const [role, { sends, gets }] of Object.entries(roles)) {
    const [to, from] = [messagesOf('to', sends), messagesOf('from', gets)]
    channels[role] = {
      address: '/v1/socket',
      title: `The socket of a ${role}`,
      description: `Subprotocol ${subprotocol}; the first frame is a hello with a ticket for this role.`,
      messages: { ...to, ...from },
    }
    const refs = (names: object) => Object.keys(names).map((name) => ({ $ref: `#/channels/${role}/messages/${name}` }))
    operations[`${role}Sends`] = { action: 'receive', channel: { $ref: `#/channels/${role}` }, messages: refs(to) }
    operations[`${role}Gets`] = { action: 'send', channel: { $ref: `#/channels/${role}` }, messages: refs(from) }
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Bursar',
      version,
      description: 'Chats over WebSocket: server/protocol/PROTOCOL.md says what the frames mean, and when they come.',
    },
    defaultContentType: 'application/json',
    channels,
    operations,
  }
}
