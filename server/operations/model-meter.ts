import { RateLimitedError } from '../errors.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { ModelUsages } from '../storage/model-usage.ts'

/** Who asks, and how much they may. */
export interface Asker {
  /** As the audit log names them. */
  readonly actor: string
  /** Most texts in a day (UTC). */
  readonly textsPerDay?: number
}

interface MeterParts {
  readonly units: UnitOfWork
  readonly usage: ModelUsages
  /** Wall clock. */
  readonly now: () => Date
}

const dayMs = 86_400_000

/**
 * Counts what is asked of models, by asker, day and model, in the store; and holds askers to their bound. This process alone
 * owns the store, so the sums of the day are kept here once they were read, for askers that have a bound.
 */
export function createModelMeter({ units, usage, now }: MeterParts) {
  const taken = new Map<string, { readonly day: string; texts: number }>()

  /** The day's sum of an asker, with what is under way. */
  async function sumOf(actor: string, day: string): Promise<{ texts: number }> {
    const known = () => {
      const sum = taken.get(actor)
      return sum?.day === day ? sum : undefined
    }
    const texts = known()?.texts ?? (await usage.textsOf(actor, day))
    const sum = known() ?? { day, texts } // another request may have read it meanwhile, and added to it
    taken.set(actor, sum)
    return sum
  }

  return {
    /**
     * Do the work and count it, if it succeeds; it is counted when this resolves.
     * @throws {RateLimitedError} if the asker has not as many texts left today.
     */
    async metered<T extends { readonly computeMs: number }>(
      { actor, textsPerDay }: Asker,
      { model, texts }: { readonly model: string; readonly texts: number },
      work: () => Promise<T>,
    ): Promise<T> {
      const at = now()
      const day = at.toISOString().slice(0, 10)
      const sum = textsPerDay === undefined ? undefined : await sumOf(actor, day)
      if (sum && sum.texts + texts > (textsPerDay ?? 0))
        throw new RateLimitedError(dayMs - (at.getTime() % dayMs), `the key may send ${textsPerDay} texts a day (UTC)`)
      if (sum) sum.texts += texts
      try {
        const done = await work()
        await units.run((tx) => usage.add(tx, { actor, day, model, requests: 1, texts, computeMs: done.computeMs }))
        return done
      } catch (reason) {
        if (sum) sum.texts -= texts
        throw reason
      }
    },
  }
}
export type ModelMeter = ReturnType<typeof createModelMeter>
