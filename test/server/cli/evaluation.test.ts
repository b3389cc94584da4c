import { expect, it } from 'vitest'
import { evalAnswersCommand } from '../../../server/cli/evaluation.ts'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'

const context = {
  ...{ config: readConfig({}), logger: createLogger('silent'), progress: () => undefined, announce: () => undefined },
  perform: () => Promise.reject(new Error('nothing is to be done')),
}
const evaluate = (options: Record<string, string>) =>
  evalAnswersCommand.run(context, [], { questions: 'questions.jsonl', ...options })

it('eval answers takes a tolerated error for a corpus of its own alone, as a share', async () => {
  await expect(evaluate({ toleratedError: '0.3' })).rejects.toThrow('--tolerated-error needs --corpus')
  for (const toleratedError of ['1.5', '-1', '', 'much'])
    await expect(evaluate({ corpus: 'corpus.jsonl', toleratedError })).rejects.toThrow(
      `--tolerated-error has to be a number from 0 to 1, not "${toleratedError}"`,
    )
})
