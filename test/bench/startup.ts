import { percentile } from '../../server/math/statistics.ts'
import { startServer } from '../support/demo.ts'
import { openClient } from './chat-client.ts'
import type { Report } from './report.ts'

const runs = 7

/** From spawning the program to the first correct answer, and to the printed address. */
export async function benchStartup(dataDir: string, report: Report): Promise<void> {
  const [ready, answered]: [number[], number[]] = [[], []]
  for (let i = 0; i < runs; i++) {
    const begun = performance.now()
    const server = await startServer(dataDir, { env: { BURSAR_ENGINES: '2' } })
    ready.push(performance.now() - begun)
    const client = await openClient(server.url)
    const answer = await client.ask('What does it cost to pay by card abroad?')
    if (!answer.includes('2.75')) throw new Error(`the first answer was not the right one: ${answer}`)
    answered.push(performance.now() - begun)
    client.close()
    await server.stop()
  }
  report('start', {
    runs,
    readyP50Ms: percentile(ready, 0.5),
    firstAnswerP50Ms: percentile(answered, 0.5),
    limitMs: 1_200,
  })
}
