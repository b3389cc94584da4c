import { groupBy } from './group-by.ts'
import type { Corpora } from './load.ts'
import { topicOfFile } from './load.ts'
import { type Finding, faultless, type Report } from './report.ts'

interface Version {
  readonly topic: string
  readonly file: string
  readonly line: number
  readonly name: string
  readonly from: string
  readonly until: string
}

/** Before and after all days, as text that compares like a day. */
const [always, forever] = ['0000-01-01', '9999-12-31']

/**
 * `from` lies before `until` (for documents and products the readers refuse anything else), and of one topic one version at a
 * time is in force: they neither overlap nor leave days without any.
 */
export function checkDates({ documents, fees }: Corpora): Report {
  const backwards: Finding[] = fees.items
    .filter(({ from = always, until = forever }) => from >= until)
    .map(({ file, line, from, until }) => ({ file, line, reason: `until ${until} is not later than from, ${from}` }))
  const versions = documents.map(({ id, file, blocks, from = always, until = forever }): Version => {
    const line = blocks[0]?.line ?? 1
    return { topic: topicOf(id, file), file, line, name: id, from, until }
  })
  const topics = groupBy(versions, ({ topic }) => topic)
  const several = [...topics.values()].filter((group) => group.length > 1)
  const findings = [...backwards, ...several.flatMap(seams)]
  return { figures: [faultless('topics in several dated versions', several.length, findings.length)], findings }
}

/** A file's name, or a row's id, without what tells its version: `-until-2026`, `-from-2026`, `-2026`, `.2026-09`. */
function topicOf(id: string, file: string): string {
  const row = /#(.+)$/.exec(id)?.[1]
  return row === undefined ? topicOfFile(file) : `${file}#${row.replace(/(?:-(?:until|from))?-\d{4}(?:-\d{2})?$/, '')}`
}

/** What is wrong between each version and the next. */
function seams(versions: readonly Version[]): Finding[] {
  const ordered = [...versions].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  return ordered.slice(1).flatMap(({ file, line, name, from }, i) => {
    const before = ordered[i]!
    if (before.until === from) return []
    const reason =
      before.until > from
        ? `${name} is in force from ${from}, when ${before.name} still is`
        : `between ${before.name} (until ${before.until}) and ${name} (from ${from}) no version is in force`
    return [{ file, line, reason }]
  })
}
