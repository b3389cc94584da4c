import { crash } from '../fault/crashes.ts'
import type { Fault } from '../fault/ledger.ts'
import type { Report } from './report.ts'

/** After so many kills the conversations are compared with the ledger, and new ones begin. */
const killsPerBatch = 20
/** Most acks before a kill: each life of the server is short, so that kills meet starts, answers and idle moments alike. */
const perKill = 400

/** Kill the built server under load until so many messages are acknowledged, and count what was not kept. */
export async function benchCrashes(dataDir: string, messages: number, report: Report): Promise<void> {
  let [acked, kills] = [0, 0]
  const faults: Fault[] = []
  for (let seed = 1; acked < messages; seed++) {
    const batch = await crash(dataDir, { kills: killsPerBatch, perKill, seed })
    acked += batch.acked
    kills += batch.kills
    faults.push(...batch.faults)
    report('crashes', { acked, wanted: messages, kills, ...counted(faults) })
  }
  for (const { kind, text } of faults) console.error(`${kind}: ${text}`)
}

function counted(faults: readonly Fault[]): Record<string, number> {
  const of = (kind: Fault['kind']): number => faults.filter((fault) => fault.kind === kind).length
  return {
    lost: of('lost'),
    duplicated: of('duplicated'),
    changed: of('changed'),
    reordered: of('reordered'),
    unanswered: of('unanswered'),
    answeredAgain: of('answered again'),
  }
}
