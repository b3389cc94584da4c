import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { InputError, messageOf } from '../../../server/errors.ts'
import { check, type Document, day } from '../../../server/ingestion/document.ts'
import { findFiles } from '../../../server/ingestion/files.ts'
import { catalogueName, readCatalogue } from '../../../server/ingestion/formats/catalogue.ts'
import { readerOf, readers } from '../../../server/ingestion/formats/index.ts'
import { type JsonLine, jsonLines } from '../../../server/ingestion/formats/json-line.ts'
import { decode } from '../../../server/ingestion/formats/source.ts'
import { readCorpora } from '../../../server/operations/manifest.ts'
import type { Product } from '../../../server/storage/products.ts'
import { rights } from '../../../server/text/rights-kinds.ts'
import { type FeeItem, type FeeTerms, readSchedule, readTerms } from './fee-data.ts'
import type { Finding } from './report.ts'

/** Sets that no model is fitted to. */
export const isKept = ({ use }: ManifestSet): boolean => use === 'data' || use === 'validation'

/** A file or folder that the manifest lists; its shape is checked by the product's own reader of manifests. */
export interface ManifestSet {
  readonly path: string
  readonly use: 'documents' | 'train' | 'test' | 'validation' | 'data'
  readonly service?: string
  readonly format: string
  readonly licence: string
  readonly source: string
  readonly sha256: string
  readonly rows: number
}

/** A document as the product reads it, and the file it was read from (a path from the corpora folder). */
export interface SourceDocument extends Document {
  readonly file: string
}

/** Something that stands in one line of a file of the corpora. */
export interface Placed<T> {
  readonly file: string
  readonly line: number
  readonly value: T
}

/** A text with its labels: one for an intent or a sentiment, any number for rights. */
export interface Labelled {
  readonly text: string
  readonly labels: readonly string[]
  readonly service: string
  readonly use: 'train' | 'test'
}

const golden = z.strictObject({
  id: z.string().min(1),
  text: z.string().min(1),
  answerable: z.boolean(),
  asOf: day,
  about: day.optional(),
  kind: z.enum(['plain', 'date', 'table', 'typo', 'indirect', 'zh', 'unanswerable']),
  gold: z.array(z.strictObject({ doc: z.string().min(1), text: z.string().min(1) })).optional(),
})
/** A question with the passages that answer it. `about` is the day that its words name, if that is not the day of asking. */
export type Golden = z.infer<typeof golden>

/** Everything the guards look at. */
export interface Corpora {
  readonly root: string
  readonly sets: readonly ManifestSet[]
  readonly documents: readonly SourceDocument[]
  readonly catalogue: readonly Placed<Product>[]
  readonly labelled: readonly Placed<Labelled>[]
  readonly golden: readonly Placed<Golden>[]
  readonly fees: { readonly items: readonly FeeItem[]; readonly terms: readonly FeeTerms[] }
}

export const manifestName = 'manifest.json'
const labelledServices = ['intent', 'sentiment', 'rights']
const labels = ['label', 'intent']

/**
 * Read the corpora that `root/manifest.json` lists, with the product's own readers. A file that cannot be read is a finding
 * and missing from the rest. @throws {InputError} if the manifest itself cannot be read.
 */
export async function loadCorpora(root: string): Promise<{ corpora: Corpora; findings: Finding[] }> {
  const sets = await readSets(root)
  const findings: Finding[] = []
  const each = async <T>(paths: readonly string[], read: (path: string) => Promise<readonly T[]>): Promise<T[]> => {
    const rows: T[] = []
    for (const path of paths) {
      const found = await read(path).catch((reason: unknown) => {
        findings.push(findingOf(reason, root))
        return []
      })
      rows.push(...found)
    }
    return rows
  }
  const listed = (wanted: RegExp) => sets.map(({ path }) => path).filter((path) => wanted.test(path))
  const folders = sets.filter(({ use }) => use === 'documents').map(({ path }) => path)
  const files = await each(folders, (path) => filesIn(root, path))
  const labelled = sets.filter(({ service = '' }) => labelledServices.includes(service))
  const corpora: Corpora = {
    ...{ root, sets },
    documents: await each(files, (file) => readDocuments(root, file)),
    catalogue: await each(
      files.filter((file) => basename(file) === catalogueName),
      (file) => readProducts(root, file),
    ),
    labelled: await each(
      labelled.map(({ path }) => path),
      (file) => readLabelled(root, labelled.find(({ path }) => path === file)!),
    ),
    golden: await each([...new Set(listed(/^golden\/.*\.jsonl$/))], (file) => readRows(root, file, golden)),
    fees: {
      items: await each(
        files.filter((file) => file === 'fees/schedule.csv'),
        (file) => readSchedule(root, file),
      ),
      terms: await each(listed(/^fees\/terms\.json$/), (file) => readTerms(root, file)),
    },
  }
  return { corpora, findings }
}

/** The manifest's sets. @throws {InputError} as the product does. */
export async function readSets(root: string): Promise<ManifestSet[]> {
  const file = join(root, manifestName)
  await readCorpora(file)
  // Its schema has just been checked.
  return (JSON.parse(await readFile(file, 'utf8')) as { sets: ManifestSet[] }).sets
}

/** Rows of a JSONL file, each checked. @throws {InputError} naming file, line and field. */
export async function readRows<T>(root: string, file: string, schema: z.ZodType<T>): Promise<Placed<T>[]> {
  const lines = jsonLines(decode(await readFile(join(root, file)), file), file)
  return lines.map(({ value, line }) => ({ file, line, value: check(schema, value, placeOf(file, line)) }))
}

/** The finding that an error of a reader amounts to. */
export function findingOf(reason: unknown, root: string): Finding {
  if (!(reason instanceof InputError)) return { file: manifestName, reason: messageOf(reason) }
  const { file, line, column } = reason.place
  const path = file.startsWith(root) ? relative(root, file) : file
  const why = column === undefined ? reason.reason : `${column}: ${reason.reason}`
  return { file: path, ...(line === undefined ? {} : { line }), reason: why }
}

const placeOf = (file: string, line: number) => (column: string | undefined) => ({
  file,
  line,
  ...(column === undefined ? {} : { column }),
})

const filesIn = async (root: string, folder: string): Promise<string[]> =>
  (await findFiles([join(root, folder)], Object.keys(readers))).files.map(({ path }) => relative(root, path))

async function readDocuments(root: string, file: string): Promise<SourceDocument[]> {
  const read = readerOf(file)
  if (!read) return []
  const id = file.split('\\').join('/')
  const documents = await read(await readFile(join(root, file)), { path: file, id })
  return documents.map((document) => ({ ...document, file }))
}

async function readProducts(root: string, file: string): Promise<Placed<Product>[]> {
  const bytes = await readFile(join(root, file))
  const lines = jsonLines(decode(bytes, file), file)
  return readCatalogue(bytes, file).map((value, i) => ({ file, line: lines[i]!.line, value }))
}

async function readLabelled(root: string, { path: file, service = '', use }: ManifestSet): Promise<Placed<Labelled>[]> {
  const lines = jsonLines(decode(await readFile(join(root, file)), file), file)
  return lines.map((line) => {
    const text = textIn(file, line, ['text'])
    const own = service === 'rights' ? rightsIn(file, line) : [textIn(file, line, labels)]
    return { file, line: line.line, value: { text, labels: own, service, use: use === 'train' ? 'train' : 'test' } }
  })
}

/** The first of the columns that the row has. @throws {InputError} if it has none, or it is no text. */
function textIn(file: string, { value, line }: JsonLine, columns: readonly string[]): string {
  const column = columns.find((name) => name in value) ?? columns[0]!
  const text = value[column]
  if (typeof text === 'string' && text.trim() !== '') return text
  throw new InputError({ file, line, column }, 'must be text')
}

/** @throws {InputError} if there is no list of rights, each at most once. */
function rightsIn(file: string, { value, line }: JsonLine): readonly string[] {
  return check(z.array(z.enum(rights)), value.labels, () => ({ file, line, column: 'labels' }))
}

/** The folder's own name of a document's file, without the version: `policies/overdrafts.2025.md` is `policies/overdrafts`. */
export const topicOfFile = (file: string): string =>
  join(dirname(file), basename(file).replace(/(?:\.\d{4}(?:-\d{2}){0,2})?\.[a-z]+$/, ''))
