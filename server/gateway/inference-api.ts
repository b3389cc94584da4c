import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import type { Principal } from '../access/permissions.ts'
import { RateLimitedError } from '../errors.ts'
import { ProtocolError } from '../protocol/codec.ts'
import { authorised } from './authenticate.ts'
import { accepting, type HttpParts, opened, readinessOf } from './http-parts.ts'
import { writeInferenceReply } from './inference-reply.ts'
import { readInferenceRequest } from './inference-request.ts'
import type { ServedModel, TensorFacts } from './ports.ts'

/** Room for 64 texts in any script. */
const maxBodyBytes = 1_048_576
const headerLengthName = 'Inference-Header-Content-Length'
const ofModel = (rest: string): string[] => [`/models/:name${rest}`, `/models/:name/versions/:version${rest}`]

/** Errors as the protocol has them: a text, in front the field that is wrong. */
export const inferenceError = ({ msg }: { readonly msg: string }): object => ({ error: msg })

/**
 * The Open Inference Protocol (KServe V2) over HTTP, for programs with a key of scope `models:infer`; probes need none.
 * @param allow the Origin rule. @param version of this API.
 */
export function createInferenceApi(
  parts: HttpParts,
  { allow, version }: { allow: RequestHandler; version: string },
): Router {
  const api = express.Router({ caseSensitive: true })
  api.get('/health/live', (_request, response) => {
    response.json({ live: true })
  })
  api.get('/health/ready', (_request, response) => {
    const { ready } = readinessOf(parts)
    response.status(ready ? 200 : 503).json({ ready })
  })
  api.use(allow, (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  api.get('/', async (request, response) => {
    await authorised(request, parts, 'models:infer')
    response.json({ name: 'bursar', version, extensions: ['binary_tensor_data'] })
  })
  addModels(api, parts)
  api.post(
    ofModel('/infer'),
    caller(parts),
    express.raw({ type: () => true, limit: maxBodyBytes }),
    (request: Request, response: Response) => answer(request, response, parts),
  )
  return api
}

function addModels(api: Router, parts: HttpParts): void {
  api.get('/models', async (request, response) => {
    await authorised(request, parts, 'models:infer')
    const models = await opened(parts).inference.models()
    response.json({ models: models.map(listed) })
  })
  api.get(ofModel(''), async (request, response) => {
    await authorised(request, parts, 'models:infer')
    response.json(metadataOf(await modelOf(request, parts)))
  })
  api.get(ofModel('/ready'), async (request, response) => {
    await authorised(request, parts, 'models:infer')
    const { name, version } = await modelOf(request, parts)
    const ready = version !== undefined && readinessOf(parts).ready
    response.status(ready ? 200 : 503).json({ name, ready })
  })
}

/** Who may not ask, or asks too often, is turned away before the body is read. */
const caller =
  (parts: HttpParts): RequestHandler =>
  async (request, response, next) => {
    const principal = await authorised(request, parts, 'models:infer')
    const wait = parts.allowance.spend('inferences', principal.actor, parts.clientAddress(request))
    if (wait > 0) throw new RateLimitedError(wait)
    response.locals.caller = principal
    next()
  }

async function answer(request: Request, response: Response, parts: HttpParts): Promise<void> {
  const { inference } = accepting(parts)
  const model = await modelOf(request, parts)
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) // there was none
  const asked = readInferenceRequest(body, request.get(headerLengthName), model)
  const inferred = await inference.infer(model, versionIn(request), asked.inputs, response.locals.caller)
  meter(response, parts, { model: model.name, items: asked.count, ...inferred })
  const { body: reply, headerLength } = writeInferenceReply(model, inferred, asked)
  if (headerLength !== undefined) response.setHeader(headerLengthName, headerLength)
  response.type(headerLength === undefined ? 'application/json' : 'application/octet-stream').send(reply)
}

/** Count by model, and log by key; nothing of the texts. */
function meter(
  response: Response,
  { metrics: { inferences }, log }: HttpParts,
  { model, version, items, computeMs }: { model: string; version: string; items: number; computeMs: number },
): void {
  inferences.requests.inc({ model })
  inferences.items.inc({ model }, items)
  inferences.seconds.inc({ model }, computeMs / 1_000)
  const { trace } = response.locals
  const { actor }: Principal = response.locals.caller
  log.info({ trace, actor, model, version, items, computeMs: Math.round(computeMs * 10) / 10 }, 'model asked')
}

/** Express types parameters of several paths as lists, which those of `:name` never are. */
const versionIn = ({ params }: Request): string | undefined =>
  params.version === undefined ? undefined : String(params.version)

/** @throws {ProtocolError} if there is no such model, or the version asked for is not the one in use. */
async function modelOf(request: Request, parts: HttpParts): Promise<ServedModel> {
  const model = await opened(parts).inference.model(String(request.params.name))
  if (!model) throw new ProtocolError('not_found', 'there is no such model: GET /v2/models names those that there are')
  const wanted = versionIn(request)
  if (wanted === undefined || wanted === model.version) return model
  const used = model.version === undefined ? 'and there is none yet' : `which is ${model.version}`
  throw new ProtocolError('not_found', `only the version in use can be asked, ${used}`)
}

const listed = ({ name, task, version }: ServedModel): object => ({
  ...{ name, task, versions: version === undefined ? [] : [version] },
  state: version === undefined ? 'UNAVAILABLE' : 'READY',
})

function metadataOf({ name, version, inputs, outputs, task, parameters }: ServedModel): object {
  const batches = ({ shape, ...tensor }: TensorFacts): object => ({ ...tensor, shape: [-1, ...shape] })
  return {
    ...{ name, versions: version === undefined ? [] : [version], platform: 'onnxruntime_onnx' },
    ...{ inputs: inputs.map(batches), outputs: outputs.map(batches), parameters: { task, ...parameters } },
  }
}
