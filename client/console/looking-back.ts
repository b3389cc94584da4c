import { type PastFilter, readPast, readReport } from './past.ts'
import type { ConsoleState, Page } from './state.ts'

/** Days that a report is of at first. */
const reportedDays = 30
const dayMs = 86_400_000

/** The pages beside the chats. @param attempt does what may be refused, and shows the refusal. */
export function createLookingBack(
  server: string,
  stateNow: () => ConsoleState,
  set: (change: Partial<ConsoleState>) => void,
  attempt: (work: Promise<unknown>) => Promise<boolean>,
) {
  async function lookBack(pastFilter: PastFilter): Promise<void> {
    set({ pastFilter })
    await attempt(readPast(server, pastFilter).then((past) => set({ past })))
  }
  async function morePast(): Promise<void> {
    const { past, pastFilter } = stateNow()
    if (past?.next === undefined) return
    await attempt(
      readPast(server, pastFilter, past.next).then((more) => {
        if (stateNow().past === past)
          set({ past: { ...more, conversations: [...past.conversations, ...more.conversations] } })
      }),
    )
  }
  async function report(from: string, until: string): Promise<void> {
    set({ reportDays: { from, until } })
    await attempt(readReport(server, from, until).then((found) => set({ report: found })))
  }

  function turnTo(page: Page): void {
    set({ page, problem: undefined })
    if (page === 'past') void lookBack(stateNow().pastFilter)
    if (page !== 'report') return
    const { from, until } = stateNow().reportDays
    const day = (ago: number): string => new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10)
    void report(from || day(reportedDays - 1), until || day(0))
  }

  return { turnTo, lookBack, morePast, report }
}
