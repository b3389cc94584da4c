import express, { type Router } from 'express'
import { z } from 'zod'
import { authorised } from './authenticate.ts'
import { reasonQuery } from './documents-api.ts'
import { accepting, type HttpParts, opened } from './http-parts.ts'
import { checked } from './invalid-field.ts'

const outcome = z.enum(['approve', 'decline'])
export const decisionsQuery = z.object({
  ref: z.string().max(200).exactOptional().describe('only those of this application'),
  waiting: z.enum(['true', 'false']).exactOptional().describe('only those that wait for a second person'),
})
export const overrideQuery = reasonQuery.extend({ to: outcome })
const storedDecision = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  by: z.string(),
  version: z.int(),
  approve: z.number(),
  ref: z.string().optional(),
  row: z.record(z.string(), z.unknown()),
  decided: z.record(z.string(), z.unknown()).describe('as `bursar credit score` writes it'),
  overrides: z.array(
    z.object({
      ...{ number: z.int(), to: outcome, at: z.iso.datetime(), by: z.string(), reason: z.string() },
      confirmedAt: z.iso.datetime().optional(),
      confirmedBy: z.string().optional(),
      confirmedReason: z.string().optional(),
    }),
  ),
  outcome: outcome.describe('the model’s, or what two people decided since'),
})
export const decisionList = z.object({ decisions: z.array(storedDecision) })
export const decisionReply = storedDecision.extend({
  history: z.array(
    z.object({ at: z.iso.datetime(), actor: z.string(), action: z.string(), reason: z.string().optional() }),
  ),
})
export const confirmReply = z.object({ outcome })

/** Stored credit decisions, for the staff that explains them and, two together, decides otherwise. */
export function createCreditApi(parts: HttpParts): Router {
  const api = express.Router({ caseSensitive: true })
  api.get('/credit/decisions', async (request, response) => {
    await authorised(request, parts, 'credit:read')
    const { ref, waiting } = checked(decisionsQuery, request.query)
    const filter = { ...(ref !== undefined && { ref }), ...(waiting === 'true' && { waiting: true }) }
    response.json({ decisions: await opened(parts).credit.list(filter) })
  })
  api.get('/credit/decisions/:id', async (request, response) => {
    await authorised(request, parts, 'credit:read')
    response.json(await opened(parts).credit.show(request.params.id))
  })
  api.post('/credit/decisions/:id/override', async (request, response) => {
    const { actor } = await authorised(request, parts, 'credit:override')
    const { to, reason } = checked(overrideQuery, request.query)
    await accepting(parts).credit.propose(request.params.id, to, { actor, reason })
    response.status(204).end()
  })
  api.post('/credit/decisions/:id/override/confirmation', async (request, response) => {
    const { actor } = await authorised(request, parts, 'credit:override')
    const { reason } = checked(reasonQuery, request.query)
    response.json(await accepting(parts).credit.confirm(request.params.id, { actor, reason }))
  })
  return api
}
