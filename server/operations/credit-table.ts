import { z } from 'zod'
import { type OnProgress, runTask } from '../engine/tasks.ts'
import { modelFile } from '../models/head-session.ts'
import type { House } from './house.ts'
import { versionOf } from './model-table.ts'

const shared = {
  version: z.string(),
  approve: z.number().gt(0).lt(1),
  schema: z.string().exactOptional(),
}

/** What commands may ask about credit decisions. */
export const creditRequests = {
  'credit.score': z.object({ ...shared, input: z.string(), output: z.string() }),
  'credit.verify': z.object({
    ...shared,
    n: z.int().min(1).max(1_000_000),
    seed: z.int(),
    input: z.string().exactOptional(),
  }),
} as const
type Request<N extends keyof typeof creditRequests> = z.infer<(typeof creditRequests)[N]>

/** Credit decisions, for the table of operations. */
export function createCreditOperations({ registry }: House) {
  async function modelOf(version: string) {
    const { dir, manifest, version: number } = await versionOf(registry, 'credit', version)
    return { number, model: { version: dir, artifactSha256: manifest.files[modelFile]?.sha256 ?? '' } }
  }
  return {
    async 'credit.score'(request: Request<'credit.score'>, onProgress: OnProgress, _: string, signal?: AbortSignal) {
      const { number, model } = await modelOf(request.version)
      const done = await runTask({ kind: 'credit.score', ...request, ...model }, onProgress, signal)
      return { ...done, modelVersion: number }
    },
    async 'credit.verify'(request: Request<'credit.verify'>, onProgress: OnProgress, _: string, signal?: AbortSignal) {
      const { number, model } = await modelOf(request.version)
      const done = await runTask({ kind: 'credit.verify', ...request, ...model }, onProgress, signal)
      return { ...done, modelVersion: number }
    },
  }
}
