import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { copyDemo, repository, userEnvironment } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { modelsDir, testEncoderDir } from '../support/models.ts'
import { bursar, type Ended, lastJson } from '../support/program.ts'

const quiet = { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }

/** One line on stderr, nothing on stdout. */
function expectRefusal({ code, stdout, stderr }: Ended, exitCode: 1 | 2, says: string | RegExp): void {
  expect([stdout, stderr.trimEnd().split('\n').length]).toEqual(['', 1])
  expect(stderr).toMatch(says)
  expect(code).toBe(exitCode)
}

/** A folder with a document in it. */
function documentsIn(dir: string, text = 'The fee is £5 a month.'): string {
  const folder = join(dir, 'rules')
  mkdirSync(folder)
  writeFileSync(join(folder, 'fees.md'), `# Fees\n\n${text}\n`)
  return folder
}

describe('a command line that cannot be understood', () => {
  it.each([
    ['an unknown option', ['search', 'fee', '--fast'], "unknown option '--fast'"],
    ['an unknown command', ['serf'], "unknown command 'serf'"],
    ['a missing argument', ['ingest'], "missing required argument 'paths'"],
    ['a bad number', ['search', 'fee', '--k', 'many'], '--k has to be a whole number from 1 to 1000, not "many"'],
    ['no collection', ['ingest', 'corpora/faqs', '--collection', ''], '--collection: "" has to be'],
    ['a bad collection', ['ingest', 'corpora/faqs', '--collection', '../x'], '--collection: "../x" has to be'],
    ['a bad port', ['serve', '--port', '99999'], '--port has to be a number from 0 to 65535, not "99999"'],
    ['no address', ['conform', 'localhost:8080'], '"localhost:8080" is no http or https address'],
    [
      'no group of cases',
      ['conform', 'http://localhost', '--only', 'all'],
      '--only has to be one of tickets, origins, ',
    ],
    ['a bad role', ['ask', 'fee', '--role', 'admin'], '--role has to be customer or agent, not "admin"'],
    ['a bad mode', ['search', 'fee', '--mode', 'magic'], '--mode has to be one of hybrid, dense, keyword'],
    ['nothing to score with', ['eval', 'intent', '--test', 'x.csv'], 'one of --train and --model is needed'],
    [
      'two ways to tell a label',
      ['eval', 'intent', '--train', 'x', '--test', 'x', '--label-value', 'a', '--label-column', 'b'],
      'only one of',
    ],
    ['a bad day', ['ask', 'fee', '--as-of', '2026-02-31'], '--as-of is a day such as 2026-05-31, not "2026-02-31"'],
    [
      'a result onto its input',
      ['predict', 'intent', '--input', 'package.json', '--output', './package.json'],
      '--output is the file of --input',
    ],
    ['no day', ['gaps', '--since', 'x'], '--since is a day'],
  ])('ends with 2: %s', async (_, args, says) => {
    const { code, stdout, stderr } = await bursar([...args, '--data', join(temporaryFolder(), 'd')], { env: quiet })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
  })

  it('is helped', async () => {
    const help = await bursar(['ingest', '--help'])
    expect(help.code).toBe(0)
    expect(help.stdout).toMatch(/--collection <name>[\s\S]*--data <dir>[\s\S]*--json/)
  })
})

it('a server that is not there is told in one line', async () => {
  expectRefusal(
    await bursar(['conform', 'http://127.0.0.1:9']),
    1,
    'bursar conform: no server answers at http://127.0.0.1:9',
  )
})

describe('a setting', () => {
  it.each([
    ['BURSAR_ENGINES', '0', 'a whole number from 1 to 64'],
    ['BURSAR_ORIGINS', 'example.com/', 'list origins such as https://www.example.com'],
    ['BURSAR_TRUSTED_PROXIES', 'proxy.example', 'list addresses'],
    ['BURSAR_TIMEZONE', 'Mars/Base', 'a time zone such as Europe/London'],
    ['BURSAR_LOG_LEVEL', 'loud', 'one of fatal, error'],
    ['BURSAR_OFFLINE', 'yes', '0 or 1'],
    ['BURSAR_TOLERATED_ERROR', '2 %', 'a share from 0 to 1'],
    ['BURSAR_TOLERATED_ERROR', '1.5', 'a share from 0 to 1'],
    ['BURSAR_RATE_PER_MIN', '-1', 'a whole number from 0'],
  ])('%s=%s stops the start by its name', async (name, value, allowed) => {
    const ended = await bursar(['doctor'], { env: { ...quiet, [name]: value } })
    expectRefusal(ended, 1, `${name} has to be ${allowed}`.replace('be list', 'list'))
  })
})

describe('a place that is taken', () => {
  it('is a port: the line says which before anything is fetched or trained, and the directory is free again', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo // of a TCP server
    const [data, models] = [copyDemo(temporaryFolder()), join(temporaryFolder(), 'models')]
    for (const command of ['serve', 'start']) {
      const env = { ...quiet, BURSAR_MODELS: models, BURSAR_OFFLINE: '1' }
      const ended = await bursar([command, '--port', String(port), '--data', data], { env })
      expectRefusal(ended, 1, `port ${port} is already in use: choose another with --port`)
    }
    expect(existsSync(models)).toBe(false)
    expect((await bursar(['documents', 'list', '--data', data], { env: quiet })).code).toBe(0)
  })

  it('is a data directory: its owner is named', async () => {
    const data = join(temporaryFolder(), 'data')
    const script = join(repository, 'test/server/storage/processes/owner.ts')
    const owner = spawn(process.execPath, ['--import', 'tsx', script, data], {
      env: userEnvironment(),
      cwd: repository,
    })
    onTestFinished(() => void owner.kill('SIGKILL'))
    await new Promise((resolve) => createInterface({ input: owner.stdout }).once('line', resolve))
    for (const command of [
      ['search', 'fee'],
      ['serve', '--port', '0'],
    ]) {
      const ended = await bursar([...command, '--data', data], { env: quiet })
      expectRefusal(ended, 1, `data directory ${data} is in use by process ${owner.pid}`)
    }
  })
})

describe('a data directory that is not there', () => {
  it.each([
    ['search', ['search', 'fee']],
    ['ask', ['ask', 'fee']],
    ['gaps', ['gaps']],
  ])('is not made by %s', async (_, args) => {
    const dir = join(temporaryFolder(), 'mistyped')
    expectRefusal(await bursar([...args, '--data', dir], { env: quiet }), 1, `there is no data directory ${dir}`)
    expect(existsSync(dir)).toBe(false)
  })
})

describe('a disk', () => {
  const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []

  it('that is read-only is named, and nothing is changed', async () => {
    const dir = temporaryFolder()
    const data = join(dir, 'data')
    mkdirSync(data)
    chmodSync(dir, 0o755)
    chmodSync(data, 0o555)
    const ended = await bursar(['documents', 'list', '--data', data], { env: quiet, under: asNobody })
    expectRefusal(ended, 1, new RegExp(`${data}/owner\\.\\w+ cannot be (written|opened)`))
    expect(readdirSync(data)).toEqual([])
  })

  it('that is full stops the ingestion in one line; what was there is whole, and the next one works', async () => {
    const dir = temporaryFolder()
    const data = join(dir, 'data')
    const sentences = Array.from({ length: 1_200 }, (_, i) => `The fee for service number ${i} is £${i} a year.`)
    const folder = documentsIn(dir)
    expect((await bursar(['ingest', folder, '--data', data], { env: quiet })).code).toBe(0)
    writeFileSync(join(folder, 'more.md'), `# More\n\n${sentences.join('\n\n')}\n`)
    const limited = ['bash', '-c', 'ulimit -f 700; exec "$@"', 'bash']
    const full = await bursar(['ingest', folder, '--data', data], { env: quiet, under: limited })
    expectRefusal(full, 1, /the disk that holds .* is full|failed to read or write/)
    const kept = await bursar(['documents', 'list', '--data', data, '--json'], { env: quiet })
    expect(lastJson(kept)).toMatchObject({ documents: [{ doc: 'rules/fees.md', ver: 1 }] })
    writeFileSync(join(folder, 'more.md'), '# More\n\nThe fee for a copy is £3.\n')
    const again = await bursar(['ingest', folder, '--data', data, '--json'], { env: quiet })
    expect([again.code, lastJson(again)]).toMatchObject([0, { documents: 2, unchanged: 1, rejected: [] }])
  })

  it.skipIf(spawnSync('mount', ['--version']).status !== 0 || process.getuid?.() !== 0)(
    'without any space left is named too',
    async () => {
      const dir = temporaryFolder()
      const data = join(dir, 'data')
      mkdirSync(data)
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', data]).status).toBe(0)
      onTestFinished(() => void spawnSync('umount', [data]))
      const ended = await bursar(['ingest', documentsIn(dir), '--data', data], { env: quiet })
      expectRefusal(ended, 1, /the disk that holds .* is full/)
    },
  )
})

describe('an encoder', () => {
  /** A models directory with the built encoder, to be damaged. */
  function models(): string {
    const dir = temporaryFolder()
    const name = testEncoderDir().slice(modelsDir().length + 1)
    cpSync(testEncoderDir(), join(dir, name), { recursive: true, filter: (file) => !file.endsWith('.safetensors') })
    return dir
  }
  const encoderIn = (dir: string, file: string): string => join(dir, readdirSync(dir)[0]!, file)

  it.each([
    ['is missing', (dir: string) => truncateSync(encoderIn(dir, 'encoder.json'), 0)],
    ['is truncated', (dir: string) => truncateSync(encoderIn(dir, 'encoder.onnx'), 1_000)],
    [
      'was altered',
      (dir: string) => {
        const bytes = readFileSync(encoderIn(dir, 'encoder.onnx'))
        bytes[bytes.length >> 1]! ^= 1
        writeFileSync(encoderIn(dir, 'encoder.onnx'), bytes)
      },
    ],
  ])('that %s is refused by the command that mends it', async (_, damage) => {
    const dir = models()
    damage(dir)
    const env = { ...quiet, BURSAR_MODELS: dir }
    const ended = await bursar(['search', 'fee', '--data', temporaryFolder()], { env })
    expectRefusal(ended, 1, 'bursar models pull')
    const checks = await bursar(['doctor', '--json', '--data', join(temporaryFolder(), 'd')], { env })
    expect(checks.code).toBe(1)
    const told = lastJson(checks).checks as { name: string; ok: boolean }[]
    expect(told.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['encoder'])
  })

  it('that cannot be fetched: the message lists what was tried and what to do on a machine without a network', async () => {
    const dir = join(temporaryFolder(), 'models')
    const env = { ...quiet, BURSAR_MODELS: dir, BURSAR_OFFLINE: '1', PATH: '/nowhere' }
    const { code, stdout, stderr } = await bursar(['models', 'pull'], { env })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(dir)
    expect(stderr).toContain('switched off (BURSAR_OFFLINE)')
    expect(stderr).toContain('python3 is not installed here')
    expect(stderr).toContain('--from')
    expect(readdirSync(dir)).toEqual([])
  })

  it('that somebody names but is not there is refused', async () => {
    const dir = join(temporaryFolder(), 'models')
    const ended = await bursar(['models', 'pull', '--from', '/nowhere'], { env: { ...quiet, BURSAR_MODELS: dir } })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('/nowhere: there is no such folder')
  })
})
