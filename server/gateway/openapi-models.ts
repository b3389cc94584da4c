import type { OpenAPIRegistry, ResponseConfig } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { inferRequest } from './inference-request.ts'

const json = (schema: z.ZodType, description: string): ResponseConfig => ({
  description,
  content: { 'application/json': { schema } },
})
const refusals = (...statuses: readonly [number, string][]): Record<string, ResponseConfig> =>
  Object.fromEntries(statuses.map(([status, said]) => [status, json(z.object({ error: z.string() }), said)]))

const versions = z.array(z.string()).describe('those that can be asked: the one in use, or none')
const tensor = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) })
const listing = z.object({
  models: z.array(z.object({ name: z.string(), task: z.string(), versions, state: z.enum(['READY', 'UNAVAILABLE']) })),
})
const metadata = z.object({
  ...{ name: z.string(), versions, platform: z.string() },
  ...{ inputs: z.array(tensor), outputs: z.array(tensor), parameters: z.record(z.string(), z.unknown()) },
})
const reply = z.object({
  ...{ model_name: z.string(), model_version: z.string(), id: z.string().optional() },
  outputs: z.array(
    tensor.extend({
      data: z.array(z.union([z.number(), z.string()])).optional(),
      parameters: z.object({ binary_data_size: z.int() }).optional(),
    }),
  ),
})

/** Models asked by themselves, over the Open Inference Protocol. @param key the security scheme of API keys. */
export function registerModels(registry: OpenAPIRegistry, key: string): void {
  registerHealth(registry)
  const security = [{ [key]: [] }]
  const refused = refusals([401, 'No key'], [403, 'The key lacks models:infer'], [503, 'Starting, or about to stop'])
  const unknown = refusals([404, 'No such model, or not the version in use'])
  const get = (path: string, summary: string, schema: z.ZodType): void =>
    registry.registerPath({
      ...{ method: 'get', path, summary, security },
      responses: { 200: json(schema, summary), ...refused, ...(path.includes('{') && unknown) },
      ...(path.includes('{') && { request: { params: paramsOf(path) } }),
    })
  get('/v2', 'What the server is', z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }))
  get('/v2/models', 'The models that there are', listing)
  for (const model of ['/v2/models/{name}', '/v2/models/{name}/versions/{version}']) {
    get(model, 'Inputs, outputs and classes of a model', metadata)
    get(`${model}/ready`, 'Whether a model answers', z.object({ name: z.string(), ready: z.boolean() }))
    registry.registerPath({
      ...{ method: 'post', path: `${model}/infer`, security },
      summary: 'Ask a model; tensors may come and go in binary (Inference-Header-Content-Length)',
      request: {
        params: paramsOf(model),
        body: { required: true, content: { 'application/json': { schema: inferRequest } } },
      },
      responses: {
        200: json(reply, 'What it says'),
        ...{ ...refused, ...unknown },
        ...refusals(
          [400, 'Not a request of the protocol, or a tensor that the model does not take'],
          [413, 'A text above 4,000 characters, or a body above 1 MiB'],
          [429, 'Too many requests with this key, or from this address'],
          [503, 'Busy, not trained yet, starting, or about to stop'],
        ),
      },
    })
  }
}

const paramsOf = (path: string) =>
  z.object({ name: z.string(), ...(path.includes('{version}') && { version: z.string() }) })

function registerHealth(registry: OpenAPIRegistry): void {
  const probe = (
    path: string,
    summary: string,
    field: 'live' | 'ready',
    responses: Record<string, ResponseConfig> = {},
  ) =>
    registry.registerPath({
      ...{ method: 'get', path, summary },
      responses: { 200: json(z.object({ [field]: z.boolean() }), summary), ...responses },
    })
  probe('/v2/health/live', 'The process lives', 'live')
  const notReady = json(z.object({ ready: z.boolean() }), 'Not yet, or about to stop')
  probe('/v2/health/ready', 'Models and documents are there', 'ready', { 503: notReady })
}
