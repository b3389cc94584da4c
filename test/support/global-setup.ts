import { buildIfStale } from '../../bin/build.mjs'
import { pullEncoder } from '../../server/embedding/model-files.ts'
import { prepareDemo } from './demo.ts'
import { modelsDir } from './models.ts'

/** Once before all tests: what `npm start` would do on a fresh machine, and the official weights kept for the build's tests. */
export async function setup(): Promise<void> {
  process.env.ORT_DISABLE_TELEMETRY = '1' // as the command line does it; test and bench processes inherit it
  await pullEncoder({ modelsDir: modelsDir(), keepWeights: true })
  await buildIfStale()
  process.env.BURSAR_TESTS_BUILT = '1' // see children.mjs
  await prepareDemo()
}
