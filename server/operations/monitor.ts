import { basename } from 'node:path'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import type { Generation } from '../engine/messages.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { failureFigures, readingFigures } from '../models/monitor/reading-figures.ts'
import { referenceDays } from '../models/monitor/status.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { ModelFigures } from '../storage/model-figures.ts'
import type { Receipts } from '../storage/receipts.ts'
import { addDays } from '../text/calendar.ts'

/** Days for which figures are kept. */
const keptDays = 90

interface MonitorParts {
  readonly units: UnitOfWork
  readonly figures: ModelFigures
  readonly receipts: Receipts
  /** Wall clock. */
  readonly now: () => Date
  readonly logger: Logger
}

/** Counts what the live models say: no text, and nothing that tells one message from another. */
export function createMonitor({ units, figures, receipts, now, logger }: MonitorParts) {
  /** A reading that failed has no answer to be counted with. That it is not counted either harms nobody. */
  function failed({ heads }: Generation): void {
    if (!heads) return
    const version = (dir: string): number => Number(basename(dir))
    const versions = {
      ...{ intent: version(heads.intent), sentiment: version(heads.sentiment) },
      answerable: version(heads.answerable),
    }
    units
      .run((tx) => figures.add(tx, now().toISOString(), failureFigures(versions)))
      .catch((reason: unknown) => logger.warn({ reason: messageOf(reason) }, 'a failed reading was not counted'))
  }

  return {
    /** File the receipt of an answer, and count what it says of the models, in the unit of that answer. */
    add: async (...[tx, place, receipt, gap]: Parameters<Receipts['add']>): Promise<void> => {
      await receipts.add(tx, place, receipt, gap)
      if (receipt.how === 'read') await figures.add(tx, place.at, readingFigures(receipt, gap !== undefined))
    },

    /** As `ask`, with failures counted. @param generation in force. */
    watched:
      (ask: (job: AskJob) => Promise<AskResult>, generation: () => Generation) =>
      async (job: AskJob): Promise<AskResult> => {
        try {
          return await ask(job)
        } catch (reason) {
          failed(generation())
          throw reason
        }
      },

    /** Drop figures that are old. */
    async tidy(): Promise<void> {
      const before = addDays(now().toISOString().slice(0, 10), -keptDays)
      await units.run((tx) => figures.prune(tx, before, referenceDays))
    },
  }
}
