import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const metrics = z.record(z.string(), z.number())

export const dataUses = ['train', 'test', 'validation'] as const

const shared = {
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
  /** The version that it was made smaller from, and how. */
  parent: z.object({ version: z.int().positive(), how: z.string() }).exactOptional(),
  thresholds: metrics,
  metrics,
  /** Every other file of the folder; plain names, so that nothing outside of it can be meant. */
  files: z.record(z.string().regex(/^[a-z0-9][\w.-]*$/), z.object({ sha256, bytes: z.int().nonnegative() })),
} as const

/** A head over the vectors of an encoder. Manifests of before had no `task`: there was no other. */
const textManifest = z.object({
  ...shared,
  task: z.literal('text-classification').default('text-classification'),
  encoder: z.object({ id: z.string().min(1), dimension: z.int().positive() }),
  labels: z.array(z.string()).min(2),
  temperature: z.number().positive(),
})
export type TextManifest = z.infer<typeof textManifest>

/** A model that reads the words of a text by itself, without an encoder. */
const sequenceManifest = z.object({
  ...shared,
  task: z.literal('sequence-classification'),
  labels: z.array(z.string()).min(2),
  temperature: z.number().positive(),
})
export type SequenceManifest = z.infer<typeof sequenceManifest>

/** An input of a model of tables, and what its training rows held. */
const columnSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('number'),
    name: z.string().min(1),
    /** Least and greatest value. */
    low: z.number(),
    high: z.number(),
    /** What a missing value is read as. */
    fill: z.number(),
  }),
  z.object({ kind: z.literal('category'), name: z.string().min(1), levels: z.array(z.string()) }),
])
export type ColumnSchema = z.infer<typeof columnSchema>

const count = z.int().nonnegative()
const numberBins = z.object({
  kind: z.literal('number'),
  cuts: z.array(z.object({ at: z.number(), closed: z.boolean() })).readonly(),
  counts: z.array(count).readonly(),
})
const levelBins = z.object({
  kind: z.literal('category'),
  levels: z.array(z.string()).readonly(),
  counts: z.array(count).readonly(),
})

/** What later rows and scores of a classifier are held beside, see `tabular/reference.ts`. */
const tableReference = z.object({
  columns: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('number'),
        name: z.string(),
        /** Of the reference applicant. */
        value: z.number(),
        /** At even shares, least and greatest among them. */
        quantiles: z.array(z.number()).min(1),
        missing: z.number().min(0).max(1),
      }),
      z.object({
        kind: z.literal('category'),
        name: z.string(),
        value: z.string(),
        shares: z.record(z.string(), z.number()),
      }),
    ]),
  ),
  /** Quantiles of the probability on held-out rows. */
  scores: z.array(z.number()).min(2),
  /** How often columns and scores fell into which bin, see `evaluation/stability.ts`; absent in versions of before. */
  bins: z
    .object({ columns: z.array(z.discriminatedUnion('kind', [numberBins, levelBins])), scores: numberBins })
    .exactOptional(),
})
export type TableReference = z.infer<typeof tableReference>

const table = {
  target: z.string().min(1),
  columns: z.array(columnSchema).min(1),
  /** How it was trained, such as `boosting`. */
  method: z.string().min(1),
  /** Columns by which the prediction was held to rise (`late:+`) or to fall, if any. */
  monotone: z.array(z.string().regex(/^.+:[+-]$/)).exactOptional(),
}
const tableClassification = z.object({
  ...shared,
  ...table,
  task: z.literal('tabular-classification'),
  /** The class that the probability is of is the second. */
  labels: z.tuple([z.string(), z.string()]),
  /** Absent in versions of before. */
  reference: tableReference.exactOptional(),
})
const tableRegression = z.object({ ...shared, ...table, task: z.literal('tabular-regression') })
const tableManifest = z.discriminatedUnion('task', [tableClassification, tableRegression])
export type TableManifest = z.infer<typeof tableManifest>

/** `manifest.json` of a version folder. */
export const manifestSchema = z.union([textManifest, sequenceManifest, tableManifest])
export type Manifest = z.infer<typeof manifestSchema>

type Unsealed<M> = M extends Manifest ? Omit<M, 'files' | 'version' | 'created'> : never
/** What a manifest says of the training alone. */
export type TrainingFacts = Unsealed<Manifest>

export const isTextManifest = (manifest: Manifest): manifest is TextManifest => manifest.task === 'text-classification'

export const isTableManifest = (manifest: Manifest): manifest is TableManifest => 'columns' in manifest

/** Of the encoder that a version needs; undefined for one that needs none. */
export const encoderIdOf = (manifest: Manifest): string | undefined =>
  isTextManifest(manifest) ? manifest.encoder.id : undefined
