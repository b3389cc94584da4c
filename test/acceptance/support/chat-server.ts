import { copyDemo, type RunningServer, startServer } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'

/** The built server on a copy of the demo bank, without limits on rate: the checks send thousands of messages. */
export async function startChatServer(): Promise<RunningServer & { readonly dataDir: string }> {
  const dataDir = copyDemo(temporaryFolder())
  const noLimits = { BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0' }
  // Whatever is found is quoted, however unsure, so that hostile text comes through every door.
  const server = await startServer(dataDir, { env: { ...noLimits, BURSAR_TOLERATED_ERROR: '1' } })
  return { ...server, dataDir }
}

/** Work on items side by side, at most `lanes` at once. @throws what the first failure threw. */
export async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await work(items[i]!)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
