import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync } from 'node:fs'
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
  stop(): Promise<number | null>
}

/** Start the built server as a user would, on a free port; resolves when it has printed its address. */
export function startServer(dataDir: string, { command = 'serve', env = {} }: { command?: 'serve' | 'start'; env?: NodeJS.ProcessEnv } = {}) {
  // The built program is what is measured and shipped; nothing of the tests' own loader may reach it.
  const { NODE_OPTIONS: _, ...clean } = process.env
  const child = spawn(process.execPath, [launcher, command, '--port', '0', '--data', dataDir, '--json'], {
    cwd: repository,
    env: { ...clean, BURSAR_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-4_000)
  })
  return new Promise<RunningServer>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      const { url } = JSON.parse(line)
      const stop = () => {
        child.kill('SIGTERM')
        return exited
      }
      resolve({ url, process: child, exited, stop })
    })
    exited.then((code) => reject(new Error(`the server ended with ${code} before it was ready:\n${said}`)))
  })
}

/** A copy of the demo bank's data directory in `dir`, for one test to do with as it likes. */
export function copyDemo(dir: string): string {
  const copy = join(dir, 'data')
  cpSync(demoData, copy, { recursive: true })
  return copy
}

/** Make the demo data directory, or bring it up to date. */
export async function prepareDemo(): Promise<void> {
  const server = await startServer(demoData, { command: 'start' })
  const code = await server.stop()
  if (code !== 0) throw new Error(`the server that prepared the demo bank ended with ${code}`)
}
