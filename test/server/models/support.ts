import type { Outcome } from '../../../server/evaluation/label-figures.ts'
import { outcomeOf } from '../../../server/models/judgement.ts'
import { goldOf } from '../../../server/models/preparation.ts'
import type { Example, Judge } from '../../../server/models/service.ts'

/** What a model says of examples, beside what is true of them. */
export async function outcomesOf(
  judge: Judge,
  examples: readonly Example[],
  vectors: readonly Float32Array[],
  oosLabel?: string,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [i, example] of examples.entries()) {
    const judgement = await judge.judge(example.text, vectors[i]!)
    outcomes.push(outcomeOf(goldOf(example, oosLabel), judgement, judge.labels))
  }
  return outcomes
}
