import { CorruptError } from '../errors.ts'
import type { LedgerLine } from '../models/ledger.ts'
import type { ModelRegistry } from '../models/registry.ts'
import type { Audit } from '../storage/audit.ts'

/** Actions after which the audit log names the newest line of a ledger. */
const actions = ['models.promote', 'models.rollback', 'models.retire'] as const
export type LedgerAction = (typeof actions)[number]

const pageSize = 1_000

/** How the detail of an entry of the audit log names a ledger's newest line. */
export const placeOf = ({ n, hash }: Pick<LedgerLine, 'n' | 'hash'>): string => `ledger line ${n} sha256 ${hash}`

function placeIn(detail: string | undefined): Pick<LedgerLine, 'n' | 'hash'> | undefined {
  const [, n, hash] = /ledger line (\d+) sha256 ([0-9a-f]{64})$/.exec(detail ?? '') ?? []
  return n !== undefined && hash !== undefined ? { n: Number(n), hash } : undefined
}

/**
 * Check that each ledger still has the line that the audit log named last of it. A line holds the checksum of the one before,
 * so those before it are as they were, too; lines after it were written by a process that was killed before the log heard.
 * @throws {CorruptError} naming the service and the row of the audit log, or the line of a ledger that is damaged.
 */
export async function verifyLedgers(
  audit: Pick<Audit, 'list'>,
  registry: Pick<ModelRegistry, 'ledger'>,
): Promise<void> {
  const seen = new Set<string>()
  for (let before: number | undefined; ; ) {
    const rows = await audit.list({ actions, before }, pageSize)
    for (const { subject: service, detail, seq } of rows) {
      const place = placeIn(detail)
      if (!place || seen.has(service)) continue
      seen.add(service)
      const line = (await registry.ledger(service))[place.n - 1]
      if (line?.hash === place.hash) continue
      const what = line ? 'was altered' : 'is missing'
      throw new CorruptError(
        `the ledger of ${service} is not what was written: line ${place.n}, which row ${seq} of the audit log names, ${what}`,
      )
    }
    before = rows.at(-1)?.seq
    if (rows.length < pageSize) return
  }
}
