import express, { type Router } from 'express'
import { z } from 'zod'
import { authorised } from './authenticate.ts'
import { type HttpParts, opened } from './http-parts.ts'
import { checked } from './invalid-field.ts'

export const auditQuery = z.object({
  actor: z.string().max(200).optional(),
  subject: z.string().max(1_000).optional(),
  before: z.coerce.number().int().min(1).optional().describe('a row’s seq: only older ones'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

/** Who did what, newest first. */
export function createAuditApi(parts: HttpParts): Router {
  const api = express.Router({ caseSensitive: true })
  api.get('/audit', async (request, response) => {
    await authorised(request, parts, 'audit:read')
    const { limit, ...filter } = checked(auditQuery, request.query)
    response.json({ entries: await opened(parts).audit(filter, limit) })
  })
  return api
}
