import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Encoder, loadEncoder } from '../../server/embedding/encoder.ts'
import type { IngestReport } from '../../server/ingestion/ingest.ts'
import { percentile } from '../../server/math/statistics.ts'
import { openDatabase } from '../../server/storage/database.ts'
import { createPassages } from '../../server/storage/passages.ts'
import { launcher, repository, userEnvironment } from '../support/demo.ts'
import { testEncoderDir } from '../support/models.ts'
import type { Report } from './report.ts'

const rounds = 3

/**
 * Tokens a second of a whole ingestion (read, chunk, embed, store, one engine) by the built program, beside a bare loop of
 * tokenizer and encoder over the very same chunks in one process, in turn.
 */
export async function benchIngestion(report: Report): Promise<void> {
  const encoder = await loadEncoder(testEncoderDir())
  const found: { whole: number; bare: number; tokens: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const dir = mkdtempSync(join(tmpdir(), 'bursar-bench-'))
    try {
      const whole = ingest(dir).tokensPerSecond
      found.push({ whole, ...(await bareLoop(encoder, await chunksIn(dir, encoder.id))) })
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }
  await encoder.close()
  const median = (of: (round: (typeof found)[number]) => number) => percentile(found.map(of), 0.5)
  report('ingestion', {
    rounds,
    engines: 1,
    tokens: found[0]!.tokens,
    tokensPerSecond: median(({ whole }) => whole),
    bareTokensPerSecond: median(({ bare }) => bare),
    ratio: median(({ whole, bare }) => whole / bare),
    limit: 0.85,
  })
}

function ingest(dir: string): IngestReport {
  const paths = ['products', 'policies', 'faqs', 'fees'].map((name) => join('corpora', name))
  const out = execFileSync(process.execPath, [launcher, 'ingest', ...paths, '--data', dir, '--json'], {
    cwd: repository,
    env: userEnvironment({ BURSAR_ENGINES: '1' }),
    encoding: 'utf8',
  })
  return JSON.parse(out)
}

async function chunksIn(dir: string, encoderId: string): Promise<string[]> {
  const db = await openDatabase({ dir, readOnly: true })
  try {
    const chunks: string[] = []
    for await (const { heading, version, start, end } of createPassages(db).live(encoderId))
      chunks.push(`${heading}\n${version.text.slice(start, end)}`)
    return chunks
  } finally {
    db.close()
  }
}

async function bareLoop(encoder: Encoder, chunks: readonly string[]) {
  const begun = performance.now()
  let tokens = 0
  for (const chunk of chunks) {
    const ids = encoder.tokenizer.encode(chunk, encoder.maxTokens)
    tokens += ids.length
    await encoder.encodeIds(ids)
  }
  return { bare: (1_000 * tokens) / (performance.now() - begun), tokens }
}
