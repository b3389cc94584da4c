import { NotFoundError } from '../errors.ts'
import type { Audit } from '../storage/audit.ts'
import type { CitingAnswer, createCited } from '../storage/cited.ts'
import type { Documents } from '../storage/documents.ts'
import type { IsoDate, VersionSummary } from '../storage/types.ts'

/** What has become of a version: `ended` is one whose last day is over and that nothing has replaced. */
export type VersionState = 'current' | 'superseded' | 'removed' | 'ended' | 'draft'

export interface Impact {
  readonly doc: string
  readonly ver: number
  readonly title: string
  readonly from?: IsoDate
  readonly until?: IsoDate
  readonly state: VersionState
  /** When it came to that: ISO time in UTC, or the day for a version that has ended. */
  readonly since?: string
  /** The version that replaced it. */
  readonly by?: number
  readonly conversations: number
  readonly answers: number
  /** The first of the answers that quote it, conversation by conversation; all of them unless `limit` was less. */
  readonly told: readonly CitingAnswer[]
}

export interface ImpactParts {
  readonly documents: Pick<Documents, 'history' | 'current'>
  readonly audit: Pick<Audit, 'list'>
  readonly cited: ReturnType<typeof createCited>
  readonly today: () => IsoDate
}

/** Rows of a document's log that are looked through. */
const auditRows = 1_000

/**
 * Who was told a version of a document, and what has become of it.
 * @param limit answers listed at most; all are counted. @throws {NotFoundError} if there is no such version.
 */
export async function findImpact(
  parts: ImpactParts,
  { doc, ver, limit }: { doc: string; ver: number; limit: number },
): Promise<Impact> {
  const versions = await parts.documents.history(doc)
  const version = versions.find((one) => one.ver === ver)
  if (!version) throw new NotFoundError(`there is no document ${doc}@${ver}: bursar documents history ${doc}`)
  const { title, from, until } = version
  const told: CitingAnswer[] = []
  const counted = await parts.cited.count(doc, ver)
  if (limit > 0) {
    for await (const answer of parts.cited.answers(doc, ver)) if (told.push(answer) === limit) break
  }
  return {
    ...{ doc, ver, title, ...(from && { from }), ...(until && { until }) },
    ...(await fateOf(parts, version, versions)),
    ...counted,
    told,
  }
}

type Fate = Pick<Impact, 'state' | 'since' | 'by'>

async function fateOf(
  { documents, audit, today }: ImpactParts,
  version: VersionSummary,
  versions: readonly VersionSummary[],
): Promise<Fate> {
  const { until } = version
  if (version.draftBy !== undefined) return { state: 'draft' }
  if ((await documents.current(version.doc))?.ver === version.ver)
    return until !== undefined && until <= today() ? { state: 'ended', since: until } : { state: 'current' }
  const next = versions.find(({ ver, draftBy }) => ver > version.ver && draftBy === undefined)
  const log = await audit.list({ subject: version.doc }, auditRows)
  if (next) {
    // A draft counts from when it was published, which the log alone knows.
    const published = log.find(
      ({ action, detail }) => action === 'documents.publish' && detail?.startsWith(`version ${next.ver} `),
    )
    return { state: 'superseded', since: published?.at ?? next.at, by: next.ver }
  }
  const removed = log.find(({ action }) => action === 'documents.remove')
  return { state: 'removed', ...(removed && { since: removed.at }) }
}
