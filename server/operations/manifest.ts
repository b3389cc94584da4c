import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { InputError, messageOf } from '../errors.ts'

const uses = ['documents', 'train', 'test', 'validation', 'data'] as const

const entry = z.object({
  /** Path from the manifest's folder: a file, or for documents the folder that is a collection. */
  path: z.string().min(1),
  /** What it is for: documents to ingest, rows of a service to train on, to test or to calibrate with, or other data. */
  use: z.enum(uses),
  service: z.string().optional(),
  format: z.string(),
  licence: z.string(),
  source: z.string(),
  /** Of the file; of a folder, over the checksums of its files in the order of their names. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  rows: z.int().min(0),
})
const manifestSchema = z.object({ name: z.string(), sets: z.array(entry) })

export interface Corpora {
  readonly name: string
  /** Folders of documents. */
  readonly documents: readonly string[]
  /** Labelled files of a service. */
  files(service: string, use: 'train' | 'test' | 'validation'): string[]
  /** Of these files, each once. */
  licences(service: string): string[]
}

/** Read a corpora manifest. @throws {InputError} naming the field. */
export async function readCorpora(file: string): Promise<Corpora> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new InputError({ file }, 'is not JSON', { cause })
  }
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new InputError({ file, column: issue?.path.join('.') ?? '' }, issue?.message ?? 'is not valid')
  }
  const { name, sets } = parsed.data
  const path = (set: z.infer<typeof entry>): string => join(dirname(file), set.path)
  return {
    name,
    documents: sets.filter(({ use }) => use === 'documents').map(path),
    licences: (service) => [...new Set(sets.filter((set) => set.service === service).map(({ licence }) => licence))],
    files: (service, use) => sets.filter((set) => set.service === service && set.use === use).map(path),
  }
}
