import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

export const repository = resolve(import.meta.dirname, '../..')
export const launcher = join(repository, 'bin/bursar.mjs')
/** Made by the global set-up: a data directory that holds the demo bank with its trained heads. */
const demoData = join(repository, 'node_modules/.cache/bursar-demo')

export interface RunningServer {
  readonly url: string
  readonly process: ChildProcess
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>
  /** Everything it has written to stderr: its log. */
  log(): string
  stop(): Promise<number | null>
}

export interface StartOptions {
  readonly command?: 'serve' | 'start'
  /** 0 picks a free one. */
  readonly port?: number
  readonly env?: NodeJS.ProcessEnv
  /** A process group of its own, so that the server can be killed together with its engines. */
  readonly detached?: boolean
  /** Program and arguments to run it under; it has to leave the server as the direct child. */
  readonly under?: readonly string[]
}

/** Settings of a program that is started as a user would: nothing of the tests' own loader may reach it. */
export function userEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...clean } = process.env
  return { ...clean, BURSAR_LOG_LEVEL: 'warn', ...more }
}

/** Start the built server as a user would, on a free port; resolves when it has printed its address. */
export function startServer(dataDir: string, options: StartOptions = {}): Promise<RunningServer> {
  const { command = 'serve', port = 0, env, detached = false, under = [] } = options
  const [program, ...args] = [
    ...[...under, process.execPath, launcher, command],
    ...['--port', String(port), '--data', dataDir, '--json'],
  ] as [string, ...string[]]
  const child = spawn(program, args, {
    cwd: repository,
    env: userEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const said: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const log = (): string => said.join('')
  return new Promise<RunningServer>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      const { url } = JSON.parse(line)
      const stop = () => {
        child.kill('SIGTERM')
        return exited
      }
      resolve({ url, process: child, exited, log, stop })
    })
    void exited.then((code) =>
      reject(new Error(`the server ended with ${code} before it was ready:\n${log().slice(-4_000)}`)),
    )
  })
}

/** A copy of the demo bank's data directory in `dir`, for one test to do with as it likes. */
export function copyDemo(dir: string): string {
  const copy = join(dir, 'data')
  cpSync(demoData, copy, { recursive: true })
  return copy
}

/** Number of a service's live version, by the last line of its ledger. */
export function liveVersion(dataDir: string, service: string): number {
  const [ledger, alias] = ['ledger.jsonl', 'champion.json'].map((name) => join(dataDir, 'models', service, name))
  // A demo that was prepared before there were ledgers has none until its next change.
  const text = readFileSync(existsSync(ledger!) ? ledger! : alias!, 'utf8')
  return JSON.parse(text.trimEnd().split('\n').at(-1)!).version
}

/** Folder of the index in force in a data directory. */
export function newestIndex(dataDir: string): string {
  const numbers = readdirSync(join(dataDir, 'generations')).map(Number).filter(Number.isInteger)
  return join(dataDir, 'generations', String(Math.max(...numbers)))
}

/** Make the demo data directory, or bring it up to date. */
export async function prepareDemo(): Promise<void> {
  const server = await startServer(demoData, { command: 'start' })
  const code = await server.stop()
  if (code !== 0) throw new Error(`the server that prepared the demo bank ended with ${code}`)
}
