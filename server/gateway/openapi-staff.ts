import type { OpenAPIRegistry, ResponseConfig } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import { audiences, jobKinds, jobStates } from '../storage/kinds.ts'
import { auditQuery } from './audit-api.ts'
import { caseList, caseReply, casesQuery } from './cases-api.ts'
import { confirmReply, decisionList, decisionReply, decisionsQuery, overrideQuery } from './credit-api.ts'
import { bulkRequest, listQuery, putQuery, reasonQuery } from './documents-api.ts'
import { ownSession, sessionReply, signInRequest } from './sessions-api.ts'

export type Refusals = Record<string, ResponseConfig>
export type RefusalsOf = (...statuses: readonly [number, string][]) => Refusals

export const json = (schema: z.ZodType, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const body = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } })

const doc = z.string().describe('percent-encoded, / and # included')
const job = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  state: z.enum(jobStates),
  by: z.string(),
  at: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  report: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.string(), msg: z.string() }).optional(),
})
const facts = z.object({
  doc: z.string(),
  ver: z.int(),
  collection: z.string(),
  title: z.string(),
  audience: z.enum(audiences),
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
  product: z.string().optional(),
  region: z.string().optional(),
  url: z.string().optional(),
  at: z.iso.datetime(),
})
const versions = z.array(
  z.object({ ver: z.int(), title: z.string(), at: z.iso.datetime(), draftBy: z.string().optional() }),
)
const auditRow = z.object({
  seq: z.int(),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  reason: z.string().optional(),
  detail: z.string().optional(),
  hash: z.string(),
})

/** What people and programs of the bank may call: sessions, documents, the audit log. @returns the scheme of API keys. */
export function registerStaff(registry: OpenAPIRegistry, refusals: RefusalsOf): string {
  const key = registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' })
  const session = registry.registerComponent('securitySchemes', 'session', {
    ...{ type: 'apiKey', in: 'cookie', name: 'bursar_session' },
  })
  const staff = {
    security: [{ [key.name]: [] }, { [session.name]: [] }],
    refused: refusals([400, 'A field is not valid'], [401, 'No key and no session'], [403, 'Not permitted']),
  }
  registerSessions(registry, refusals, session.name)
  registerReads(registry, refusals, staff)
  registerCases(registry, refusals, staff)
  registerCredit(registry, refusals, staff)
  registerWrites(registry, refusals, staff)
  return key.name
}

interface Staff {
  readonly security: Record<string, string[]>[]
  readonly refused: Refusals
}

function registerSessions(registry: OpenAPIRegistry, refusals: RefusalsOf, session: string): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/sessions',
    summary: 'Sign in; the session is a cookie for pages of this server',
    request: { body: body(signInRequest) },
    responses: {
      201: json(sessionReply, 'Signed in'),
      ...refusals(
        [400, 'A field is not valid'],
        [401, 'Wrong name or password'],
        [403, 'This Origin may not call'],
        [429, 'Too many tries'],
        [503, 'Starting, busy, or about to stop'],
      ),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/sessions',
    summary: 'Who is signed in',
    security: [{ [session]: [] }],
    responses: {
      200: json(ownSession, 'The user, and what they may do'),
      204: { description: 'Nobody' },
      ...refusals([503, 'Starting']),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/sessions',
    summary: 'Sign out',
    security: [{ [session]: [] }],
    responses: { 204: { description: 'There is no session any more' } },
  })
}

function registerReads(registry: OpenAPIRegistry, refusals: RefusalsOf, { security, refused }: Staff): void {
  const get = { method: 'get', security } as const
  registry.registerPath({
    ...{ ...get, path: '/v1/documents', summary: 'Current documents by id, a page of them' },
    request: { query: listQuery },
    responses: {
      200: json(
        z.object({ documents: z.array(facts), next: z.string().optional().describe('`after` of the next page') }),
        'A page',
      ),
      ...refused,
    },
  })
  registry.registerPath({
    ...{ ...get, path: '/v1/documents/{doc}', summary: 'A document and its versions; one removed has only these' },
    request: { params: z.object({ doc }) },
    responses: {
      200: json(facts.partial().extend({ doc: z.string(), versions }), 'The document'),
      ...refused,
      ...refusals([404, 'No such document']),
    },
  })
  registry.registerPath({
    ...{ ...get, path: '/v1/jobs/{id}', summary: 'What became of an order; kept for a week' },
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: json(job, 'The job'), ...refused, ...refusals([404, 'No such job']) },
  })
  registry.registerPath({
    ...{ ...get, path: '/v1/audit', summary: 'Who did what, newest first' },
    request: { query: auditQuery },
    responses: { 200: json(z.object({ entries: z.array(auditRow) }), 'Rows of the log'), ...refused },
  })
}

function registerCases(registry: OpenAPIRegistry, refusals: RefusalsOf, { security, refused }: Staff): void {
  const id = z.object({ id: z.string() })
  registry.registerPath({
    ...{ method: 'get', security, path: '/v1/cases', summary: 'Rights that customers invoked, due soonest first' },
    request: { query: casesQuery },
    responses: { 200: json(caseList, 'At most 1,000 cases'), ...refused },
  })
  registry.registerPath({
    ...{ method: 'get', security, path: '/v1/cases/{id}', summary: 'A case, its messages and what people did' },
    request: { params: id },
    responses: { 200: json(caseReply, 'The case'), ...refused, ...refusals([404, 'No such case']) },
  })
  registry.registerPath({
    ...{ method: 'post', security, path: '/v1/cases/{id}/closing', summary: 'Close a case, with the reason' },
    request: { params: id, query: reasonQuery },
    responses: {
      204: { description: 'Closed, and the customer is told' },
      ...refused,
      ...refusals([404, 'No such case, or it is closed already']),
    },
  })
}

function registerCredit(registry: OpenAPIRegistry, refusals: RefusalsOf, { security, refused }: Staff): void {
  const path = '/v1/credit/decisions'
  const one = { params: z.object({ id: z.string() }) }
  const missing = refusals([404, 'No such decision'])
  registry.registerPath({
    ...{ method: 'get', security, path, summary: 'Credit decisions that were stored, newest first' },
    request: { query: decisionsQuery },
    responses: { 200: json(decisionList, 'At most 1,000 decisions'), ...refused },
  })
  registry.registerPath({
    ...{ method: 'get', security, path: `${path}/{id}`, summary: 'A decision, its reasons and what people did' },
    request: one,
    responses: { 200: json(decisionReply, 'The decision'), ...refused, ...missing },
  })
  registry.registerPath({
    ...{ method: 'post', security, path: `${path}/{id}/override` },
    summary: 'Propose another outcome, with the reason',
    request: { ...one, query: overrideQuery },
    responses: { 204: { description: 'It waits for a second person' }, ...refused, ...missing },
  })
  registry.registerPath({
    ...{ method: 'post', security, path: `${path}/{id}/override/confirmation` },
    summary: 'Carry out the outcome that somebody else has proposed',
    request: { ...one, query: reasonQuery },
    responses: {
      200: json(confirmReply, 'The outcome now'),
      ...refused,
      ...refusals([404, 'No such decision, or nothing is proposed']),
    },
  })
}

function registerWrites(registry: OpenAPIRegistry, refusals: RefusalsOf, { security, refused }: Staff): void {
  const accepted = {
    202: json(job, 'Accepted; `Location` says where to ask what became of it'),
    ...refused,
    ...refusals([413, 'Body above 32 MiB'], [503, 'Too many jobs wait, starting, or about to stop']),
  }
  registry.registerPath({
    ...{ method: 'put', security, path: '/v1/documents/{doc}', summary: 'Store one document, or one file of rows' },
    request: {
      params: z.object({ doc }),
      query: putQuery,
      body: { required: true, content: { 'application/octet-stream': { schema: z.string() } } },
    },
    responses: accepted,
  })
  registry.registerPath({
    ...{ method: 'post', security, path: '/v1/documents', summary: 'Store many documents in one job' },
    request: { body: body(bulkRequest) },
    responses: accepted,
  })
  registry.registerPath({
    ...{ method: 'delete', security, path: '/v1/documents/{doc}' },
    summary: 'Take a document out of search; under four eyes, propose it',
    request: { params: z.object({ doc }), query: reasonQuery },
    responses: { ...accepted, ...refusals([404, 'No such document']) },
  })
  registry.registerPath({
    ...{ method: 'post', security, path: '/v1/documents/{doc}/versions/{ver}/publication' },
    summary: 'Make a draft the current version; under four eyes, another’s',
    request: { params: z.object({ doc, ver: z.int().min(1) }), query: reasonQuery },
    responses: { ...accepted, ...refusals([404, 'No such version']) },
  })
  registerConfirmations(registry, security, { ...accepted, ...refusals([404, 'Nothing is proposed']) })
}

function registerConfirmations(registry: OpenAPIRegistry, security: Staff['security'], responses: Refusals): void {
  registry.registerPath({
    ...{ method: 'post', security, path: '/v1/documents/{doc}/removal' },
    summary: 'Carry out a removal that somebody else has proposed',
    request: { params: z.object({ doc }), query: reasonQuery },
    responses,
  })
  registry.registerPath({
    ...{ method: 'post', security, path: '/v1/catalogue/publication' },
    summary: 'Put the product catalogue in use that somebody else has proposed',
    request: { query: reasonQuery },
    responses,
  })
}
