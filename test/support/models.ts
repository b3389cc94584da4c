import { resolve } from 'node:path'
import { encoderDir } from '../../server/embedding/model-files.ts'

/** The models directory that the global set-up has filled: `models/` in the repository, or BURSAR_MODELS. */
export function modelsDir(): string {
  return resolve(process.env.BURSAR_MODELS ?? resolve(import.meta.dirname, '../../models'))
}

/** The folder of the encoder that Bursar builds; the official weights lie there, too. */
export function testEncoderDir(): string {
  return encoderDir(modelsDir())
}
