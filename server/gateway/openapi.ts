import { OpenAPIRegistry, OpenApiGeneratorV31, zodToOpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { wireCodes } from '../errors.ts'
import { storedMessage } from '../protocol/events.ts'
import { ticketReply, ticketRequest } from '../protocol/messages.ts'
import { registerHistory } from './openapi-desk.ts'
import { registerModels } from './openapi-models.ts'
import { type Refusals, registerStaff } from './openapi-staff.ts'

/**
 * Give a schema a name under `components`. By the library's registry: its `.openapi()` method is missing from schemas that
 * were made before the library was loaded, and those of protocol/ are.
 */
function named<T extends z.ZodType>(refId: string, schema: T): T {
  zodToOpenAPIRegistry.add(schema, { _internal: { refId } })
  return schema
}

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>

const json = (schema: z.ZodType, description: string) => ({ description, content: { 'application/json': { schema } } })

/** The HTTP side of the contract as an OpenAPI 3.1 document, made from the schemas that the server checks with. */
export function createOpenApiDocument(version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry()
  const error = named(
    'Error',
    z.object({
      error: z.object({ code: z.enum(wireCodes), msg: z.string(), field: z.string().optional(), trace: z.string() }),
    }),
  )
  const bearer = registry.registerComponent('securitySchemes', 'conversationSecret', { type: 'http', scheme: 'bearer' })
  const refusals = (...statuses: readonly [number, string][]): Refusals =>
    Object.fromEntries(statuses.map(([status, description]) => [status, json(error, description)]))

  registry.registerPath({
    method: 'post',
    path: '/v1/tickets',
    summary: 'Get a single-use ticket for the socket, for a new conversation or for one whose secret you hold',
    request: {
      body: {
        required: true,
        content: { 'application/json': { schema: named('TicketRequest', ticketRequest) } },
      },
    },
    responses: {
      201: json(named('Ticket', ticketReply), 'The ticket; use it within a minute, from the same Origin'),
      ...refusals(
        [400, 'Not JSON, or a field is not valid'],
        [403, 'This Origin may not open chats'],
        [404, 'No such conversation, or not yours'],
        [413, 'Body above 16 KiB'],
        [429, 'Too many tickets for this address'],
        [503, 'Starting, busy, or about to stop'],
      ),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/conversations/{id}/messages',
    summary: 'Messages older than an event, oldest first',
    security: [{ [bearer.name]: [] }],
    request: {
      params: z.object({ id: z.string() }),
      query: z.object({ before: z.int().min(1).optional().describe('seq of an event') }),
    },
    responses: {
      200: json(
        z.object({ messages: z.array(named('Message', storedMessage)), more: z.boolean() }),
        'At most 200 messages',
      ),
      ...refusals([400, 'A parameter is not valid'], [401, 'No secret'], [404, 'No such conversation, or not yours']),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/documents/{doc}/versions/{ver}/text',
    summary: 'Canonical text of a document version: what the spans of citations refer to, in UTF-16 code units',
    request: {
      params: z.object({
        doc: z.string().describe('percent-encoded, / and # included'),
        ver: z.int().min(1),
      }),
    },
    responses: {
      200: { description: 'The text', content: { 'text/plain': { schema: z.string() } } },
      ...refusals([404, 'No such version, or not for you']),
    },
  })
  registerModels(registry, registerStaff(registry, refusals))
  registerHistory(registry, refusals)
  registerProbes(registry)
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Bursar',
      version,
      description:
        'HTTP side of bursar.v1. Chats run over the WebSocket at /v1/socket; server/protocol/PROTOCOL.md describes its frames.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
  })
}

function registerProbes(registry: OpenAPIRegistry): void {
  const ready = z.object({ ready: z.boolean(), waiting: z.array(z.string()) })
  registry.registerPath({
    method: 'get',
    path: '/healthz',
    summary: 'The process lives',
    responses: { 200: json(z.object({ ok: z.literal(true) }), 'Alive') },
  })
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    summary: 'Questions can be answered',
    responses: { 200: json(ready, 'Ready'), 503: json(ready, 'Not yet, or about to stop; `waiting` says for what') },
  })
  registry.registerPath({
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    responses: { 200: { description: 'Text exposition format', content: { 'text/plain': { schema: z.string() } } } },
  })
}
