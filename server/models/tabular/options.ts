import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { missingPolicies } from './preparation.ts'

/** Several names, with semicolons between them: commas part one setting from the next. */
const names = z.string().transform((text) =>
  text
    .split(';')
    .map((name) => name.trim())
    .filter(Boolean),
)
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)
const real = (least: number, most: number) => z.coerce.number().min(least).max(most)

/** What `--option name=value` may say. Everything but the first five is of one method, and has a default there. */
const optionsSchema = z.strictObject({
  /** What becomes of missing numbers. */
  missing: z.enum(missingPolicies).default('indicator'),
  /** Columns whose numbers are names. */
  category: names.default([]),
  /** Class that the probability is of; default: the later one in sorted order. */
  positive: z.string().optional(),
  /** Columns by which the prediction may only rise (`income:-;late:+`) or fall; tree methods only. */
  monotone: names.pipe(z.array(z.string().regex(/^.+:[+-]$/))).default([]),
  /** `balanced`: both classes weigh as much as the other. */
  weights: z.enum(['none', 'balanced']).default('none'),
  l2: real(0, 1e6).optional(),
  hidden: z
    .string()
    .regex(/^\d{1,4}(-\d{1,4}){0,3}$/)
    .transform((text) => text.split('-').map(Number))
    .pipe(z.array(z.number().min(1)))
    .optional(),
  activation: z.enum(['relu', 'sigmoid', 'tanh']).optional(),
  loss: z.enum(['logistic', 'focal']).optional(),
  epochs: whole(1, 1_000).optional(),
  batch: whole(1, 10_000).optional(),
  rate: real(1e-6, 1).optional(),
  schedule: z.enum(['constant', 'cosine']).optional(),
  dropout: real(0, 0.95).optional(),
  trees: whole(1, 5_000).optional(),
  leaves: whole(2, 1_024).optional(),
  depth: whole(1, 64).optional(),
  leaf: real(1e-3, 1e6).optional(),
})
export type TableOptions = z.infer<typeof optionsSchema>

export const methodNames = ['select', 'logistic', 'linear', 'mlp', 'tree', 'forest', 'boosting'] as const
export type MethodName = (typeof methodNames)[number]

/** @param given value by name. @throws {UsageError} naming what is not known or out of range. */
export function tableOptions(given: Readonly<Record<string, string>>): TableOptions {
  const parsed = optionsSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UsageError(`--option ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not known'}`)
}
