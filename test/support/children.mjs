// Preloaded by every process of a test run (NODE_OPTIONS of vitest.config.ts). Engines, readers and tasks run as the global
// setup has built them: to load their sources takes an engine 1.5 s of CPU instead of 0.6, some hundred times in a run. All
// else, and everything where nothing was built, runs from its sources.
import { register } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = new URL('../../', import.meta.url)
const built = {
  'server/engine/worker.ts': 'dist/server/worker.js',
  'server/engine/task-child.ts': 'dist/server/task-child.js',
  'server/ingestion/reader-child.ts': 'dist/server/reader-child.js',
}
const source = Object.keys(built).find((path) => fileURLToPath(new URL(path, root)) === process.argv[1])

if (source && process.env.BURSAR_TESTS_BUILT === '1') {
  const from = pathToFileURL(process.argv[1]).href
  register('./children-hook.mjs', { parentURL: import.meta.url, data: { from, to: new URL(built[source], root).href } })
} else {
  await import('tsx')
}
