import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ModelError, messageOf } from '../errors.ts'
import { isTextManifest, type Manifest, manifestSchema, type TextManifest } from './manifest.ts'

export interface VersionFiles {
  readonly manifest: Manifest
  /** Every file of the manifest by name, checked. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

export interface TextVersionFiles extends VersionFiles {
  readonly manifest: TextManifest
}

const manifestName = 'manifest.json'
/** Checksum of the manifest in the format of sha256sum, as the manifest cannot hold its own. */
const sealName = 'manifest.sha256'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Read a version folder into memory and check all of it: what was checked is what gets loaded.
 * @throws {ModelError} naming the file that is missing, truncated or altered, and the command that makes a new version.
 */
export async function readVersion(dir: string, service: string): Promise<VersionFiles> {
  const manifest = await readSealed(dir, service)
  const entries = await Promise.all(
    Object.entries(manifest.files).map(async ([name, expected]) => {
      const content = await readOf(dir, service, name)
      assertFile(dir, service, name, expected, { bytes: content.length, sha256: sha256(content) })
      return [name, content] as const
    }),
  )
  return { manifest, files: new Map(entries) }
}

/**
 * Check a version folder, one file after the other, without holding any of them in memory.
 * @param depth `sizes`: the manifest by its seal, and how long each file is; `content`: every byte.
 * @throws {ModelError} as {@link readVersion}.
 */
export async function checkVersion(dir: string, service: string, depth: 'sizes' | 'content'): Promise<void> {
  const { files } = await readSealed(dir, service)
  for (const [name, expected] of Object.entries(files)) {
    const fail = (cause: unknown) => unreadable(dir, service, name, cause)
    const file = join(dir, name)
    const { size } = await stat(file).catch((cause: unknown) => {
      throw fail(cause)
    })
    assertFile(dir, service, name, expected, { bytes: size })
    if (depth === 'sizes') continue
    const hash = createHash('sha256')
    await pipeline(createReadStream(file), hash).catch((cause: unknown) => {
      throw fail(cause)
    })
    assertFile(dir, service, name, expected, { bytes: size, sha256: hash.digest('hex') })
  }
}

/** The manifest, which has to match its seal. */
async function readSealed(dir: string, service: string): Promise<Manifest> {
  const [text, seal] = await Promise.all([manifestName, sealName].map((name) => readOf(dir, service, name)))
  if (seal!.toString('utf8') !== sealOf(text!)) throw broken(dir, service, manifestName, `does not match ${sealName}`)
  const manifest = parseManifest(text!)
  if (!manifest || manifest.service !== service)
    throw broken(dir, service, manifestName, `is not a manifest of ${service}`)
  return manifest
}

function assertFile(
  dir: string,
  service: string,
  name: string,
  expected: Manifest['files'][string],
  found: { readonly bytes: number; readonly sha256?: string },
): void {
  if (found.bytes !== expected.bytes)
    throw broken(dir, service, name, `has ${found.bytes} bytes instead of ${expected.bytes}`)
  if (found.sha256 !== undefined && found.sha256 !== expected.sha256)
    throw broken(dir, service, name, 'was altered (SHA-256 differs)')
}

const readOf = (dir: string, service: string, name: string): Promise<Buffer> =>
  readFile(join(dir, name)).catch((cause: unknown) => {
    throw unreadable(dir, service, name, cause)
  })

const unreadable = (dir: string, service: string, name: string, cause: unknown): ModelError =>
  broken(dir, service, name, isMissing(cause) ? 'is missing' : `cannot be read (${messageOf(cause)})`, cause)

const broken = (dir: string, service: string, name: string, what: string, cause?: unknown): ModelError =>
  new ModelError(`${join(dir, name)} ${what}: make a new version with: bursar train ${service}`, { cause })

/** As {@link readVersion}, for heads on texts. @throws {ModelError} also if it is none. */
export async function readTextVersion(dir: string, service: string): Promise<TextVersionFiles> {
  const { manifest, files } = await readVersion(dir, service)
  if (isTextManifest(manifest)) return { manifest, files }
  throw new ModelError(`${dir} is no model of texts: make a new version with: bursar train ${service}`)
}

/** The manifest alone and its checksum; undefined if there is none that can be read. The other files are not looked at. */
export async function readManifest(dir: string): Promise<{ manifest: Manifest; sha256: string } | undefined> {
  const text = await readFile(join(dir, manifestName)).catch(() => undefined)
  const manifest = text && parseManifest(text)
  return manifest && { manifest, sha256: sha256(text) }
}

/**
 * Write a version folder: under a temporary name, synced, then renamed, so that no half version is ever visible.
 * @returns false if `dir` exists already; nothing is left behind then.
 * @throws {ModelError} if the manifest is none that could be read again, naming the field; if it cannot be written.
 */
export async function writeVersion(
  dir: string,
  manifest: Manifest,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<boolean> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
  assertReadable(dir, text)
  const parent = join(dir, '..')
  const temporary = join(parent, `.new-${process.pid}-${randomBytes(6).toString('hex')}`)
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 })
    await sweep(parent)
    for (const [name, bytes] of files) await writeSynced(join(temporary, name), bytes)
    await writeSynced(join(temporary, manifestName), text)
    await writeSynced(join(temporary, sealName), Buffer.from(sealOf(text)))
    await syncFolder(temporary)
    await rename(temporary, dir)
    await syncFolder(parent)
    return true
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true })
    // Renaming onto a folder that holds something fails: somebody else took the number.
    if (isCode(cause, 'ENOTEMPTY') || isCode(cause, 'EEXIST')) return false
    throw new ModelError(`version ${dir} cannot be written (${messageOf(cause)}): free space or fix its folder`, {
      cause,
    })
  }
}

/** A figure that is NaN is written as null, and the version could never be read. @throws {ModelError} naming the field. */
function assertReadable(dir: string, text: Uint8Array): void {
  const { error } = manifestSchema.safeParse(JSON.parse(new TextDecoder().decode(text)))
  if (!error) return
  const issues = error.issues.flatMap((issue) => (issue.code === 'invalid_union' ? issue.errors.flat() : [issue]))
  // Fields of other sorts of manifest are missing; what lies deepest is of the sort that is meant.
  const [fault] = issues.sort((x, y) => y.path.length - x.path.length)
  const what = fault ? `${fault.path.join('.')}: ${fault.message}` : 'it is of no known sort'
  throw new ModelError(`version ${dir} is not written, nobody could read its manifest (${what})`)
}

/** Remove what a training that was killed left behind. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^\.new-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (cause) {
    // Somebody else's process (EPERM) lives.
    return !isCode(cause, 'ESRCH')
  }
}

export const isMissing = (cause: unknown): boolean => isCode(cause, 'ENOENT') || isCode(cause, 'ENOTDIR')

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code
}

function sealOf(text: Uint8Array): string {
  return `${sha256(text)}  ${manifestName}\n`
}

function parseManifest(text: Uint8Array): Manifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(new TextDecoder().decode(text))).data
  } catch {
    return undefined
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A rename is durable only once the folder that holds the name is. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
