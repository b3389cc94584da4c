import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ModelError, messageOf } from '../errors.ts'
import { checksumOf } from './examples.ts'
import { encoderIdOf, type Manifest } from './manifest.ts'
import type { Artifact, DataFile, TableArtifact } from './service.ts'
import { isMissing, readManifest, readVersion, replaceFile, sha256, writeVersion } from './version-folder.ts'

/** A registered version: an immutable folder. */
export interface Version {
  readonly service: string
  readonly version: number
  readonly dir: string
  readonly manifest: Manifest
}

/** What a version is made from, besides the artifact itself. */
export interface Origin {
  readonly recipe: number
  readonly seed: number
  readonly data: readonly DataFile[]
  /** Of a head on texts: the encoder whose vectors it reads. */
  readonly encoder?: { readonly id: string; readonly dimension: number }
}

/** What a version has to be made from to be usable now. */
export interface Inputs {
  /** Undefined for one that needs none. */
  readonly encoderId: string | undefined
  /** `checksumOf` the data files. */
  readonly dataSha: string
  readonly recipe: number
  /** Any, if it is left out. */
  readonly seed?: number
}

export interface ModelRegistry {
  /** Folder of all services. */
  readonly root: string
  /** Store an artifact under the next number. Several at once get a number each. @throws {ModelError} if it cannot be written. */
  register(service: string, artifact: Artifact | TableArtifact, origin: Origin): Promise<Version>
  /** All versions whose manifest can be read, oldest first. */
  list(service: string): Promise<readonly Version[]>
  /** @throws {ModelError} if there is no such version. */
  find(service: string, version: number): Promise<Version>
  /** Make a version live; all of it is checked first. @throws {ModelError} if it is missing or altered. */
  promote(service: string, version: number): Promise<Version>
  /** The live version; undefined before the first promotion. @throws {ModelError} if the alias is broken. */
  champion(service: string): Promise<Version | undefined>
  /**
   * A version made from exactly these inputs, intact: the live one if it is, else the newest such one.
   * @returns undefined when one has to be trained.
   */
  current(service: string, inputs: Inputs): Promise<Version | undefined>
}

const aliasSchema = z.object({ version: z.int().positive(), manifestSha256: z.string(), since: z.iso.datetime() })
const aliasName = 'champion.json'
/** Tries for a free number while others register too. */
const maxTries = 100

/** Versions under `root`, one folder a service. The clock only dates the manifests. */
export function createRegistry(root: string, now: () => Date = () => new Date()): ModelRegistry {
  const folder = (service: string, version: number) => join(root, service, String(version))

  async function list(service: string): Promise<Version[]> {
    const versions: Version[] = []
    for (const version of await numbersIn(join(root, service))) {
      const dir = folder(service, version)
      const manifest = (await readManifest(dir))?.manifest
      if (manifest?.service === service) versions.push({ service, version, dir, manifest })
    }
    return versions
  }

  async function read(service: string, version: number) {
    const dir = folder(service, version)
    const found = await readManifest(dir)
    if (!found) throw new ModelError(`there is no version ${version} of ${service} (${dir}): bursar train ${service}`)
    return { version: { service, version, dir, manifest: found.manifest }, manifestSha256: found.sha256 }
  }

  async function champion(service: string): Promise<Version | undefined> {
    const alias = await readAlias(join(root, service, aliasName), service)
    if (!alias) return undefined
    const { version, manifestSha256 } = await read(service, alias.version)
    if (manifestSha256 === alias.manifestSha256) return version
    throw new ModelError(`the manifest in ${version.dir} was altered since it went live: bursar train ${service}`)
  }

  return {
    root,
    list,
    find: async (service, version) => (await read(service, version)).version,
    champion,
    async register(service, artifact, origin) {
      await mkdir(join(root, service), { recursive: true, mode: 0o700 }) // a model tells of what it was trained on
      for (let tries = 0; tries < maxTries; tries++) {
        const version = ((await numbersIn(join(root, service))).at(-1) ?? 0) + 1
        const manifest = manifestOf(service, version, artifact, origin, now())
        const dir = folder(service, version)
        if (await writeVersion(dir, manifest, artifact.files)) return { service, version, dir, manifest }
      }
      throw new ModelError(`no free version number for ${service} in ${root}: too many trainings at once, try again`)
    },
    async promote(service, version) {
      const { version: found, manifestSha256 } = await read(service, version)
      await readVersion(found.dir, service)
      const alias = { version, manifestSha256, since: now().toISOString() }
      await replaceFile(join(root, service, aliasName), `${JSON.stringify(alias)}\n`)
      return found
    },
    async current(service, inputs) {
      // A broken alias or folder means that a new version is needed, which is what undefined says.
      const live = await champion(service).catch(() => undefined)
      for (const version of [...(live ? [live] : []), ...(await list(service)).reverse()]) {
        if (matches(version.manifest, inputs) && (await isIntact(version))) return version
      }
      return undefined
    },
  }
}

const isIntact = ({ dir, service }: Version): Promise<boolean> =>
  readVersion(dir, service).then(
    () => true,
    () => false,
  )

function matches(manifest: Manifest, inputs: Inputs): boolean {
  const { data, recipe, seed } = manifest
  if (inputs.seed !== undefined && seed !== inputs.seed) return false
  return encoderIdOf(manifest) === inputs.encoderId && data.sha256 === inputs.dataSha && recipe === inputs.recipe
}

function manifestOf(
  service: string,
  version: number,
  artifact: Artifact | TableArtifact,
  origin: Origin,
  created: Date,
): Manifest {
  const { recipe, seed, data } = origin
  const { metrics, thresholds } = artifact
  const files = [...artifact.files].map(
    ([name, bytes]) => [name, { sha256: sha256(bytes), bytes: bytes.length }] as const,
  )
  return {
    format: 1,
    service,
    version,
    recipe,
    created: created.toISOString(),
    seed,
    data: { sha256: checksumOf(data), files: [...data] },
    thresholds: { ...thresholds },
    metrics: { ...metrics },
    files: Object.fromEntries(files),
    ...factsOf(artifact, origin),
  }
}

/** @throws {RangeError} on a head on texts without its encoder. */
function factsOf(artifact: Artifact | TableArtifact, { encoder }: Origin) {
  if ('facts' in artifact) return artifact.facts
  const { temperature } = artifact
  const labels = [...artifact.labels]
  if (artifact.task) return { task: artifact.task, labels, temperature }
  if (!encoder) throw new RangeError('a head on texts is registered with its encoder')
  return { task: 'text-classification' as const, encoder: { ...encoder }, labels, temperature }
}

/** Version numbers in a service's folder, ascending. */
async function numbersIn(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    if (isMissing(cause)) return []
    throw new ModelError(`${dir} cannot be read (${messageOf(cause)})`, { cause })
  })
  return names
    .filter((name) => /^[1-9]\d{0,8}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

async function readAlias(file: string, service: string) {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (isMissing(cause)) return undefined
    throw new ModelError(`${file} cannot be read (${messageOf(cause)})`, { cause })
  })
  if (text === undefined) return undefined
  try {
    return aliasSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ModelError(`${file} is damaged: make a new live version with: bursar train ${service}`, {
      cause,
    })
  }
}
