import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { percentile } from '../../server/math/statistics.ts'
import { bursar } from '../support/program.ts'
import { withServer } from './answers.ts'
import { openClient } from './chat-client.ts'
import { sentencesOf, windows } from './recall.ts'
import type { Report } from './report.ts'

const customers = 4
/** Between an answer and the next question of the same customer. */
const thinkMs = 100
const rounds = 12
/** Chat without a change, before each one. */
const quietMs = 4_000

interface Found {
  readonly passages: readonly { readonly doc: string; readonly text: string }[]
}

/**
 * A document added, changed or removed by the command line while customers ask: the time from the start of the command to its
 * end, when the change has to be found (which is looked up), and what customers wait meanwhile and in between.
 */
export async function benchLive(
  dataDir: string,
  folder: string,
  { passages, textsFile }: { passages: number; textsFile: string | undefined },
  report: Report,
): Promise<void> {
  const [texts, notices] = [join(folder, 'texts'), join(folder, 'notices')]
  for (const dir of [texts, notices]) mkdirSync(dir)
  const rows = windows(sentencesOf(textsFile), passages).map((text, id) => JSON.stringify({ id, text }))
  writeFileSync(join(texts, 'texts.jsonl'), rows.join('\n'))
  await withServer(dataDir, 2, async ({ url }, questions) => {
    const perform = (op: string, args: object) => callAdmin(adminSocket(dataDir), op, args)
    await perform('ingest', { paths: [texts], sync: false, unchecked: true })
    const waits: Record<'quiet' | 'changing', number[]> = { quiet: [], changing: [] }
    const took: Record<'add' | 'change' | 'remove', number[]> = { add: [], change: [], remove: [] }
    let phase: keyof typeof waits = 'quiet'
    const chat = startChat(url, questions, (ms) => waits[phase].push(ms))
    for (let round = 0; round < rounds; round++) {
      phase = 'quiet'
      await sleep(quietMs)
      phase = 'changing'
      const kind = (['add', 'change', 'remove'] as const)[round % 3]!
      took[kind].push(await change(kind, round, { dataDir, notices, perform }))
    }
    await chat.stop()
    const p99 = { quiet: percentile(waits.quiet, 0.99), changing: percentile(waits.changing, 0.99) }
    report('live changes', {
      passages,
      changes: rounds,
      ...Object.fromEntries(Object.entries(took).map(([kind, ms]) => [`${kind}Ms`, percentile(ms, 0.5)])),
      slowestMs: Math.max(...Object.values(took).flat()),
      limitMs: 3_000,
    })
    report('chat during changes', {
      answers: waits.quiet.length + waits.changing.length,
      quietP50Ms: percentile(waits.quiet, 0.5),
      changingP50Ms: percentile(waits.changing, 0.5),
      quietP99Ms: p99.quiet,
      changingP99Ms: p99.changing,
      ratioP99: p99.changing / p99.quiet,
      limit: 1.5,
    })
  })
}

interface Place {
  readonly dataDir: string
  readonly notices: string
  readonly perform: (op: string, args: object) => Promise<unknown>
}

/** @returns ms. @throws if the change is not found when the command has ended. */
async function change(kind: string, round: number, { dataDir, notices, perform }: Place): Promise<number> {
  const text = `The marching band of branch ${round} plays in the hall.`
  if (kind !== 'remove') writeFileSync(join(notices, 'band.md'), `# Marching band\n\n${text}\n`)
  const order = kind === 'remove' ? ['documents', 'remove', 'notices/band.md'] : ['ingest', notices]
  const begun = performance.now()
  const { code, stderr } = await bursar([...order, '--data', dataDir])
  const ms = performance.now() - begun
  if (code !== 0) throw new Error(stderr)
  const asked = { text: 'marching band in the hall', k: 10, mode: 'hybrid', role: 'customer' }
  const { passages } = (await perform('search', asked)) as Found
  const now = passages.filter(({ doc }) => doc === 'notices/band.md').map((found) => found.text)
  const expected = kind === 'remove' ? [] : [text]
  if (JSON.stringify(now) !== JSON.stringify(expected)) throw new Error(`found ${now} instead of ${expected}`)
  return ms
}

/** Customers who each ask, read and ask again. */
function startChat(url: string, texts: readonly string[], onAnswer: (ms: number) => void) {
  let [isDone, next] = [false, 0]
  const customer = async (): Promise<void> => {
    const client = await openClient(url)
    while (!isDone) {
      const begun = performance.now()
      await client.reply(texts[next++ % texts.length]!)
      onAnswer(performance.now() - begun)
      await sleep(thinkMs)
    }
    client.close()
  }
  const all = Promise.all(Array.from({ length: customers }, customer))
  return {
    async stop() {
      isDone = true
      await all
    },
  }
}
