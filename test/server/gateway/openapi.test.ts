import SwaggerParser from '@apidevtools/swagger-parser'
import { expect, it, onTestFinished } from 'vitest'
import type { OpenApiDocument } from '../../../server/gateway/openapi.ts'
import { startGateway } from './harness.ts'

it('/v1/openapi.json is a valid OpenAPI document that names every path', async () => {
  const gateway = await startGateway()
  const response = await fetch(`${gateway.url}/v1/openapi.json`)
  const document = (await response.json()) as OpenApiDocument // cast: what is tested
  await gateway.close()
  await SwaggerParser.validate(JSON.parse(JSON.stringify(document))) // resolves references in place
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Bursar' } })
  expect(Object.keys(document.paths ?? {}).sort()).toEqual([
    '/healthz',
    '/metrics',
    '/readyz',
    '/v1/audit',
    '/v1/cases',
    '/v1/cases/{id}',
    '/v1/cases/{id}/closing',
    '/v1/catalogue/publication',
    '/v1/conversations/{id}/messages',
    '/v1/credit/decisions',
    '/v1/credit/decisions/{id}',
    '/v1/credit/decisions/{id}/override',
    '/v1/credit/decisions/{id}/override/confirmation',
    '/v1/documents',
    '/v1/documents/{doc}',
    '/v1/documents/{doc}/removal',
    '/v1/documents/{doc}/versions/{ver}/publication',
    '/v1/documents/{doc}/versions/{ver}/text',
    '/v1/history',
    '/v1/jobs/{id}',
    '/v1/reports/conversations',
    '/v1/reports/conversations.csv',
    '/v1/sessions',
    '/v1/tickets',
    '/v2',
    '/v2/health/live',
    '/v2/health/ready',
    '/v2/models',
    '/v2/models/{name}',
    '/v2/models/{name}/infer',
    '/v2/models/{name}/ready',
    '/v2/models/{name}/versions/{version}',
    '/v2/models/{name}/versions/{version}/infer',
    '/v2/models/{name}/versions/{version}/ready',
  ])
  const { Ticket, Message } = document.components?.schemas ?? {}
  expect(Ticket).toMatchObject({ required: ['ticket', 'conv', 'secret', 'expiresInMs'] })
  expect(Message).toHaveProperty('properties.completed')
  await expect(SwaggerParser.validate({ ...JSON.parse(JSON.stringify(document)), info: {} })).rejects.toThrow()
})

it.each(['openapi.json', 'asyncapi.json', 'schema'])(
  '/v1/%s is served as JSON, and not again to who has it',
  async (name) => {
    const gateway = await startGateway()
    onTestFinished(gateway.close)
    const first = await fetch(`${gateway.url}/v1/${name}`)
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(Object.keys((await first.json()) as object).length).toBeGreaterThan(2)
    const again = await fetch(`${gateway.url}/v1/${name}`, {
      // Without the second, fetch asks for a new one whatever its tag says.
      headers: { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    })
    expect(again.status).toBe(304)
  },
)
