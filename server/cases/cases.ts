import { messageOf, NotFoundError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { DurableEvent } from '../protocol/events.ts'
import type { Audit } from '../storage/audit.ts'
import type { CaseFilter, Cases, StoredCase } from '../storage/cases.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { IsoDate, NewEvent, Tx } from '../storage/types.ts'

export interface CaseDeskParts {
  readonly units: UnitOfWork
  readonly cases: Cases
  readonly conversations: Pick<Conversations, 'append'>
  readonly audit: Pick<Audit, 'append' | 'list'>
  /** Tell whoever is connected to the conversation; called after the commit. */
  readonly publish: (conv: string, events: readonly DurableEvent[]) => void
  readonly today: () => IsoDate
  readonly now: () => Date
  readonly logger: Logger
}

/** Who closes a case, and why. */
export interface Closing {
  readonly actor: string
  readonly reason: string
}

const mostListed = 1_000
const mostHistory = 100

/** What people do with cases, and what time does: only a person closes one, and what is nearly due is escalated. */
export function createCaseDesk({ units, cases, conversations, audit, publish, today, now, logger }: CaseDeskParts) {
  async function found(id: string): Promise<StoredCase> {
    const one = await cases.find(id)
    if (!one) throw new NotFoundError(`there is no case ${id}`)
    return one
  }

  /** Change a case and tell its conversation, if it was in one of those states. @returns whether it was. */
  async function change(
    { id, conv, due }: StoredCase,
    from: Parameters<Cases['change']>[2],
    to: Parameters<Cases['change']>[3],
    also: (tx: Tx) => Promise<void>,
  ): Promise<boolean> {
    const event: NewEvent = { t: 'case.updated', d: { case: id, status: to.status, due } }
    const events = await units.run(async (tx) => {
      if (!(await cases.change(tx, id, from, to))) return []
      await also(tx)
      return conversations.append(tx, conv, [event], now().toISOString())
    })
    publish(conv, events)
    return events.length > 0
  }

  return {
    /** What is due soonest first; without a status all that are not closed. */
    list: (filter: CaseFilter): Promise<StoredCase[]> => cases.list(filter, mostListed),

    /** A case with the messages that tell of it and what people did to it. @throws {NotFoundError} */
    async show(id: string) {
      const one = await found(id)
      const rows = await audit.list({ subject: id }, mostHistory)
      const history = rows.map(({ at, actor, action, reason }) => ({
        at,
        actor,
        action,
        ...(reason !== undefined && { reason }),
      }))
      return { ...one, evidence: await cases.evidence(id), history }
    },

    /** @throws {NotFoundError} if there is no such case, or it is closed already. */
    async close(id: string, { actor, reason }: Closing): Promise<void> {
      const one = await found(id)
      const at = now().toISOString()
      const to = { status: 'closed', closedAt: at, closedBy: actor, reason } as const
      const isClosed = await change(one, ['open', 'escalated'], to, (tx) =>
        audit.append(tx, [{ actor, reason, action: 'cases.close', subject: id, detail: `${one.type} ${one.ref}` }], at),
      )
      if (!isClosed) throw new NotFoundError(`case ${id} is closed already`)
    },

    /** Escalate what is due soon and nobody has settled. @returns how many. */
    async watch(): Promise<number> {
      let count = 0
      for (const one of await cases.late(today())) {
        const { id, type, ref, due } = one
        try {
          if (!(await change(one, ['open'], { status: 'escalated' }, async () => undefined))) continue
          count++
          logger.warn({ event: 'case.escalated', case: id, type, ref, due }, 'a case is due soon and still open')
        } catch (reason) {
          logger.error({ case: id, reason: messageOf(reason) }, 'a case was not escalated') // the others are
        }
      }
      return count
    },
  }
}
