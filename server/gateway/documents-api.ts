import express, { type Request, type Response, type Router } from 'express'
import { z } from 'zod'
import type { Principal } from '../access/permissions.ts'
import { NotFoundError } from '../errors.ts'
import { ProtocolError } from '../protocol/codec.ts'
import { authorised } from './authenticate.ts'
import { accepting, type HttpParts, opened } from './http-parts.ts'
import { checked } from './invalid-field.ts'
import type { By, Documents, Job, Upload } from './ports.ts'

/** Largest file that is read, and largest body of many documents. */
const maxUploadBytes = 33_554_432
const maxDocuments = 1_000

const audience = z.enum(['customer', 'agent'])
/** Why: one line for the audit log. */
const reason = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u)
/** What holds of documents that do not say so themselves. */
const defaults = { audience: audience.optional(), from: z.iso.date().optional(), until: z.iso.date().optional() }
export const listQuery = z.object({
  collection: z.string().max(100).optional(),
  after: z.string().max(1_000).optional().describe('a document’s id: the page begins behind it'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export const putQuery = z.object({ reason, ...defaults })
/** Of a removal or a publication. */
export const reasonQuery = z.object({ reason })
const versionParams = z.object({
  ver: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31),
})
export const bulkRequest = z.object({
  reason,
  ...defaults,
  documents: z
    .array(z.object({ doc: z.string(), text: z.string() }))
    .min(1)
    .max(maxDocuments),
})

/** Documents of the bank, for its staff and their programs. */
export function createDocumentsApi(parts: HttpParts): Router {
  const api = express.Router({ caseSensitive: true })
  addReads(api, parts)
  api.put(
    '/documents/:doc',
    writer(parts),
    express.raw({ type: () => true, limit: maxUploadBytes }),
    async (request, response) => {
      const { reason: why, ...given } = checked(putQuery, request.query)
      const files = [{ doc: docOf(request), bytes: bytesOf(request) }]
      answer(response, await put(parts, files, given, { actor: writerOf(response).actor, reason: why }))
    },
  )
  api.post(
    '/documents',
    writer(parts),
    express.json({ limit: maxUploadBytes, strict: true }),
    async (request, response) => {
      const { reason: why, documents, ...given } = checked(bulkRequest, request.body)
      const files = documents.map(({ doc, text }) => ({ doc, bytes: Buffer.from(text) }))
      answer(response, await put(parts, files, given, { actor: writerOf(response).actor, reason: why }))
    },
  )
  api.delete('/documents/:doc', writer(parts), async (request, response) => {
    const { reason: why } = checked(reasonQuery, request.query)
    const by = { actor: writerOf(response).actor, reason: why }
    answer(response, await accepting(parts).documents.remove(docOf(request), by))
  })
  api.post('/documents/:doc/versions/:ver/publication', async (request, response) => {
    const { actor } = await authorised(request, parts, 'documents:publish')
    const by = { actor, reason: checked(reasonQuery, request.query).reason }
    const { ver } = checked(versionParams, request.params)
    answer(response, await accepting(parts).documents.publish(docOf(request), ver, by))
  })
  addConfirmations(api, parts)
  return api
}

/** What has no version, and waits for a second person under four eyes. */
function addConfirmations(api: Router, parts: HttpParts): void {
  const byPublisher = async (request: Request): Promise<By> => {
    const { actor } = await authorised(request, parts, 'documents:publish')
    return { actor, reason: checked(reasonQuery, request.query).reason }
  }
  api.post('/documents/:doc/removal', async (request, response) => {
    const by = await byPublisher(request)
    answer(response, await accepting(parts).documents.confirmRemoval(docOf(request), by))
  })
  api.post('/catalogue/publication', async (request, response) => {
    const by = await byPublisher(request)
    answer(response, await accepting(parts).documents.publishCatalogue(by))
  })
}

function addReads(api: Router, parts: HttpParts): void {
  api.get('/documents', async (request, response) => {
    await authorised(request, parts, 'documents:read')
    response.json(await opened(parts).documents.list(checked(listQuery, request.query)))
  })
  api.get('/documents/:doc', async (request, response) => {
    await authorised(request, parts, 'documents:read')
    const found = await opened(parts).documents.find(request.params.doc)
    if (!found) throw new NotFoundError('no such document')
    response.json(found)
  })
  api.get('/jobs/:id', async (request, response) => {
    await authorised(request, parts, 'documents:read')
    const found = await opened(parts).documents.job(request.params.id)
    if (!found) throw new NotFoundError('no such job')
    response.json(found)
  })
}

/** Who may not write is turned away before the body is read. */
const writer =
  (parts: HttpParts): express.RequestHandler =>
  async (request, response, next) => {
    response.locals.writer = await authorised(request, parts, 'documents:write')
    next()
  }

/** Express types parameters behind other handlers as lists, which those of `:name` never are. */
const docOf = ({ params }: Request): string => String(params.doc)
const writerOf = (response: Response): Principal => response.locals.writer

function bytesOf({ body }: Request): Uint8Array {
  if (Buffer.isBuffer(body) && body.length > 0) return body
  throw new ProtocolError('invalid_field', 'body is the document’s file and must not be empty', { field: 'body' })
}

/** @throws {ProtocolError} naming the id that cannot be a document's. */
function put(parts: HttpParts, files: readonly Upload[], given: Parameters<Documents['put']>[1], by: By): Promise<Job> {
  const { documents } = accepting(parts)
  const seen = new Set<string>()
  for (const { doc } of files) {
    const fault = seen.has(doc) ? 'is there twice' : documents.fault(doc)
    if (fault !== undefined) throw new ProtocolError('invalid_field', `doc ${fault}`, { field: 'doc' })
    seen.add(doc)
  }
  const within = files.find(({ doc }) => foldersOf(doc).some((folder) => seen.has(folder)))
  if (within) throw new ProtocolError('invalid_field', `doc ${within.doc} lies in another document`, { field: 'doc' })
  return documents.put(files, given, by)
}

/** `a` and `a/b` for `a/b/c`. */
const foldersOf = (doc: string): string[] => [...doc.matchAll(/\//g)].map(({ index }) => doc.slice(0, index))

function answer(response: Response, job: Job): void {
  response.setHeader('Location', `/v1/jobs/${job.id}`)
  response.status(202).json(job)
}
