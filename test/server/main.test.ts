import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { readConfig } from '../../server/config.ts'
import { StorageError } from '../../server/errors.ts'
import { createLogger } from '../../server/logger.ts'
import { startServer } from '../../server/main.ts'
import { subprotocol } from '../../server/protocol/limits.ts'
import { join as joinChat } from '../support/client.ts'
import { copyDemo } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { modelsDir } from '../support/models.ts'
import { bursar } from '../support/program.ts'

const anyPort = { port: 0, host: '127.0.0.1' }

async function start(dataDir: string) {
  const config = readConfig({ BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1' }, { dataDir })
  const server = await startServer(config, createLogger('silent'), anyPort)
  onTestFinished(server.close)
  return { config, server }
}

const search = (data: string) =>
  bursar(['search', 'late', 'fee', '--data', data], { env: { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' } })

/** HTTP status that a socket gets instead of an upgrade; 101 for one that opens. */
async function upgradeStatus(url: string): Promise<number | undefined> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, [subprotocol])
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode)
  const status = await Promise.race([refused, once(socket, 'open').then(() => 101)])
  socket.on('error', () => undefined) // closed before it was open
  socket.terminate()
  return status
}

it('a server that is starting says so, on every way in, and then serves', async () => {
  const data = copyDemo(temporaryFolder())
  const { server } = await start(data)
  const get = (path: string) => fetch(server.url + path)
  const ticket = () =>
    fetch(`${server.url}/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"role":"customer"}',
    })
  expect(await (await get('/healthz')).json()).toEqual({ ok: true })
  const waiting = await get('/readyz')
  expect([waiting.status, await waiting.json()]).toEqual([503, { ready: false, waiting: ['encoder'] }])
  server.begin('heads')
  expect(await (await get('/readyz')).json()).toEqual({ ready: false, waiting: ['heads'] })
  const refused = await ticket()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await refused.json()).toMatchObject({ error: { code: 'busy' } })
  expect((await get('/v1/documents/policies%2Ffees.md/versions/1/text')).status).toBe(503)
  expect(await upgradeStatus(server.url)).toBe(503)
  expect(await search(data)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'bursar search: the server is starting (training the models): try again when it is ready\n',
  })
  await server.open(await server.compose())
  expect((await get('/readyz')).status).toBe(200)
  expect((await ticket()).status).toBe(201)
  expect((await search(data)).code).toBe(0)
  const client = await joinChat(server.url)
  expect((await client.ask('how do I close an account?')).kind).toBe('answer')
  client.close()
})

it('figures tell of engines, queues, answers and commits', async () => {
  const { server } = await start(copyDemo(temporaryFolder()))
  const composition = await server.compose()
  await server.open(composition)
  const figure = async (name: string): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    )
  }
  const client = await joinChat(server.url)
  await client.ask('how do I close an account?')
  client.close()
  expect(await figure('bursar_answers_total{kind="answer"}')).toBe(1)
  expect(await figure('bursar_job_seconds_count{kind="ask"}')).toBeGreaterThan(0)
  expect(await figure('bursar_commit_seconds_count')).toBeGreaterThanOrEqual(3) // conversation, message, answer
  expect(await figure('bursar_generation')).toBe(composition.house.pool.generation.number)
  expect(await figure('bursar_jobs_waiting{priority="background"}')).toBe(0)
  expect([await figure('bursar_engines_ready'), await figure('bursar_engine_restarts_total')]).toEqual([1, 0])
  const { pool } = composition.house
  process.kill(pool.pids[0]!, 'SIGKILL')
  await vi.waitUntil(async () => (await figure('bursar_engine_restarts_total')) === 1, 30_000)
  const asked = pool.run({
    kind: 'search',
    text: 'fee',
    scope: { role: 'customer', day: '2026-11-22' },
    k: 1,
    mode: 'hybrid',
  })
  expect(await figure('bursar_jobs_waiting{priority="chat"}')).toBe(1) // until the engine has loaded
  await asked
  expect(await figure('bursar_engines_ready')).toBe(1)
})

it('a start that ends before it served leaves nothing taken', async () => {
  const data = join(temporaryFolder(), 'data')
  const { server, config } = await start(data)
  await expect(startServer(config, createLogger('silent'), anyPort)).rejects.toThrow(StorageError)
  await server.close()
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
  const again = await startServer(config, createLogger('silent'), {
    ...anyPort,
    port: Number(new URL(server.url).port),
  })
  await again.close()
})
