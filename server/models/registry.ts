import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptError, ModelError, messageOf } from '../errors.ts'
import { checksumOf } from './examples.ts'
import {
  appendToLedger,
  type Decision,
  type LedgerEntry,
  type LedgerLine,
  type LedgerState,
  readLedger,
  readRetirements,
  stateOf,
} from './ledger.ts'
import { encoderIdOf, type Manifest } from './manifest.ts'
import { cardFile, modelCard } from './model-card.ts'
import type { Artifact, DataFile, TableArtifact } from './service.ts'
import { checkVersion, isMissing, readManifest, readVersion, sha256, writeVersion } from './version-folder.ts'

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
  /** The version that it was made smaller from, and how. */
  readonly parent?: { readonly version: number; readonly how: string }
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

/** A version folder as it is found, whole or not. */
export interface Found {
  readonly version: number
  readonly dir: string
  /** Absent if it cannot be read. */
  readonly manifest?: Manifest
  /** Why it cannot be used: the file that is missing, truncated or altered. */
  readonly fault?: string
}

export interface ModelRegistry {
  /** Folder of all services. */
  readonly root: string
  /** Names of the services that have a folder. */
  services(): Promise<readonly string[]>
  /** Store an artifact under the next number. Several at once get a number each. @throws {ModelError} if it cannot be written. */
  register(service: string, artifact: Artifact | TableArtifact, origin: Origin): Promise<Version>
  /** All versions whose manifest can be read, oldest first. */
  list(service: string): Promise<readonly Version[]>
  /** All version folders, oldest first; of each the manifest and the sizes of its files are checked. */
  inspect(service: string): Promise<readonly Found[]>
  /** One version folder, every byte of which is checked; undefined if there is none. */
  examine(service: string, version: number): Promise<Found | undefined>
  /** @throws {ModelError} if there is no such version, or its manifest cannot be read. */
  find(service: string, version: number): Promise<Version>
  /**
   * Make a version live; all of it is checked first. One that is live already is left as it is, without a line in the ledger.
   * @throws {ModelError} if it is missing, altered or retired.
   */
  promote(service: string, version: number, decision: Decision, action?: 'promote' | 'rollback'): Promise<Version>
  /** Never make a version live again; its files stay. @throws {ModelError} if it is missing, live, or retired already. */
  retire(service: string, version: number, decision: Decision): Promise<void>
  /** Every promotion, rollback and retirement, oldest first. @throws {CorruptError} naming the line; {ModelError} */
  ledger(service: string): Promise<readonly LedgerLine[]>
  /** The live version; undefined before the first promotion. @throws {CorruptError} {ModelError} if ledger or version is broken. */
  champion(service: string): Promise<Version | undefined>
  /**
   * A version made from exactly these inputs, intact and not retired: the live one if it is, else the newest such one.
   * @returns undefined when one has to be trained.
   */
  current(service: string, inputs: Inputs): Promise<Version | undefined>
}

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
    if (found) return { version: { service, version, dir, manifest: found.manifest }, manifestSha256: found.sha256 }
    const again = `bursar train ${service}`
    if (!(await numbersIn(join(root, service))).includes(version))
      throw new ModelError(`there is no version ${version} of ${service} (${dir}): ${again}`)
    throw new ModelError(
      `version ${version} of ${service} is damaged (${dir}/manifest.json): make a new one with: ${again}`,
    )
  }

  const ledger = (service: string) => readLedger(join(root, service), service)

  async function champion(service: string): Promise<Version | undefined> {
    const live = stateOf(await ledger(service)).live.at(-1)
    if (!live) return undefined
    const { version, manifestSha256 } = await read(service, live.version)
    if (manifestSha256 === live.manifestSha256) return version
    throw new ModelError(`the manifest in ${version.dir} was altered since it went live: bursar train ${service}`)
  }

  /** One change of a ledger at a time. */
  let last: Promise<unknown> = Promise.resolve()
  function append(service: string, entry: LedgerEntry): Promise<unknown> {
    const next = last.then(() => appendToLedger(join(root, service), service, entry, now().toISOString()))
    last = next.catch(() => undefined)
    return next
  }

  /** A ledger that is damaged does not tell what is live, only what must not be again; promotion sets it aside. */
  const known = async (service: string): Promise<LedgerState> =>
    ledger(service).then(stateOf, async (reason: unknown) => {
      if (reason instanceof CorruptError) return stateOf(await readRetirements(join(root, service)))
      throw reason
    })

  return {
    root,
    list,
    ledger,
    services: () => namesIn(root, /^[a-z][a-z-]*$/),
    async inspect(service) {
      const found: Found[] = []
      // One after the other: hundreds of versions may be there, in the process that serves chats.
      for (const version of await numbersIn(join(root, service)))
        found.push(await inspected(service, version, folder(service, version), 'sizes'))
      return found
    },
    async examine(service, version) {
      if (!(await numbersIn(join(root, service))).includes(version)) return undefined
      return inspected(service, version, folder(service, version), 'content')
    },
    find: async (service, version) => (await read(service, version)).version,
    champion,
    async register(service, artifact, origin) {
      await mkdir(join(root, service), { recursive: true, mode: 0o700 }) // a model tells of what it was trained on
      for (let tries = 0; tries < maxTries; tries++) {
        const version = ((await numbersIn(join(root, service))).at(-1) ?? 0) + 1
        const { manifest, files } = versionOf(service, version, artifact, origin, now())
        const dir = folder(service, version)
        if (await writeVersion(dir, manifest, files)) return { service, version, dir, manifest }
      }
      throw new ModelError(`no free version number for ${service} in ${root}: too many trainings at once, try again`)
    },
    async promote(service, version, decision, action = 'promote') {
      const { version: found, manifestSha256 } = await read(service, version)
      await readVersion(found.dir, service)
      const { live, retired } = await known(service)
      if (retired.has(version)) throw new ModelError(`version ${version} of ${service} is retired`)
      const now = live.at(-1)
      if (now?.version === version && now.manifestSha256 === manifestSha256) return found
      await append(service, { ...decision, action, version, manifestSha256 })
      return found
    },
    async retire(service, version, decision) {
      if (!(await numbersIn(join(root, service))).includes(version))
        throw new ModelError(`there is no version ${version} of ${service}`)
      const { live, retired } = stateOf(await ledger(service))
      if (live.at(-1)?.version === version)
        throw new ModelError(`version ${version} of ${service} is live: make another one live before it is retired`)
      if (retired.has(version)) throw new ModelError(`version ${version} of ${service} is retired already`)
      await append(service, { ...decision, action: 'retire', version })
    },
    async current(service, inputs) {
      // A broken alias or folder means that a new version is needed, which is what undefined says.
      const live = await champion(service).catch(() => undefined)
      const { retired } = await known(service)
      for (const version of [...(live ? [live] : []), ...(await list(service)).reverse()]) {
        const isUsable = matches(version.manifest, inputs) && !retired.has(version.version)
        if (isUsable && (await isIntact(version))) return version
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
  const { data, recipe, seed, parent } = manifest
  if (parent) return false // nobody asked for a smaller one
  if (inputs.seed !== undefined && seed !== inputs.seed) return false
  return encoderIdOf(manifest) === inputs.encoderId && data.sha256 === inputs.dataSha && recipe === inputs.recipe
}

/** The files of a version, its card among them, and the manifest that seals them. */
function versionOf(
  service: string,
  version: number,
  artifact: Artifact | TableArtifact,
  origin: Origin,
  created: Date,
): { readonly manifest: Manifest; readonly files: ReadonlyMap<string, Uint8Array> } {
  const { recipe, seed, data, parent } = origin
  const facts = {
    ...{ format: 1 as const, service, recipe, seed },
    data: { sha256: checksumOf(data), files: [...data] },
    ...{ thresholds: { ...artifact.thresholds }, metrics: { ...artifact.metrics } },
    ...(parent && { parent: { ...parent } }),
    ...factsOf(artifact, origin),
  }
  const files = new Map([...artifact.files, [cardFile, Buffer.from(modelCard(facts))] as const])
  const sums = [...files].map(([name, bytes]) => [name, { sha256: sha256(bytes), bytes: bytes.length }] as const)
  const manifest = { ...facts, version, created: created.toISOString(), files: Object.fromEntries(sums) }
  return { manifest, files }
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
const numbersIn = async (dir: string): Promise<number[]> =>
  (await namesIn(dir, /^[1-9]\d{0,8}$/)).map(Number).sort((a, b) => a - b)

/** Names in a folder, sorted; none if there is no folder. */
async function namesIn(dir: string, wanted: RegExp): Promise<string[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    if (isMissing(cause)) return []
    throw new ModelError(`${dir} cannot be read (${messageOf(cause)})`, { cause })
  })
  return names.filter((name) => wanted.test(name)).sort()
}

async function inspected(service: string, version: number, dir: string, depth: 'sizes' | 'content'): Promise<Found> {
  const manifest = (await readManifest(dir))?.manifest
  const fault = await checkVersion(dir, service, depth).then(
    () => undefined,
    (reason: unknown) => messageOf(reason),
  )
  return { version, dir, ...(manifest && { manifest }), ...(fault !== undefined && { fault }) }
}
