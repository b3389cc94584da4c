import express, { type Router } from 'express'
import { z } from 'zod'
import { ProtocolError } from '../protocol/codec.ts'
import { type ConversationReport, summary } from '../protocol/reports.ts'
import { csvRow } from '../text/csv-cells.ts'
import { authorised } from './authenticate.ts'
import { type HttpParts, opened } from './http-parts.ts'
import { checked } from './invalid-field.ts'

const day = z.iso.date()
export const historyQuery = z.object({
  q: z.string().max(500).optional().describe('words that one message holds all of'),
  intent: z.string().max(64).optional(),
  agent: z.string().max(64).optional().describe('user name of whoever had it last'),
  reason: z.string().max(64).optional().describe('why it was handed over; none: it was not'),
  from: day.optional().describe('begun on this day (UTC) or later'),
  until: day.optional().describe('begun on this day (UTC) or earlier'),
  after: z.string().max(200).optional().describe('next of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export const historyPage = z.object({ conversations: z.array(summary), next: z.string().optional() })
export const reportQuery = z.object({ from: day, until: day })

/** Looking back: past conversations for those who work at the desk, figures for those who lead it. */
export function createHistoryApi(parts: HttpParts): Router {
  const api = express.Router({ caseSensitive: true })
  api.get('/history', async (request, response) => {
    await authorised(request, parts, 'desk:work')
    const { after, limit, ...filter } = checked(historyQuery, request.query)
    const { conversations, next } = await opened(parts).history.list(filter, limit, pointOf(after))
    response.json({ conversations, ...(next && { next: `${next.startedAt}~${next.conv}` }) })
  })
  api.get('/reports/conversations', async (request, response) => {
    await authorised(request, parts, 'desk:lead')
    response.json(await reportOf(request.query, parts))
  })
  api.get('/reports/conversations.csv', async (request, response) => {
    await authorised(request, parts, 'desk:lead')
    const report = await reportOf(request.query, parts)
    response.attachment(`conversations-${report.from}-${report.until}.csv`).type('text/csv').send(tableOf(report))
  })
  return api
}

async function reportOf(query: unknown, parts: HttpParts): Promise<ConversationReport> {
  const { from, until } = checked(reportQuery, query)
  if (until < from) throw new ProtocolError('invalid_field', 'until has to be from or later', { field: 'until' })
  return opened(parts).history.report(from, until)
}

function pointOf(after: string | undefined): { startedAt: string; conv: string } | undefined {
  if (after === undefined) return undefined
  const [, startedAt, conv] = /^([\d:.TZ-]{24})~(c_[\w-]{16,64})$/.exec(after) ?? []
  if (startedAt === undefined || conv === undefined)
    throw new ProtocolError('invalid_field', 'after has to be the next of a page', { field: 'after' })
  return { startedAt, conv }
}

/** A report for spreadsheets: figure, of what, value. */
function tableOf({ reasons, intents, from, until, ...figures }: ConversationReport): string {
  const rows: (readonly [string, string, string | number])[] = [
    ['from', '', from],
    ['until', '', until],
    ...Object.entries(figures).flatMap(([name, value]) => rowsOf(name, value)),
    ...reasons.map(({ reason, count }) => ['reason', reason, count] as const),
    ...intents.map(({ intent, count }) => ['intent', intent, count] as const),
  ]
  return [csvRow(['figure', 'of', 'value']), ...rows.map((row) => csvRow(row))].join('')
}

function rowsOf(name: string, value: number | null | object): (readonly [string, string, string | number])[] {
  if (value === null || typeof value === 'number') return [[name, '', value ?? '']]
  return Object.entries(value).map(([of, number]) => [name, of, number ?? ''] as const)
}
