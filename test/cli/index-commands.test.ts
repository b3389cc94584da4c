import { openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyDemo, newestIndex } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'

const quiet = { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }
const index = (dir: string, ...words: string[]) => bursar(['index', ...words, '--data', dir, '--json'], { env: quiet })

describe('index', { timeout: 120_000 }, () => {
  it('tells what it is, is whole, and can be built anew from the same documents', async () => {
    const dir = copyDemo(temporaryFolder())
    const stats = lastJson(await index(dir, 'stats'))
    expect(stats).toMatchObject({ search: 'scan', 'annRecall@10': 1, recall: [], behind: false })
    expect(stats.passages).toBeGreaterThan(100)
    expect(stats.sha256).toMatch(/^[0-9a-f]{64}$/)
    const verified = await index(dir, 'verify')
    expect(verified.code).toBe(0)
    expect(lastJson(verified)).toEqual(stats)
    const rebuilt = lastJson(await index(dir, 'rebuild'))
    expect(rebuilt).toMatchObject({ passages: stats.passages, generation: Number(stats.generation) + 1 })
  })

  it('says that it was damaged, and is whole again', async () => {
    const dir = copyDemo(temporaryFolder())
    writeSync(openSync(join(newestIndex(dir), 'keywords.bin'), 'r+'), 'damage', 200)
    const ended = await index(dir, 'verify')
    expect(ended.code).toBe(1)
    expect(lastJson(ended).repaired).toContain('keywords.bin does not match the checksum')
    expect((await index(dir, 'verify')).code).toBe(0)
  })

  it('has nothing to tell before anything was ingested', async () => {
    const dir = temporaryFolder()
    const none = { code: 1, stdout: '', stderr: expect.stringContaining('there is no index yet: bursar ingest PATH') }
    expect(await index(dir, 'stats')).toMatchObject(none)
    expect(await index(dir, 'rebuild')).toMatchObject(none)
    expect(readdirSync(dir)).not.toContain('generations')
  })
})
