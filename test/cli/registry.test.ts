import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { createRegistry } from '../../server/models/registry.ts'
import type { Promoted } from '../../server/operations/promotion.ts'
import { join as enter } from '../support/client.ts'
import { copyDemo, liveVersion, type RunningServer, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, onlyJson } from '../support/program.ts'
import { registerTwin } from '../support/twin.ts'

const data = copyDemo(temporaryFolder())
let versions: readonly [number, number]
let server: RunningServer

beforeAll(async () => {
  versions = await registerTwin(data, 'sentiment')
  server = await startServer(data, {
    env: { BURSAR_ENGINES: '1', BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0' },
  })
})
afterAll(() => server.stop())

const models = (...words: string[]) =>
  bursar(['models', ...words, '--data', data], { env: { BURSAR_LOG_LEVEL: 'silent' } })

const enginesOf = (pid: number): number =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').length

describe('models, while a server runs', { timeout: 120_000 }, () => {
  it('are listed, shown and made live by it', async () => {
    const [live, twin] = versions
    const { models: listed } = onlyJson(await models('list', '--service', 'sentiment', '--json'))
    expect(listed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ version: live, state: 'champion' }),
        expect.objectContaining({ version: twin, state: 'registered' }),
      ]),
    )
    const done = await models('promote', 'sentiment', String(twin), '--reason', 'a twin')
    expect(done).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(`sentiment v${twin} is live\n$`) })
    const shown = await models('show', `sentiment@${twin}`)
    expect(shown.stdout).toContain(`sentiment@${twin}  champion  text-classification`)
    expect(shown.stdout).toContain('every file matches its checksum')
    expect(shown.stdout).toMatch(/file: card\.md {2}\d+ bytes {2}[0-9a-f]{64}\n/)
    expect(shown.stdout).toMatch(
      /promote {2}version \d+ → \d+ {2}local:.*0 questions read again, 0 differently {2}“a twin”/,
    )
    const back = onlyJson(await models('rollback', 'sentiment', '--reason', 'enough', '--json'))
    expect(back).toEqual({ service: 'sentiment', version: live, from: twin, changed: true })
    expect(liveVersion(data, 'sentiment')).toBe(live)
    expect((await models('history', 'sentiment')).stdout.trimEnd().split('\n')).toHaveLength(3)
  })

  it('are refused in one line', async () => {
    for (const [words, code, says] of [
      [['promote', 'sentiment', String(versions[1])], 2, '--reason is needed'],
      [['promote', 'sentiment', 'best', '--reason', 'x'], 2, 'a version is a number'],
      [['promote', 'sentiment', '999', '--reason', 'x'], 1, 'there is no version 999 of sentiment'],
      [['retire', 'sentiment', String(versions[0]), '--reason', 'x'], 1, 'is live'],
    ] as const) {
      const { stderr, ...ended } = await models(...words)
      expect(ended).toEqual({ code, stdout: '' })
      expect(stderr).toContain(says)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    }
  })

  it('are not trained any more when whoever asked has gone', async () => {
    const rows = ['negative', 'positive'].flatMap((label) =>
      Array.from({ length: 40 }, (_, i) => JSON.stringify({ text: `${label} words ${i}`, label })),
    )
    const file = join(data, '..', 'rows.jsonl')
    writeFileSync(file, rows.join('\n'))
    const registry = createRegistry(join(data, 'models'))
    const before = await registry.list('sentiment')
    const gone = new AbortController()
    const request = { service: 'sentiment', train: [file], test: [], validation: [], seed: 1, promote: false }
    const asking = callAdmin(adminSocket(data), 'train', request, () => gone.abort(), gone.signal)
    await expect(asking).rejects.toThrow('stopped')
    await expect.poll(() => enginesOf(server.process.pid!), { timeout: 60_000 }).toBe(1)
    expect(await registry.list('sentiment')).toEqual(before)
  })

  it('change in turn without a question that is lost, and leave no engine behind', async () => {
    let [isDone, answers] = [false, 0]
    const customer = async (): Promise<void> => {
      const client = await enter(server.url)
      while (!isDone) {
        expect(await client.ask('How much does a replacement card cost?')).toMatchObject({ kind: 'answer' })
        answers++
      }
      client.close()
    }
    const asking = Promise.all([customer(), customer()])
    for (let i = 0; i < 6; i++) {
      const request = { service: 'sentiment', version: versions[(i + 1) % 2]!, reason: 'in turn' }
      const more = { replay: 0, force: false, dryRun: false }
      expect((await callAdmin(adminSocket(data), 'models.promote', { ...request, ...more })) as Promoted).toMatchObject(
        {
          changed: true,
        },
      )
    }
    isDone = true
    await asking
    expect(answers).toBeGreaterThan(10)
    await expect.poll(() => enginesOf(server.process.pid!), { timeout: 10_000 }).toBe(1)
    expect(server.log()).toBe('')
  })
})
