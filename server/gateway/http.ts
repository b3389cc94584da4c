import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { NotFoundError, RateLimitedError } from '../errors.ts'
import { ProtocolError } from '../protocol/codec.ts'
import { mintId } from '../protocol/ids.ts'
import { snapshotMessages, ticketLifeMs } from '../protocol/limits.ts'
import { type AgentTicketReply, type TicketReply, ticketRequest } from '../protocol/messages.ts'
import { createAuditApi } from './audit-api.ts'
import { authorised, bearerOf, principalOf, sessionOf } from './authenticate.ts'
import { createCasesApi } from './cases-api.ts'
import { createCreditApi } from './credit-api.ts'
import { apiVersion, descriptions } from './descriptions.ts'
import { createDocumentsApi } from './documents-api.ts'
import { ForbiddenError, foreignName, httpStatusOf, logRefusal, refusalOf, UnauthorisedError } from './errors.ts'
import { createHistoryApi } from './history-api.ts'
import { accepting, type HttpParts, opened, readinessOf } from './http-parts.ts'
import { createInferenceApi, inferenceError } from './inference-api.ts'
import { checked } from './invalid-field.ts'
import type { GatewayOptions } from './options.ts'
import type { Caller, OriginRule } from './origin.ts'
import type { Ports } from './ports.ts'
import { createSecurityHeaders } from './security.ts'
import { createSessionsApi } from './sessions-api.ts'
import { createStaticFiles } from './static-files.ts'

const maxBodyBytes = 16_384
const highestVersion = 2 ** 31

/** Everything that is plain HTTP: tickets, texts, older messages, probes, figures, the built client. */
export function createHttpApp(parts: HttpParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.use(identify(parts), createSecurityHeaders(), onlyOwnName(parts.originRule))
  app.use('/v1', cors(parts), createApi(parts), ...createStaffApis(parts))
  app.use('/v2', createInferenceApi(parts, { allow: cors(parts), version: apiVersion }))
  addProbes(app, parts)
  if (parts.clientDir !== undefined) {
    app.use(createStaticFiles(parts.clientDir))
  }
  app.use(() => {
    throw new NotFoundError('no such page')
  })
  app.use(answerError(parts.log))
  return app
}

/** `res.locals.trace` is the id of the request: in its answer's header, in errors and in the log. */
function identify({ metrics, log }: HttpParts): RequestHandler {
  return (request, response, next) => {
    const trace = mintId('r')
    response.locals.trace = trace
    response.setHeader('X-Request-Id', trace)
    // The first part of the path at most: a label must not grow with what callers invent.
    const route =
      /^\/(v1\/(tickets|conversations|documents|sessions|jobs|audit|cases|history|reports|credit)|v2|healthz|readyz|metrics)\b/.exec(
        request.path,
      )?.[1] ?? 'other'
    response.once('finish', () => {
      metrics.requests.inc({ route, status: response.statusCode })
      log.debug({ trace, route, status: response.statusCode }, 'request')
    })
    next()
  }
}

const callerOf = (request: Request): Caller => ({
  origin: request.headers.origin,
  address: request.socket.remoteAddress,
  headers: request.headers,
})

function onlyOwnName(rule: OriginRule): RequestHandler {
  return (request, _response, next) => {
    if (!rule.answersTo(request.headers.host)) throw foreignName()
    next()
  }
}

/**
 * The Origin rule: an exact echo for those who may, 403 for everybody else. Never with credentials: the session cookie is
 * for this server's own pages. A program has no Origin and may call from anywhere with an API key.
 */
function cors(parts: HttpParts): RequestHandler {
  const rule = parts.originRule
  return async (request, response, next) => {
    response.vary('Origin')
    const caller = callerOf(request)
    const reads = request.method === 'GET' || request.method === 'HEAD'
    const admits = reads ? rule.admitsReader(caller) : rule.admits(caller)
    if (!admits && !(await hasKey(request, parts))) throw new ForbiddenError('this origin may not call')
    if (caller.origin !== undefined) {
      response.setHeader('Access-Control-Allow-Origin', caller.origin)
      response.setHeader('Access-Control-Expose-Headers', 'X-Request-Id, Retry-After')
    }
    if (request.method !== 'OPTIONS') return next()
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST')
    response.setHeader('Access-Control-Allow-Headers', 'Content-Type, Authorization, Last-Event-ID')
    response.setHeader('Access-Control-Max-Age', '600')
    response.status(204).end()
  }
}

async function hasKey(request: Request, parts: HttpParts): Promise<boolean> {
  const token = bearerOf(request)
  if (request.headers.origin !== undefined || token === undefined) return false
  return (await opened(parts).access.ofKey(token)) !== undefined
}

function createApi(parts: HttpParts): express.Router {
  const api = express.Router({ caseSensitive: true })
  api.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  api.post('/tickets', express.json({ limit: maxBodyBytes, strict: true }), async (request, response) => {
    response.status(201).json(await issueTicket(request, parts))
  })
  api.get('/conversations/:id/messages', async (request, response) => {
    const conv = request.params.id
    await authorise(request, conv, parts)
    response.json(await opened(parts).chat.messages(conv, { before: beforeOf(request), limit: snapshotMessages }))
  })
  api.get('/documents/:doc/versions/:ver/text', async (request, response) => {
    const { documents } = opened(parts)
    const { doc, ver } = request.params
    const number = /^[1-9]\d{0,9}$/.test(ver) && Number(ver) < highestVersion ? Number(ver) : undefined
    // Staff read what is theirs, too; everybody else reads as a customer.
    const principal = await principalOf(request, parts)
    const role = principal?.permissions.has('documents:read') ? 'agent' : 'customer'
    const found = number === undefined ? undefined : await documents.text(doc, number, role)
    if (!found) throw new NotFoundError('no such version')
    response.type('text/plain').send(found.text)
  })
  for (const [name, text] of Object.entries(descriptions))
    api.get(`/${name}`, async (_request, response) => {
      response.setHeader('Cache-Control', 'no-cache') // asked for again, and answered by its ETag
      response.type('json').send(await text())
    })
  return api
}

/** What people and programs of the bank may call. */
const createStaffApis = (parts: HttpParts): express.Router[] => [
  createSessionsApi(parts),
  createDocumentsApi(parts),
  createAuditApi(parts),
  createCasesApi(parts),
  createHistoryApi(parts),
  createCreditApi(parts),
]

async function issueTicket(request: Request, parts: HttpParts): Promise<TicketReply | AgentTicketReply> {
  const wait = parts.allowance.ticket(parts.clientAddress(request))
  if (wait > 0) throw new RateLimitedError(wait)
  const { conversations } = accepting(parts)
  const asked = checked(ticketRequest, request.body)
  const { origin } = request.headers
  if (asked.role === 'agent') {
    const session = await deskSession(request, parts)
    return { ticket: parts.tickets.issue({ role: 'agent', session, origin }), expiresInMs: ticketLifeMs }
  }
  const { role, conv, secret } = asked
  const owned = conv === undefined ? await conversations.create() : await existing(conv, secret, conversations)
  const ticket = parts.tickets.issue({ role, conv: owned.conv, origin })
  return { ticket, ...owned, expiresInMs: ticketLifeMs }
}

/** Session of somebody who works at the desk; a key is no person. @throws {UnauthorisedError}, {ForbiddenError} */
async function deskSession(request: Request, parts: HttpParts): Promise<string> {
  const session = sessionOf(request)
  if (session === undefined) throw new UnauthorisedError('no session')
  await authorised(request, parts, 'desk:work')
  return session
}

async function existing(
  conv: string,
  secret = '',
  conversations: Ports['conversations'],
): Promise<{ conv: string; secret: string }> {
  if (!(await conversations.admits(conv, secret))) throw new NotFoundError('unknown conversation, or another secret')
  return { conv, secret }
}

/**
 * A customer by the conversation's secret, or staff of the desk by their session.
 * @throws {UnauthorisedError} without either; {NotFoundError} for a wrong secret, as for an unknown conversation.
 */
async function authorise(request: Request, conv: string, parts: HttpParts): Promise<void> {
  const secret = bearerOf(request)
  if (secret === undefined && sessionOf(request) !== undefined) {
    await authorised(request, parts, 'desk:work')
    await opened(parts).chat.open(conv) // or there is no such conversation
    return
  }
  if (secret === undefined) throw new UnauthorisedError('no secret')
  await existing(conv, secret, opened(parts).conversations)
}

function beforeOf(request: Request): number | undefined {
  const { before } = request.query
  if (before === undefined) return undefined
  if (typeof before === 'string' && /^[1-9]\d{0,14}$/.test(before)) return Number(before)
  throw new ProtocolError('invalid_field', 'before has to be the seq of an event', { field: 'before' })
}

function addProbes(app: Express, parts: HttpParts): void {
  app.get('/healthz', (_request, response) => {
    response.json({ ok: true })
  })
  app.get('/readyz', (_request, response) => {
    const { ready, waiting } = readinessOf(parts)
    response.status(ready ? 200 : 503).json({ ready, waiting })
  })
  app.get('/metrics', async (_request, response) => {
    response.type(parts.registry.contentType).send(await parts.registry.metrics())
  })
}

function answerError(log: GatewayOptions['log']) {
  return (reason: unknown, request: Request, response: Response, next: NextFunction): void => {
    const cause = fromExpress(reason)
    const refusal = refusalOf(cause, response.locals.trace)
    logRefusal(log, cause, refusal)
    if (response.headersSent) {
      next(reason) // express cuts the connection: half an answer must not look whole
      return
    }
    const { code, msg, field, trace, retryAfterMs } = refusal
    if (retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1_000))
    if (code === 'unauthorised') response.setHeader('WWW-Authenticate', 'Bearer')
    response.removeHeader('Content-Encoding') // of a file that was to be sent instead
    response.type('json')
    const error = { code, msg, ...(field !== undefined && { field }), trace }
    response.status(httpStatusOf(code)).json(/^\/v2\b/i.test(request.originalUrl) ? inferenceError(error) : { error })
  }
}

/** Express and its parsers mark the caller's mistakes by a status; their messages may quote the body. */
function fromExpress(reason: unknown): unknown {
  if (!(reason instanceof Error) || !('status' in reason) || typeof reason.status !== 'number') return reason
  const { status } = reason
  if (status === 413) {
    const limit = 'limit' in reason ? `at most ${String(reason.limit)} bytes` : 'shorter'
    return new ProtocolError('too_long', `the body has to be ${limit}`)
  }
  if (status === 404) return new NotFoundError('no such file')
  if (status >= 400 && status < 500) return new ProtocolError('bad_frame', 'the request cannot be read; send JSON')
  return reason
}
