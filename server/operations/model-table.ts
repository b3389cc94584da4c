import { z } from 'zod'
import { type OnProgress, runTask, type TrainDone } from '../engine/tasks.ts'
import { NotFoundError, UsageError } from '../errors.ts'
import type { ModelRegistry, Version } from '../models/registry.ts'
import type { AuditEntry } from '../storage/audit.ts'
import { by, reason } from './access-table.ts'
import { heads } from './generations.ts'
import type { House } from './house.ts'
import type { Promotions } from './promotion.ts'

const text = z.string().exactOptional()
export const columns = z
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

const table = z
  .object({
    target: z.string(),
    ignore: z.array(z.string()).readonly(),
    rule: z.enum(['best', '1se']),
    schema: z.string().exactOptional(),
  })
  .optional()

/** What commands may ask about models. */
export const modelRequests = {
  train: z.object({
    service: z.string(),
    train: z.array(z.string()),
    test: z.array(z.string()),
    validation: z.array(z.string()),
    seed: z.int(),
    /** False: only registered. */
    promote: z.boolean().exactOptional(),
    licence: z.string().max(500).exactOptional(),
    snapshot: z.string().optional(),
    columns,
    table,
    way: z
      .object({ method: text, options: z.record(z.string(), z.string()).readonly().exactOptional() })
      .exactOptional(),
    reason,
  }),
  adopt: z.object({}),
  predict: z.object({
    service: z.string(),
    input: z.string(),
    output: z.string(),
    version: z.string(),
    columns,
    unusual: z.enum(['refuse', 'accept']).exactOptional(),
    explain: z.boolean().exactOptional(),
  }),
  'eval.service': z.object({ service: z.string(), version: z.string(), test: z.string(), columns, table }),
} as const
type Request<N extends keyof typeof modelRequests> = z.infer<(typeof modelRequests)[N]>

/** @param version a number, or `champion` for the live one. @throws {NotFoundError} {@link ModelError} {@link UsageError} */
export async function versionOf(registry: ModelRegistry, service: string, version: string): Promise<Version> {
  if (version !== 'champion') {
    if (!/^[1-9]\d{0,8}$/.test(version)) throw new UsageError(`a version is a number or champion, not "${version}"`)
    return registry.find(service, Number(version))
  }
  const live = await registry.champion(service)
  if (!live) throw new NotFoundError(`${service} has no live version: bursar train ${service}`)
  return live
}

/** Training, adoption, labelling and scoring, for the table of operations. */
export function createModelOperations({ pool, generations, registry, units, store }: House, promotions: Promotions) {
  const log = (entry: AuditEntry): Promise<void> => units.run((tx) => store.audit.append(tx, [entry]))

  /** Have the engines take up the live versions; the log hears of it if these are others than before. */
  async function adopt(actor: string, why: string | undefined): Promise<void> {
    const before = JSON.stringify(pool.generation.heads)
    await generations.adoptHeads(pool)
    if (JSON.stringify(pool.generation.heads) === before) return
    const versions = await Promise.all(heads.map(async (name) => [name, (await registry.champion(name))?.version]))
    const detail = versions.map(([name, version]) => `${name} version ${version ?? 'none'}`).join(', ')
    await log({ ...by(actor, why), action: 'models.adopt', subject: 'engines', detail })
  }

  return {
    /** Train, and make live unless it is not wanted. Engines that hold all heads load it first. */
    async train(
      { snapshot, columns: given, reason: why, promote = true, ...files }: Request<'train'>,
      onProgress: OnProgress,
      actor: string,
      signal?: AbortSignal,
    ) {
      const { encoder, snapshot: own, delta } = pool.generation
      const index = snapshot === undefined ? { ...(own && { snapshot: own }), ...(delta && { delta }) } : { snapshot }
      const task = {
        kind: 'train' as const,
        encoder,
        registry: registry.root,
        ...(given && { columns: given }),
        ...files,
      }
      const done = await runTask({ ...task, ...index }, onProgress, signal)
      await log({ ...by(actor, why), action: 'models.train', subject: done.service, detail: detailOf(done) })
      if (promote) await promotions.takeUp(done, why ?? 'trained', actor, signal)
      return done
    },
    async adopt(_: object, __: OnProgress, actor: string) {
      await promotions.inTurn(() => adopt(actor, undefined))
      return { heads: pool.generation.heads !== undefined }
    },
    async predict(
      { version, columns: given, ...request }: Request<'predict'>,
      onProgress: OnProgress,
      _: string,
      signal?: AbortSignal,
    ) {
      const { dir } = await versionOf(registry, request.service, version)
      const { encoder } = pool.generation
      return runTask(
        { kind: 'predict', encoder, version: dir, ...(given && { columns: given }), ...request },
        onProgress,
        signal,
      )
    },
    async 'eval.service'(
      { version, columns: given, ...request }: Request<'eval.service'>,
      onProgress: OnProgress,
      _: string,
      signal?: AbortSignal,
    ) {
      const { dir } = await versionOf(registry, request.service, version)
      const { encoder } = pool.generation
      return runTask(
        { kind: 'evaluate', encoder, model: { version: dir }, ...(given && { columns: given }), ...request },
        onProgress,
        signal,
      )
    },
  }
}

/** Version, checksum and figures of what was trained. */
function detailOf({ version, artifactSha256, metrics, trained }: TrainDone): string {
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`)
  const how = trained ? 'trained' : 'made from the same inputs before'
  return [`version ${version}`, how, `artifact sha256 ${artifactSha256}`, ...figures].join(', ')
}
