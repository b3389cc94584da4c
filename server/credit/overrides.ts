import { NotFoundError } from '../errors.ts'
import { ProtocolError } from '../protocol/codec.ts'
import type { Audit } from '../storage/audit.ts'
import type { CreditDecisions, DecisionFilter, Override, StoredDecision } from '../storage/credit-decisions.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { Decision } from './decision.ts'

export interface CreditDeskParts {
  readonly units: UnitOfWork
  readonly creditDecisions: CreditDecisions
  readonly audit: Pick<Audit, 'append' | 'list'>
  readonly now: () => Date
}

/** Who does something, and why. */
export interface Word {
  readonly actor: string
  readonly reason: string
}

export type CreditOutcome = Decision['decision']

const [mostListed, mostHistory] = [1_000, 100]

/** What people do with stored decisions: look at them, and decide otherwise, two of them together. */
export function createCreditDesk({ units, creditDecisions, audit, now }: CreditDeskParts) {
  async function found(id: string): Promise<StoredDecision> {
    const one = await creditDecisions.find(id)
    if (!one) throw new NotFoundError(`there is no stored decision ${id}`)
    return one
  }

  async function shown(one: StoredDecision) {
    const { id, ref, at, by, version, approve } = one
    const overrides = await creditDecisions.overrides(id)
    const decided = decisionIn(one)
    return {
      ...{ id, at, by, version, approve, ...(ref !== undefined && { ref }) },
      ...{ row: JSON.parse(one.row) as Record<string, unknown>, decided, overrides },
      outcome: outcomeOf(decided, overrides),
    }
  }

  return {
    find: found,

    /** Newest first. */
    list: async (filter: DecisionFilter) => Promise.all((await creditDecisions.list(filter, mostListed)).map(shown)),

    /** A decision, what people decided instead, and what the audit log has of it. @throws {NotFoundError} */
    async show(id: string) {
      const rows = await audit.list({ subject: id }, mostHistory)
      const history = rows.map(({ at, actor, action, reason }) => ({
        at,
        actor,
        action,
        ...(reason !== undefined && { reason }),
      }))
      return { ...(await shown(await found(id))), history }
    },

    /**
     * Propose another outcome; nothing is changed before a second person confirms it.
     * @throws {NotFoundError}; {ProtocolError} if that is the outcome already.
     */
    async propose(id: string, to: CreditOutcome, { actor, reason }: Word): Promise<void> {
      const { decided, overrides } = await shown(await found(id))
      if (outcomeOf(decided, overrides) === to)
        throw new ProtocolError('invalid_field', `the outcome of ${id} is ${to} already`, { field: 'to' })
      const at = now().toISOString()
      await units.run(async (tx) => {
        await creditDecisions.propose(tx, id, { to, at, by: actor, reason })
        await audit.append(tx, [{ actor, reason, action: 'credit.override', subject: id, detail: `to ${to}` }], at)
      })
    },

    /** Carry out what somebody else has proposed. @throws {NotFoundError} if nothing waits; {ProtocolError} for one's own proposal. */
    async confirm(id: string, { actor, reason }: Word): Promise<{ readonly outcome: CreditOutcome }> {
      await found(id)
      const waiting = (await creditDecisions.overrides(id)).find(({ confirmedAt }) => confirmedAt === undefined)
      const nothing = new NotFoundError(`nothing is proposed for ${id}`)
      if (!waiting) throw nothing
      if (waiting.by === actor)
        throw new ProtocolError('forbidden', `this was proposed by you: somebody else has to confirm it for ${id}`)
      const at = now().toISOString()
      const confirmed = { confirmedAt: at, confirmedBy: actor, confirmedReason: reason }
      await units.run(async (tx) => {
        if (!(await creditDecisions.confirm(tx, id, waiting, confirmed))) throw nothing
        const detail = `to ${waiting.to}, proposed by ${waiting.by}`
        await audit.append(tx, [{ actor, reason, action: 'credit.confirm', subject: id, detail }], at)
      })
      return { outcome: waiting.to }
    },
  }
}
export type CreditDesk = ReturnType<typeof createCreditDesk>

// It was written by the decider.
const decisionIn = ({ decided }: StoredDecision): Decision => JSON.parse(decided) as Decision

/** The model's decision, unless two people have decided otherwise since. */
const outcomeOf = ({ decision }: Decision, overrides: readonly Override[]): CreditOutcome =>
  overrides.findLast(({ confirmedAt }) => confirmedAt !== undefined)?.to ?? decision
