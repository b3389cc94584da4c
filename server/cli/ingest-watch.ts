import { BursarError, messageOf } from '../errors.ts'
import type { IngestReport } from '../ingestion/ingest.ts'
import { maxNamed, type RequestOf } from '../operations/table.ts'
import type { Context, Outcome } from './command.ts'
import { openFolderWatch } from './folder-watch.ts'

/**
 * Ingest folders, and go on with what changes in them until a signal: one line a change. What cannot be ingested is told of
 * and tried again with the next change. @throws {InputError} if a folder is gone or cannot be watched.
 */
export async function ingestAndWatch(
  { perform, announce }: Context,
  request: RequestOf<'ingest'>,
  printed: (report: IngestReport) => string,
): Promise<Outcome> {
  const watch = await openFolderWatch(request.paths) // before the files are read, so that no change falls in between
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, watch.close)
  const pending = new Set<string>()
  /** What was wrong before, and is no news. */
  let wrong: ReadonlySet<string> = new Set()

  async function ingest(more: Partial<RequestOf<'ingest'>>): Promise<void> {
    const files = [...pending]
    try {
      // The operation returns the report of this very command.
      const report = (await perform('ingest', { ...request, ...more, sync: true })) as IngestReport
      pending.clear()
      const rejected = report.rejected.filter(({ reason }) => !wrong.has(reason))
      wrong = new Set(report.rejected.map(({ reason }) => reason))
      const lines = [linesOf(files, report), ...rejected.map(({ reason }) => `rejected: ${reason}`)]
      announce({ files, ...report }, files.length === 0 ? printed(report) : lines.join('\n'))
    } catch (reason) {
      const code = reason instanceof BursarError ? reason.code : 'internal'
      announce({ files, error: { code, message: messageOf(reason) } }, `not ingested: ${messageOf(reason)}`)
    }
  }

  try {
    await ingest({})
    announce({ watching: request.paths }, `watching ${request.paths.join(', ')}  (stop with Ctrl-C)`)
    for (let changed = await watch.next(); changed; changed = await watch.next()) {
      for (const file of changed) pending.add(file)
      await ingest(narrowed([...pending]))
    }
  } finally {
    watch.close()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, watch.close)
  }
  return { json: { stopped: true }, text: 'stopped' }
}

/** Only these files are read, unless there are too many, or a sidecar among them, which may decide about others. */
function narrowed(files: readonly string[]): Partial<RequestOf<'ingest'>> {
  const isNarrow = files.length <= maxNamed && !files.some((file) => /\.ya?ml(?:\.txt)?$/i.test(file))
  return isNarrow ? { only: [...files] } : {}
}

/** Files named in one line. */
const namedFiles = 3

function linesOf(files: readonly string[], report: IngestReport): string {
  const { passages, updated, removed, quarantined } = report
  const more = files.length > namedFiles ? ` and ${files.length - namedFiles} more` : ''
  const held = quarantined > 0 ? `, ${quarantined} held back` : ''
  return `${files.slice(0, namedFiles).join(', ')}${more}: ${passages} new passages, ${updated} updated, ${removed} removed${held}`
}
