import { setImmediate } from 'node:timers/promises'
import { intentSaid, type Said, sentimentSaid } from '../models/monitor/reading-figures.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { LateLabel, LateLabels } from '../storage/late-labels.ts'
import type { Receipts } from '../storage/receipts.ts'
import { slices } from '../storage/rows.ts'

/** Services whose labels people can tell afterwards. */
export const labelledServices = ['intent', 'sentiment'] as const
export type LabelledService = (typeof labelledServices)[number]

/** A label that came later, by the id of the answer. */
export interface ToldLabel {
  readonly id: string
  readonly label: string
}

/** Ids that something holds of: how many, and the first of them. */
export interface Named {
  readonly count: number
  readonly ids: readonly string[]
}

/** What became of labels. */
export interface StoredLabels {
  /** New ones, and those that were there already in the same words. */
  readonly added: number
  readonly unchanged: number
  /** Another label was there before, or stands further up in the same file. */
  readonly replaced: Named
  /** No answer of that id was read by the service. */
  readonly unknown: Named
}

interface LabelParts {
  readonly receipts: Pick<Receipts, 'findAll'>
  readonly lateLabels: LateLabels
  readonly units: UnitOfWork
}

/** Ids and labels named of a kind. */
export const mostNamed = 10
/** Receipts read at a time; chats come in between. */
const batch = 100

const named = (ids: readonly string[]): Named => ({ count: ids.length, ids: ids.slice(0, mostNamed) })

/** Join labels to what the service said of their messages, and keep them: all of them in one unit, or none. */
export async function storeLabels(
  { receipts, lateLabels, units }: LabelParts,
  service: LabelledService,
  told: readonly ToldLabel[],
): Promise<StoredLabels> {
  const wanted = new Map<string, string>()
  const replaced = new Set<string>()
  for (const { id, label } of told) {
    if ((wanted.get(id) ?? label) !== label) replaced.add(id)
    wanted.set(id, label)
  }
  const ids = [...wanted.keys()]
  const found = await predictionsOf(receipts, service, ids)
  const known = await lateLabels.of(service, ids)
  for (const [id, label] of known) if (label !== wanted.get(id)) replaced.add(id)
  const joined = ids.flatMap((id) => {
    const said = found.get(id)
    return said ? [{ ...said, label: wanted.get(id)! }] : []
  })
  const changed = joined.filter(({ mid, label }) => known.get(mid) !== label)
  await units.run((tx) => lateLabels.save(tx, changed))
  return {
    added: changed.filter(({ mid }) => !known.has(mid)).length,
    unchanged: joined.length - changed.length,
    replaced: named([...replaced].filter((id) => found.has(id))),
    unknown: named(ids.filter((id) => !found.has(id))),
  }
}

async function predictionsOf(
  receipts: LabelParts['receipts'],
  service: LabelledService,
  ids: readonly string[],
): Promise<Map<string, Omit<LateLabel, 'label'>>> {
  const saidOf = service === 'intent' ? intentSaid : sentimentSaid
  const found = new Map<string, Omit<LateLabel, 'label'>>()
  for (const slice of slices(ids, batch)) {
    for (const { mid, conv, at, receipt } of await receipts.findAll(slice)) {
      const said: Said | undefined = receipt.how === 'read' ? saidOf(receipt) : undefined
      if (!said) continue
      const { version, top, confidence, abstained } = said
      found.set(mid, { service, mid, conv, at, version, top, confidence, abstained })
    }
    await setImmediate()
  }
  return found
}
