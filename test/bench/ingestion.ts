import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../server/config.ts'
import { loadEncoder } from '../../server/embedding/encoder.ts'
import type { IngestReport } from '../../server/ingestion/ingest.ts'
import { createLogger } from '../../server/logger.ts'
import { compose } from '../../server/main.ts'
import { repository } from '../support/demo.ts'
import { testEncoderDir } from '../support/models.ts'
import type { Report } from './report.ts'

const rounds = 3

/**
 * Tokens a second of a whole ingestion (read, chunk, embed, store, one engine) beside a bare loop of tokenizer and encoder
 * over the very same chunks in one process, in turn.
 */
export async function benchIngestion(report: Report): Promise<void> {
  const encoder = await loadEncoder(testEncoderDir())
  const ratios: number[] = []
  let last = { whole: 0, bare: 0, tokens: 0 }
  for (let round = 0; round < rounds; round++) {
    const dir = mkdtempSync(join(tmpdir(), 'bursar-bench-'))
    const config = { ...readConfig(process.env, { dataDir: dir }), engines: 1 }
    const composition = await compose(config, createLogger('silent'))
    const paths = ['products', 'policies', 'faqs', 'fees'].map((name) => join(repository, 'corpora', name))
    const done = (await composition.run('ingest', { paths, sync: false }, () => undefined)) as IngestReport
    const chunks: string[] = []
    for await (const { heading, version, start, end } of composition.house.store.passages.live(encoder.id)) {
      chunks.push(`${heading}\n${version.text.slice(start, end)}`)
    }
    await composition.close()
    rmSync(dir, { recursive: true, force: true })
    const begun = performance.now()
    let tokens = 0
    for (const chunk of chunks) {
      const ids = encoder.tokenizer.encode(chunk, encoder.maxTokens)
      tokens += ids.length
      await encoder.encodeIds(ids)
    }
    const bare = (1_000 * tokens) / (performance.now() - begun)
    ratios.push(done.tokensPerSecond / bare)
    last = { whole: done.tokensPerSecond, bare, tokens }
  }
  const ratio = [...ratios].sort((a, b) => a - b)[Math.floor(rounds / 2)]!
  report('ingestion', {
    rounds,
    engines: 1,
    tokens: last.tokens,
    tokensPerSecond: last.whole,
    bareTokensPerSecond: last.bare,
    ratio,
    limit: 0.85,
  })
  await encoder.close()
}
