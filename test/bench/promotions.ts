import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { percentile } from '../../server/math/statistics.ts'
import { registerTwin } from '../support/twin.ts'
import { withServer } from './answers.ts'
import { openClient } from './chat-client.ts'
import { pssMiB, treeOf } from './proc.ts'
import type { Report } from './report.ts'

const promotions = 100
/** Promotions after which memory is looked at first: until then caches fill. */
const settled = 20

/**
 * Two versions of one service made live in turn, a hundred times, while a customer asks without a pause: requests that failed,
 * and the memory of the server with its engines early and late.
 */
export async function benchPromotions(dataDir: string, report: Report): Promise<void> {
  const versions = await registerTwin(dataDir, 'sentiment')
  await withServer(dataDir, 1, async ({ url, process: { pid = 0 } }, questions) => {
    let [isDone, answers, failed] = [false, 0, 0]
    let [answered, tellAnswered] = turn()
    const asking = (async () => {
      const client = await openClient(url)
      while (!isDone) {
        const isAnswered = await client.reply(questions[answers % questions.length]!).then(
          () => true,
          () => false,
        )
        answers++
        if (!isAnswered) failed++
        tellAnswered()
        ;[answered, tellAnswered] = turn()
      }
      client.close()
    })()
    const [took, memory]: [number[], number[]] = [[], []]
    const usual = treeOf(pid).length
    for (let i = 0; i < promotions; i++) {
      const begun = performance.now()
      const version = versions[(i + 1) % 2]!
      const request = { service: 'sentiment', version, reason: 'bench', replay: 0, force: false, dryRun: false }
      await callAdmin(adminSocket(dataDir), 'models.promote', request)
      took.push(performance.now() - begun)
      while (treeOf(pid).length > usual) await answered // the old engines have not ended yet
      memory.push(pssMiB(treeOf(pid)))
    }
    isDone = true
    await asking
    const middle = (values: readonly number[]) => percentile(values, 0.5)
    report('promotions', {
      ...{ promotions, answers, failed, p50Ms: middle(took), slowestMs: Math.max(...took) },
      earlyMiB: middle(memory.slice(settled, settled + 20)),
      lateMiB: middle(memory.slice(-20)),
    })
  })
}

/** Something that happens, and how it is told. */
function turn(): readonly [Promise<void>, () => void] {
  let tell = (): void => undefined
  const happens = new Promise<void>((resolve) => {
    tell = resolve
  })
  return [happens, tell]
}
