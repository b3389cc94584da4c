import { z } from 'zod'
import { type OnProgress, runTask } from '../engine/tasks.ts'
import { NotFoundError, UsageError } from '../errors.ts'
import type { ModelRegistry, Version } from '../models/registry.ts'
import type { House } from './house.ts'

const text = z.string().exactOptional()
const columns = z
  .object({
    textColumn: text,
    labelColumn: text,
    labelsColumn: text,
    groupColumn: text,
    labelValue: text,
    oosLabel: text,
    only: z.array(z.string()).readonly().exactOptional(),
  })
  .optional()

/** Arguments of the operations on models, see `requests` in table.ts. */
export const modelRequests = {
  train: z.object({
    service: z.string(),
    train: z.array(z.string()),
    test: z.array(z.string()),
    validation: z.array(z.string()),
    seed: z.int(),
    snapshot: z.string().optional(),
    columns,
  }),
  adopt: z.object({}),
  predict: z.object({ service: z.string(), input: z.string(), output: z.string(), version: z.string(), columns }),
  'eval.service': z.object({ service: z.string(), version: z.string(), test: z.string(), columns }),
} as const

type RequestOf<N extends keyof typeof modelRequests> = z.infer<(typeof modelRequests)[N]>

/** @param version a number, or `champion` for the live one. @throws {NotFoundError} {@link ModelError} {@link UsageError} */
async function versionOf(registry: ModelRegistry, service: string, version: string): Promise<Version> {
  if (version !== 'champion') {
    if (!/^[1-9]\d{0,8}$/.test(version)) throw new UsageError(`a version is a number or champion, not "${version}"`)
    return registry.find(service, Number(version))
  }
  const live = await registry.champion(service)
  if (!live) throw new NotFoundError(`${service} has no live version: bursar train ${service}`)
  return live
}

/** What is done with models: train, take up, use, measure. */
export function createModelOperations({ pool, generations, registry }: House) {
  return {
    /** Train and make live. Engines take the new version up at once if all heads are there. */
    async train({ snapshot, columns, ...files }: RequestOf<'train'>, onProgress: OnProgress) {
      const { encoder, snapshot: own, delta, heads } = pool.generation
      const index = snapshot === undefined ? { ...(own && { snapshot: own }), ...(delta && { delta }) } : { snapshot }
      const task = { kind: 'train' as const, encoder, registry: registry.root, ...(columns && { columns }), ...files }
      const done = await runTask({ ...task, ...index }, onProgress)
      if (heads) await generations.adoptHeads(pool)
      return done
    },
    /** Have the engines take up the live versions of all heads. */
    async adopt() {
      await generations.adoptHeads(pool)
      return { heads: pool.generation.heads !== undefined }
    },
    async predict({ version, columns, ...request }: RequestOf<'predict'>, onProgress: OnProgress) {
      const { dir } = await versionOf(registry, request.service, version)
      const { encoder } = pool.generation
      return runTask({ kind: 'predict', encoder, version: dir, ...(columns && { columns }), ...request }, onProgress)
    },
    async 'eval.service'({ version, columns, ...request }: RequestOf<'eval.service'>, onProgress: OnProgress) {
      const { dir } = await versionOf(registry, request.service, version)
      const { encoder } = pool.generation
      return runTask(
        { kind: 'evaluate', encoder, model: { version: dir }, ...(columns && { columns }), ...request },
        onProgress,
      )
    },
  }
}
