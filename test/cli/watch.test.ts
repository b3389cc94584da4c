import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { copyDemo, launcher, type RunningServer, repository, startServer, userEnvironment } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'

const folder = temporaryFolder()
const [data, notices] = [copyDemo(folder), join(folder, 'notices')]
let server: RunningServer

beforeAll(async () => {
  mkdirSync(notices)
  server = await startServer(data, { env: { BURSAR_ENGINES: '1' } })
})
afterAll(() => server.stop())

const write = (name: string, text: string) => writeFileSync(join(notices, name), text)
async function found(text: string): Promise<string[]> {
  const asked = { text, k: 3, mode: 'hybrid', role: 'customer' }
  const { passages } = (await callAdmin(adminSocket(data), 'search', asked)) as { passages: { doc: string }[] }
  return passages.map(({ doc }) => doc)
}

/** `bursar ingest --watch`, and what it says, line by line. */
function startWatch() {
  const child = spawn(process.execPath, [launcher, 'ingest', notices, '--watch', '--json', '--data', data], {
    cwd: repository,
    env: userEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<object> => JSON.parse((await lines.next()).value)
  return { child, exited, next }
}

it('a watched folder is answered from as it is, until Ctrl-C', { timeout: 180_000 }, async () => {
  write('first.md', '# First\n\nThe palm trees are watered on Tuesdays.\n')
  const { child, exited, next } = startWatch()
  expect(await next()).toMatchObject({ files: [], documents: 1, passages: 1, removed: 0 })
  expect(await next()).toEqual({ watching: [notices] })

  write('second.md', '# Second\n\nA brass band plays in the hall.\n')
  expect(await next()).toMatchObject({ files: [join(notices, 'second.md')], documents: 1, passages: 1, removed: 0 })
  expect((await found('brass band in the hall'))[0]).toBe('notices/second.md')

  write('rows.jsonl', '{"text": "Umbrellas are kept at the desk."}\n{"text": \n')
  expect(await next()).toMatchObject({ documents: 0, rejected: [{ file: 'notices/rows.jsonl' }] })
  rmSync(join(notices, 'second.md'))
  expect(await next()).toMatchObject({ files: [join(notices, 'second.md')], removed: 1, rejected: [] })
  expect(await found('brass band in the hall')).not.toContain('notices/second.md')
  write(
    'rows.jsonl',
    '{"id": "a", "text": "Umbrellas are kept at the desk."}\n{"id": "b", "text": "Gloves are not."}\n',
  )
  expect(await next()).toMatchObject({ documents: 2, passages: 2, rejected: [] })
  write('rows.jsonl', '{"id": "b", "text": "Gloves are not."}\n')
  expect(await next()).toMatchObject({ documents: 1, unchanged: 1, removed: 1 })
  expect(await found('umbrellas at the desk')).not.toContain('notices/rows.jsonl#a')

  child.kill('SIGINT')
  expect([await next(), await exited]).toEqual([{ stopped: true }, 0])
})
