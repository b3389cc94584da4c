import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const metrics = z.record(z.string(), z.number())

export const dataUses = ['train', 'test', 'validation'] as const

/** `manifest.json` of a version folder. */
export const manifestSchema = z.object({
  format: z.literal(1),
  service: z.string().regex(/^[a-z][a-z-]*$/),
  version: z.int().positive(),
  /** The service's recipe when it was trained. */
  recipe: z.int().positive(),
  /** ISO 8601, UTC. */
  created: z.iso.datetime(),
  seed: z.int(),
  data: z.object({
    /** Over all files, see `checksumOf`. */
    sha256,
    files: z.array(
      z.object({
        file: z.string(),
        sha256,
        rows: z.int().nonnegative(),
        /** Rows of `test` were only measured with; those of `validation` also calibrated with. */
        use: z.enum(dataUses).exactOptional(),
        /** As the corpora's manifest names it. */
        licence: z.string().exactOptional(),
      }),
    ),
  }),
  encoder: z.object({ id: z.string().min(1), dimension: z.int().positive() }),
  labels: z.array(z.string()).min(2),
  temperature: z.number().positive(),
  thresholds: metrics,
  metrics,
  /** Every other file of the folder; plain names, so that nothing outside of it can be meant. */
  files: z.record(z.string().regex(/^[a-z0-9][\w.-]*$/), z.object({ sha256, bytes: z.int().nonnegative() })),
})
export type Manifest = z.infer<typeof manifestSchema>
