import { join } from 'node:path'
import { ModelError } from '../errors.ts'
import { exists, verifyFile } from './files.ts'
import { ENCODER, MANIFEST, readManifest } from './manifest.ts'
import type { EncoderFiles } from './model-spec.ts'
import { checkOtherEncoder, otherModels } from './other-encoder.ts'

/**
 * Check an encoder's folder: one that `bursar models pull` made, every file against its manifest, or any BERT-like encoder
 * in transformers.js layout, see {@link checkOtherEncoder}.
 * @throws {ModelError} in one line that names the file, if one is missing, cut off, altered or malformed.
 */
export async function checkEncoderFiles(dir: string): Promise<EncoderFiles> {
  if (await exists(join(dir, MANIFEST))) return checkOwn(dir)
  for (const file of otherModels) if (await exists(join(dir, file))) return checkOtherEncoder(dir, file)
  if (await exists(join(dir, 'bursar.json'))) return checkOtherEncoder(dir, otherModels[0])
  throw new ModelError(
    `${dir} holds neither ${MANIFEST} nor one of ${otherModels.join(', ')}: correct the setting that names it, or leave it out and run \`bursar models pull\``,
  )
}

async function checkOwn(dir: string): Promise<EncoderFiles> {
  const { id, name, sha256, bytes, maxTokens, prefixes, files } = await readManifest(dir)
  for (const file of [{ name: ENCODER, bytes, sha256 }, ...files]) await verifyFile(dir, file)
  const own = { pooling: 'mean', isOwn: true, remedy: 'run `bursar models pull`' } as const
  return { id, name, model: join(dir, ENCODER), sha256, maxTokens, prefixes, ...own }
}
