import { spawn } from 'node:child_process'
import { expect } from 'vitest'
import { launcher, repository, userEnvironment } from './demo.ts'

export interface Ended {
  /** Exit code; null after a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  /** Program and arguments to run it under. */
  readonly under?: readonly string[]
  readonly cwd?: string
}

/** Run the built command line as a user would, to its end. */
export function bursar(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { env, input = '', under = [], cwd = repository } = options
  const [program, ...words] = [...under, process.execPath, launcher, ...args] as [string, ...string[]]
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env: userEnvironment(env), stdio: 'pipe' })
    const said = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...said }))
    child.stdin.on('error', () => undefined) // a command that reads nothing closes it
    child.stdin.end(input)
  })
}

/** The one JSON object that a command with `--json` writes as its last line. */
export function lastJson({ stdout }: Ended): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

/** With `--json` a command says one object, on the last line, and nothing else. */
export function onlyJson(ended: Ended): Record<string, unknown> {
  expect(ended.stderr).toBe('')
  expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1)
  return lastJson(ended)
}
