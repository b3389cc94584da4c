import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import { conversationReport } from '../protocol/reports.ts'
import { historyPage, historyQuery, reportQuery } from './history-api.ts'
import { json, type Refusals, type RefusalsOf } from './openapi-staff.ts'

/** What those who work at the desk, or lead it, look back with. */
export function registerHistory(registry: OpenAPIRegistry, refusals: RefusalsOf): void {
  const security = [{ session: [] }]
  const refused: Refusals = refusals([400, 'A field is not valid'], [401, 'Not signed in'], [403, 'Not allowed'])
  registry.registerPath({
    ...{
      method: 'get',
      security,
      path: '/v1/history',
      summary: 'Past conversations, the latest first, a page of them',
    },
    request: { query: historyQuery },
    responses: { 200: json(historyPage, 'A page'), ...refused },
  })
  registry.registerPath({
    ...{ method: 'get', security, path: '/v1/reports/conversations', summary: 'Figures of conversations' },
    request: { query: reportQuery },
    responses: { 200: json(conversationReport, 'Of the conversations that began in these days'), ...refused },
  })
  registry.registerPath({
    ...{ method: 'get', security, path: '/v1/reports/conversations.csv', summary: 'The same for spreadsheets' },
    request: { query: reportQuery },
    responses: { 200: { description: 'figure, of what, value', content: { 'text/csv': {} } }, ...refused },
  })
}
