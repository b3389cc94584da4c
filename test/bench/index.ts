import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { copyDemo } from '../support/demo.ts'
import { setup } from '../support/global-setup.ts'
import { benchFlood, benchSlow } from './abuse.ts'
import { benchCpu, benchLatency, benchThroughput } from './answers.ts'
import { benchCrashes } from './crashes.ts'
import { benchHerd, benchIdle } from './crowd.ts'
import { benchDesk, benchHistory } from './desk.ts'
import { benchIngestion } from './ingestion.ts'
import { benchLive } from './live.ts'
import { benchPeer } from './peer.ts'
import { benchPromotions } from './promotions.ts'
import { benchRecall } from './recall.ts'
import { createReport } from './report.ts'
import { benchSequence } from './sequence.ts'
import { benchStartup } from './startup.ts'

// npm run bench [-- --only latency,cpu,… --sizes 1000,10000 --passages 20000 --texts FILE --peer]
// Only by name: idle, herd, slow, flood, desk [--rounds 200], history, and crashes [--messages 100000], which takes long

const parts = [
  'latency',
  'cpu',
  'throughput',
  'start',
  'ingestion',
  'live',
  'promotions',
  'recall',
  'sequence',
] as const
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: parts.join(',') },
    sizes: { type: 'string', default: '1000,10000' },
    rounds: { type: 'string', default: '200' },
    messages: { type: 'string', default: '100000' },
    passages: { type: 'string', default: '20000' },
    texts: { type: 'string' },
    peer: { type: 'boolean', default: false },
  },
})
const wanted = new Set(values.only.split(','))
const { report, table } = createReport()

await setup()
const folder = mkdtempSync(join(tmpdir(), 'bursar-bench-'))
try {
  const dataDir = copyDemo(folder)
  report('settings', {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    caches: 'off',
    rateLimits: 'off',
    intraOpThreads: 1,
  })
  if (wanted.has('latency')) await benchLatency(dataDir, report)
  if (wanted.has('cpu')) await benchCpu(dataDir, report)
  if (wanted.has('throughput')) await benchThroughput(dataDir, report)
  if (wanted.has('start')) await benchStartup(dataDir, report)
  if (wanted.has('ingestion')) await benchIngestion(report)
  if (wanted.has('live'))
    await benchLive(dataDir, folder, { passages: Number(values.passages), textsFile: values.texts }, report)
  if (wanted.has('promotions')) await benchPromotions(dataDir, report)
  if (wanted.has('recall')) await benchRecall(values.sizes.split(',').map(Number), values.texts, report)
  if (wanted.has('sequence')) await benchSequence(report)
  if (wanted.has('idle')) await benchIdle(dataDir, report)
  if (wanted.has('herd')) await benchHerd(dataDir, report)
  if (wanted.has('slow')) await benchSlow(dataDir, report)
  if (wanted.has('flood')) await benchFlood(dataDir, report)
  if (wanted.has('crashes')) await benchCrashes(dataDir, Number(values.messages), report)
  if (wanted.has('desk')) {
    const sizes = { passages: Number(values.passages), rounds: Number(values.rounds) }
    await benchDesk(dataDir, folder, sizes, report)
  }
  if (wanted.has('history')) await benchHistory(folder, 100_000, report)
  if (values.peer) await benchPeer(dataDir, report)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`\n${table()}`)
