import { join } from 'node:path'
import type { TextManifest } from '../../server/models/manifest.ts'
import { createRegistry, type ModelRegistry, type Version } from '../../server/models/registry.ts'
import { readTextVersion } from '../../server/models/version-folder.ts'

/** Register a service's live model again as another version, with something else said of it, or other files in it. */
export async function registerVariant(
  registry: ModelRegistry,
  service: string,
  change: Partial<TextManifest> = {},
  other?: ReadonlyMap<string, Uint8Array>,
): Promise<Version> {
  const live = (await registry.champion(service))!
  const { manifest, files } = await readTextVersion(live.dir, service)
  const { task: _, ...said } = { ...manifest, ...change }
  const own = other ?? new Map([...files].filter(([name]) => name !== 'card.md')) // a version gets its own card
  return registry.register(service, { ...said, files: own }, { ...said, data: said.data.files })
}

/** As {@link registerVariant}, with nothing changed, where no server runs. @returns the live version and the new one. */
export async function registerTwin(dataDir: string, service: string): Promise<readonly [number, number]> {
  const registry = createRegistry(join(dataDir, 'models'))
  const live = (await registry.champion(service))!
  return [live.version, (await registerVariant(registry, service)).version]
}
