import { z } from 'zod'
import { InputError, type InputPlace } from '../errors.ts'
import { type Audience, audiences, type BlockKind, type IsoDate, type QuoteUnit } from '../storage/types.ts'

/** Where something stands in its source, each counted from 1: the line of a text file, the page of a PDF. */
export interface Place {
  readonly line?: number
  readonly page?: number
}

/** Words that a source holds and its readers do not see. They are no text of the document. */
export interface HiddenText extends Place {
  /** Such as `display: none`. */
  readonly how: string
}

/** A stretch of a document: a paragraph, a whole list, a table, or a question with its answer. */
export interface Block extends Place {
  readonly kind: BlockKind
  /** Title, where the source gives one, and the headings above, outermost first; for `qa` the question is the last. */
  readonly heading: readonly string[]
  /** Half-open span of the whole block in the canonical text, UTF-16 units. */
  readonly start: number
  readonly end: number
  /** What may be quoted, in reading order, never overlapping, each inside the block. Not empty. */
  readonly units: readonly QuoteUnit[]
}

/** One document as a reader returns it: canonical text, its blocks, and when, where and for whom it holds. */
export interface Document {
  /** `collection/relative/path`, for a row with `#row-id`. */
  readonly id: string
  /** For people; never empty. */
  readonly title: string
  /** Canonical text as the wire contract defines it. */
  readonly text: string
  readonly blocks: readonly Block[]
  /** In reading order, at most 100; none where the format cannot hide anything. */
  readonly hidden?: readonly HiddenText[]
  readonly audience: Audience
  /** In force when `from` ≤ day < `until`. */
  readonly from?: IsoDate
  readonly until?: IsoDate
  readonly region?: string
  readonly product?: string
  readonly url?: string
  /** Language tag as the source states it, such as `zh`. */
  readonly lang?: string
  /** The publisher's own name of this version. */
  readonly version?: string
}

/** A real day in ISO 8601. */
export const day = z.iso.date({ error: 'must be a day such as 2026-01-31' })
const name = z
  .union([z.string(), z.number().transform(String)], { error: 'must be text' })
  .pipe(
    z.string().trim().min(1, { error: 'must not be empty' }).max(1_000, { error: 'must have at most 1000 characters' }),
  )

/** Fields that a front matter, a sidecar or a row may carry. */
export const metadataFields = {
  title: name.exactOptional(),
  audience: z.enum(audiences, { error: `must be ${audiences.join(' or ')}` }).exactOptional(),
  from: day.exactOptional(),
  until: day.exactOptional(),
  region: name.exactOptional(),
  product: name.exactOptional(),
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).exactOptional(),
  lang: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/, { error: 'must be a language tag such as en' })
    .exactOptional(),
  version: name.exactOptional(),
}
const metadataSchema = z.strictObject(metadataFields)

/** What a source says about a document besides its text. */
export type Metadata = z.infer<typeof metadataSchema>

/** Where a field stands, so that an error can name its line. */
export type PlaceOf = (field: string | undefined) => InputPlace

/**
 * Check fields against a schema.
 * @throws {InputError} at the place of the first bad field; an unknown field of a strict schema is one.
 */
export function check<T>(schema: z.ZodType<T>, values: unknown, placeOf: PlaceOf): T {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  if (issue?.code === 'unrecognized_keys')
    throw new InputError(placeOf([...issue.path, issue.keys[0]].join('.')), 'unknown field')
  const field = issue?.path.map(String).join('.')
  throw new InputError(placeOf(field === '' ? undefined : field), lowerFirst(issue?.message ?? 'is not valid'))
}

/** Check a front matter or sidecar: no unknown fields, dates in order. @throws {InputError} */
export function parseMetadata(values: Readonly<Record<string, unknown>>, placeOf: PlaceOf): Metadata {
  const metadata = check(metadataSchema, values, placeOf)
  assertOrder(metadata, placeOf)
  return metadata
}

/** @throws {InputError} at `until` unless it is later than `from`. */
export function assertOrder({ from, until }: Pick<Metadata, 'from' | 'until'>, placeOf: PlaceOf): void {
  if (from !== undefined && until !== undefined && until <= from)
    throw new InputError(placeOf('until'), `${until} is not later than from, ${from}`)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
