import type { CaseTerms } from '../cases/rules.ts'
import type { Cases } from '../storage/cases.ts'
import type { IsoDate, NewEvent, Tx } from '../storage/types.ts'
import type { Right } from '../text/rights-kinds.ts'

export interface CaseNoteParts {
  readonly cases: Cases
  readonly termsOf: (type: Right, day: IsoDate) => CaseTerms
  readonly today: () => IsoDate
}

/** Writes the cases that a turn opens, in the turn's own unit. */
export function createCaseNotes({ cases, termsOf, today }: CaseNoteParts) {
  return {
    /** Open the cases that the events tell of. @returns the events without those of a right that is a case already. */
    async open(tx: Tx, conv: string, events: readonly NewEvent[], at: string): Promise<NewEvent[]> {
      const told: NewEvent[] = []
      for (const event of events) {
        if (!isOpened(event)) told.push(event)
        else {
          const { case: id, type, ref } = event.d
          const terms = termsOf(type, today())
          const due = event.d.due ?? terms.due // the day that the answer tells, should midnight have passed
          const opened: NewEvent<'case.opened'> = { t: 'case.opened', d: { ...event.d, due } }
          if (await cases.open(tx, { id, conv, type, ref, openedAt: at, ...terms, due })) told.push(opened)
        }
      }
      return told
    },

    /** The messages that tell of these rights, beside the cases. */
    async notice(tx: Tx, conv: string, rights: readonly Right[], mids: readonly string[], at: string): Promise<void> {
      for (const right of rights) await cases.notice(tx, conv, right, mids, at)
    },
  }
}

const isOpened = (event: NewEvent): event is NewEvent<'case.opened'> => event.t === 'case.opened'
