import { createHash } from 'node:crypto'
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { InputError, messageOf } from '../../../server/errors.ts'
import { findFiles } from '../../../server/ingestion/files.ts'
import { readerOf, readers } from '../../../server/ingestion/formats/index.ts'
import { decode } from '../../../server/ingestion/formats/source.ts'
import { findingOf, isKept, type ManifestSet, manifestName, readSets } from './load.ts'
import { type Finding, faultless, type Report } from './report.ts'

const licence = 'Apache-2.0'
/** Says what the files are; no data. */
const explanations = ['.md']

interface Measured {
  readonly sha256: string
  /** Lines of a file of lines, entries of a JSON list, documents of a folder. */
  readonly rows: number
}

/** Every set is there, with the checksum and rows that the manifest states; every file belongs to a set. */
export async function checkManifest(root: string): Promise<Report> {
  const sets = await readSets(root)
  const findings = [...rulesOf(sets), ...(await strays(root, sets))]
  for (const set of sets) {
    const measured = await measure(root, set.path).catch((reason: unknown) => findingOf(reason, root))
    if ('reason' in measured) findings.push(measured)
    else findings.push(...differences(set, measured))
  }
  return { figures: [faultless('sets of the manifest', sets.length, findings.length)], findings }
}

/** Write the checksums and rows that the files have now into the manifest. @throws {InputError} if a set cannot be read. */
export async function writeManifest(root: string): Promise<void> {
  const file = join(root, manifestName)
  const sets = await readSets(root)
  const renewed = await Promise.all(sets.map(async (set) => ({ ...set, ...(await measure(root, set.path)) })))
  // Its schema was checked by `readSets`.
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object
  await writeFile(`${file}.tmp`, `${JSON.stringify({ ...manifest, sets: renewed }, null, 2)}\n`)
  await rename(`${file}.tmp`, file)
}

function differences({ path, sha256, rows }: ManifestSet, measured: Measured): Finding[] {
  const renew = 'look at what changed, then run npm run corpora:check -- --write-manifest'
  const wrong = [
    ...(sha256 === measured.sha256 ? [] : [`has the checksum ${measured.sha256}, not ${sha256}`]),
    ...(rows === measured.rows ? [] : [`has ${measured.rows} rows, not ${rows}`]),
  ]
  return wrong.map((reason) => ({ file: path, reason: `${reason}: ${renew}` }))
}

/** What the manifest itself must keep to: free licence, no set twice, nothing trained on that is only there to be scored. */
function rulesOf(sets: readonly ManifestSet[]): Finding[] {
  const key = ({ path, service = '' }: ManifestSet) => `${path} ${service}`
  const twice = sets.filter((set, i) => sets.findIndex((other) => key(other) === key(set)) !== i)
  const scored = (path: string) => sets.some((set) => set.path === path && isKept(set))
  return [
    ...sets
      .filter((set) => set.licence !== licence)
      .map(({ path, licence: other }) => ({ file: path, reason: `has the licence ${other}, not ${licence}` })),
    ...twice.map(({ path }) => ({ file: path, reason: 'is listed twice for the same service' })),
    ...sets
      .filter(({ path, use }) => use === 'train' && scored(path))
      .map(({ path }) => ({ file: path, reason: 'is kept for scoring and must not be trained on' })),
  ]
}

/** Files that no set holds. */
async function strays(root: string, sets: readonly ManifestSet[]): Promise<Finding[]> {
  const held = (file: string) => sets.some(({ path }) => file === path || file.startsWith(`${path}/`))
  return (await filesUnder(root))
    .filter((file) => file !== manifestName && !explanations.includes(extname(file)) && !held(file))
    .map((file) => ({ file, reason: 'is in no set of the manifest' }))
}

/** Paths from `root`, in the order of their names. */
async function filesUnder(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** A folder's checksum is that of the lines `<checksum of the file>  <path from the folder>`, in the order of the paths. */
async function measure(root: string, path: string): Promise<Measured> {
  const full = join(root, path)
  const kind = await stat(full).catch((cause: unknown) => {
    throw new InputError({ file: path }, `is not there (${messageOf(cause)})`, { cause })
  })
  if (!kind.isDirectory()) {
    const bytes = await readFile(full)
    return { sha256: sha256(bytes), rows: rowsOf(bytes, path) }
  }
  const names = await filesUnder(full)
  const lines = await Promise.all(names.map(async (name) => `${sha256(await readFile(join(full, name)))}  ${name}\n`))
  return { sha256: sha256(lines.join('')), rows: await documentsUnder(full) }
}

async function documentsUnder(folder: string): Promise<number> {
  const { files } = await findFiles([folder], Object.keys(readers))
  const counts = await Promise.all(
    files.map(async ({ path, id }) => (await readerOf(path)?.(await readFile(path), { path, id }))?.length ?? 0),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

function rowsOf(bytes: Uint8Array, path: string): number {
  const text = decode(bytes, path)
  if (extname(path) !== '.json') return text.split('\n').filter((line) => line.trim() !== '').length
  const json: unknown = JSON.parse(text)
  return Array.isArray(json) ? json.length : 1
}
