import express, { type Router } from 'express'
import { z } from 'zod'
import { caseStates } from '../protocol/events.ts'
import { rights } from '../text/rights-kinds.ts'
import { authorised } from './authenticate.ts'
import { reasonQuery } from './documents-api.ts'
import { accepting, type HttpParts, opened } from './http-parts.ts'
import { checked } from './invalid-field.ts'

export const casesQuery = z.object({
  status: z.enum(caseStates).exactOptional().describe('without it all that are not closed'),
  type: z.enum(rights).exactOptional(),
})
const storedCase = z.object({
  id: z.string(),
  conv: z.string(),
  type: z.enum(rights),
  ref: z.string(),
  status: z.enum(caseStates),
  openedAt: z.iso.datetime(),
  due: z.iso.date(),
  escalateOn: z.iso.date(),
  closedAt: z.iso.datetime().optional(),
  closedBy: z.string().optional(),
  reason: z.string().optional(),
})
export const caseList = z.object({ cases: z.array(storedCase) })
export const caseReply = storedCase.extend({
  evidence: z.array(z.object({ mid: z.string(), at: z.iso.datetime() })),
  history: z.array(
    z.object({ at: z.iso.datetime(), actor: z.string(), action: z.string(), reason: z.string().optional() }),
  ),
})

/** Rights that customers have invoked, for the staff that settles them. */
export function createCasesApi(parts: HttpParts): Router {
  const api = express.Router({ caseSensitive: true })
  api.get('/cases', async (request, response) => {
    await authorised(request, parts, 'cases:read')
    response.json({ cases: await opened(parts).cases.list(checked(casesQuery, request.query)) })
  })
  api.get('/cases/:id', async (request, response) => {
    await authorised(request, parts, 'cases:read')
    response.json(await opened(parts).cases.show(request.params.id))
  })
  api.post('/cases/:id/closing', async (request, response) => {
    const { actor } = await authorised(request, parts, 'cases:close')
    const { reason } = checked(reasonQuery, request.query)
    await accepting(parts).cases.close(request.params.id, { actor, reason })
    response.status(204).end()
  })
  return api
}
