import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { launcher, repository, userEnvironment } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { lastJson } from '../support/program.ts'

/** Start in an empty data directory, and wait for the log line that says `message`. */
async function startUntil(message: string) {
  const data = join(temporaryFolder(), 'data')
  const child = spawn(process.execPath, [launcher, 'start', '--port', '0', '--data', data, '--json'], {
    cwd: repository,
    env: userEnvironment({ BURSAR_LOG_LEVEL: 'info', BURSAR_ENGINES: '1' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  for await (const line of createInterface({ input: child.stderr })) if (line.includes(`"msg":"${message}"`)) break
  child.stderr.resume()
  return { child, data, said: () => stdout }
}

it.each(['listening', 'ingested'])(
  'a first start that is at “%s” hears SIGTERM',
  { timeout: 180_000 },
  async (message) => {
    const { child, data, said } = await startUntil(message)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
    expect(lastJson({ code: 0, stdout: said(), stderr: '' })).toMatchObject({ stopped: true })
    expect(existsSync(join(data, 'admin.sock'))).toBe(false)
  },
)
