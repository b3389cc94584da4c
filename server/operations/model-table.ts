import { z } from 'zod'
import { type OnProgress, runTask, type TrainDone } from '../engine/tasks.ts'
import { NotFoundError } from '../errors.ts'
import type { AuditEntry } from '../storage/audit.ts'
import { by, reason } from './access-table.ts'
import { heads } from './generations.ts'
import type { House } from './house.ts'

/** What commands may ask about models. */
export const modelRequests = {
  train: z.object({
    service: z.string(),
    train: z.array(z.string()),
    test: z.array(z.string()),
    validation: z.array(z.string()),
    seed: z.int(),
    snapshot: z.string().optional(),
    reason,
  }),
  adopt: z.object({}),
  predict: z.object({ service: z.string(), input: z.string(), output: z.string(), version: z.string() }),
} as const
type Request<N extends keyof typeof modelRequests> = z.infer<(typeof modelRequests)[N]>

/** Training, adoption and labelling, for the table of operations. */
export function createModelOperations({ pool, generations, registry, units, store }: House) {
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
    /** Train and make live. Engines take the new version up at once if all heads are there. */
    async train({ snapshot, reason: why, ...files }: Request<'train'>, onProgress: OnProgress, actor: string) {
      const { encoder, snapshot: own, delta, heads: before } = pool.generation
      const index = snapshot === undefined ? { ...(own && { snapshot: own }), ...(delta && { delta }) } : { snapshot }
      const task = { kind: 'train' as const, encoder, registry: registry.root, ...files }
      const done = await runTask({ ...task, ...index }, onProgress)
      await log({ ...by(actor, why), action: 'models.train', subject: done.service, detail: detailOf(done) })
      if (before) await adopt(actor, why)
      return done
    },
    async adopt(_: object, __: OnProgress, actor: string) {
      await adopt(actor, undefined)
      return { heads: pool.generation.heads !== undefined }
    },
    async predict({ service, input, output, version }: Request<'predict'>, onProgress: OnProgress) {
      const found =
        version === 'champion' ? await registry.champion(service) : await registry.find(service, Number(version))
      if (!found) throw new NotFoundError(`${service} has no live version: bursar train ${service}`)
      return runTask(
        { kind: 'predict', service, encoder: pool.generation.encoder, version: found.dir, input, output },
        onProgress,
      )
    },
  }
}

/** Version, checksum and figures of what is live from now on. */
function detailOf({ version, artifactSha256, metrics, trained }: TrainDone): string {
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`)
  const how = trained ? 'trained' : 'made from the same inputs before'
  return [`version ${version}`, how, `artifact sha256 ${artifactSha256}`, ...figures].join(', ')
}
