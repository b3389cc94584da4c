import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { answerFeatures, spanFeatures } from '../../server/answers/spans.ts'
import { loadEncoder } from '../../server/embedding/encoder.ts'
import { loadAnswerable } from '../../server/models/answerable.ts'
import { intentService } from '../../server/models/intent.ts'
import { createRegistry } from '../../server/models/registry.ts'
import { sentimentService } from '../../server/models/sentiment.ts'
import { createHnswIndex } from '../../server/retrieval/hnsw-index.ts'
import { openSnapshot } from '../../server/retrieval/snapshot.ts'
import { openVectorFile } from '../../server/retrieval/vector-file.ts'
import { terms } from '../../server/text/terms.ts'
import { testEncoderDir } from '../support/models.ts'

// The bare sum: what an answer cannot do without, in one process, one step after the other, and nothing else: tokenizer,
// encoder, heads, HNSW, BM25, and two durable commits.

const dataDir = process.argv[2]!
const encoder = await loadEncoder(testEncoderDir())
const registry = createRegistry(join(dataDir, 'models'))
const head = async (service: string): Promise<string> => (await registry.champion(service))!.dir
const intent = await intentService.load(await head('intent'))
const sentiment = await sentimentService.load(await head('sentiment'))
const answerable = await loadAnswerable(await head('answerable'), 0.1)
const newest = Math.max(...readdirSync(join(dataDir, 'generations')).map(Number).filter(Number.isInteger))
const generation = join(dataDir, 'generations', String(newest))
const snapshot = openSnapshot(generation, { encoderId: encoder.id })
const graph = createHnswIndex({
  encoderId: encoder.id,
  dimension: encoder.dimension,
  capacity: snapshot.manifest.count,
})
const vectors = openVectorFile(join(generation, 'vectors.f32'), encoder.dimension)
for (let row = 0; row < snapshot.manifest.count; row++) {
  const vector = new Float32Array(encoder.dimension)
  vectors.read(row, vector)
  graph.add(row, vector)
}
vectors.close()
/** As many rows as the span chooser scores for one question: four units of sixteen passages, one best span of each. */
const spanRows = Array.from({ length: 64 }, () => new Float32Array(spanFeatures.length).fill(0.5))
const answerRows = Array.from({ length: 16 }, () => new Float32Array(answerFeatures.length).fill(0.5))

const folder = mkdtempSync(join(tmpdir(), 'bursar-bare-'))
const db = new Sqlite(join(folder, 'bare.db'))
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec('create table log (id integer primary key, content text)')
const insert = db.prepare('insert into log (content) values (?)')
const commit = db.transaction((content: string) => insert.run(content))

async function once(text: string): Promise<void> {
  const ids = encoder.tokenizer.encode(text, encoder.maxTokens)
  const vector = await encoder.encodeIds(ids)
  await intent.read(text, vector)
  await sentiment.read(text, vector)
  graph.search(vector, 10)
  snapshot.keywords.search(terms(text), 10)
  await answerable.direction(vector)
  await answerable.span(spanRows)
  await answerable.answer(answerRows)
  commit(text)
  commit(`${text} ${text}`)
}

process.on('message', async (message: { texts: string[] }) => {
  const ms: number[] = []
  const cpu = process.cpuUsage()
  for (const text of message.texts) {
    const begun = performance.now()
    await once(text)
    ms.push(performance.now() - begun)
  }
  const used = process.cpuUsage(cpu)
  process.send?.({ ms, cpuMs: (used.user + used.system) / 1_000 })
})
process.on('disconnect', () => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
process.send?.({ ready: true })
