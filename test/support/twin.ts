import { join } from 'node:path'
import { createRegistry } from '../../server/models/registry.ts'
import { readVersion } from '../../server/models/version-folder.ts'

/**
 * Register a service's live model again as another version. No server may run on the data directory.
 * @returns the live version and the new one.
 */
export async function registerTwin(dataDir: string, service: string): Promise<readonly [number, number]> {
  const registry = createRegistry(join(dataDir, 'models'))
  const live = (await registry.champion(service))!
  const { manifest, files } = await readVersion(live.dir, service)
  const own = new Map([...files].filter(([name]) => name !== 'card.md')) // a version gets its own
  const twin = await registry.register(service, { ...manifest, files: own }, { ...manifest, data: manifest.data.files })
  return [live.version, twin.version]
}
