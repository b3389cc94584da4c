import { passageHash } from '../storage/passage-hash.ts'
import type { BlockKind, QuoteUnit } from '../storage/types.ts'
import { languageOf } from '../text/language.ts'
import type { Block, Document } from './document.ts'

/** What is embedded, indexed and ranked as one. */
export interface Chunk {
  /** From 0, in reading order. */
  readonly position: number
  /** `paragraph` where blocks of several kinds were merged. */
  readonly kind: BlockKind
  /** Title › headings (› question, or a table's header row): context for search, never quoted. */
  readonly heading: string
  /** From the first unit to the last, in the canonical text. */
  readonly start: number
  readonly end: number
  readonly units: readonly QuoteUnit[]
  /** As the document states it, else as its words tell, else `en`. */
  readonly lang: string
  /** SHA-256 of heading, LF, text; hexadecimal. */
  readonly hash: string
}

const arrow = ' › '

/** Chunk under construction: units of one heading, in the order of the text. */
interface Draft {
  kind: BlockKind
  readonly heading: string
  readonly units: QuoteUnit[]
  /** Of the units, without the heading. */
  tokens: number
  /** Where the block of the last unit ends. */
  blockEnd: number
}

/**
 * Cut a document into chunks: at headings, then between blocks, then between units, never inside a unit. Short neighbours
 * under one heading are merged up to `maxTokens`; a table keeps its rows apart from other blocks, with its header row in
 * the heading. A single unit that is longer than the limit stays one chunk, of which the encoder reads the beginning.
 * @param countTokens tokens of a text without the encoder's special tokens; asked once per heading and unit.
 * @param maxTokens heading included, above 0.
 * @throws {RangeError} if `maxTokens` is not above 0.
 */
export function chunk(document: Document, countTokens: (text: string) => number, maxTokens: number): Chunk[] {
  if (!(maxTokens > 0)) throw new RangeError(`maxTokens must be above 0, got ${maxTokens}`)
  const drafts: Draft[] = []
  for (const block of document.blocks) {
    const heading = headingOf(block, document.text)
    const budget = maxTokens - countTokens(heading)
    const counts = block.units.map(({ start, end }) => countTokens(document.text.slice(start, end)))
    const whole = counts.reduce((sum, count) => sum + count, 0)
    const last = drafts.at(-1)
    if (last && isNeighbour(last, block, heading) && last.tokens + whole <= budget) extend(last, block, whole)
    else drafts.push(...split(block, heading, counts, budget))
  }
  return drafts.map((draft, position) => finish(draft, position, document))
}

function headingOf(block: Block, text: string): string {
  const header = block.kind === 'table' ? block.units[0]?.header : undefined
  const cells = header
    ? [
        text
          .slice(...header)
          .split(/[\t\n]/)
          .filter(Boolean)
          .join(', '),
      ]
    : []
  return [...block.heading, ...cells].join(arrow)
}

/** Whether nothing but the empty line between blocks, so no heading, stands between the two. */
function isNeighbour(draft: Draft, block: Block, heading: string): boolean {
  const tabular = draft.kind === 'table' || block.kind === 'table'
  return !tabular && draft.heading === heading && block.start === draft.blockEnd + 2
}

function extend(draft: Draft, block: Block, tokens: number): void {
  if (draft.kind !== block.kind) draft.kind = 'paragraph'
  draft.units.push(...block.units)
  draft.tokens += tokens
  draft.blockEnd = block.end
}

/** A block as one draft if it fits, else as several, each as full as whole units allow. */
function split(block: Block, heading: string, counts: readonly number[], budget: number): Draft[] {
  const drafts: Draft[] = []
  block.units.forEach((unit, i) => {
    const [last, count] = [drafts.at(-1), counts[i]!]
    if (last && last.tokens + count <= budget) {
      last.units.push(unit)
      last.tokens += count
    } else drafts.push({ kind: block.kind, heading, units: [unit], tokens: count, blockEnd: block.end })
  })
  return drafts
}

function finish({ kind, heading, units }: Draft, position: number, { text, lang }: Document): Chunk {
  const [start, end] = [units[0]!.start, units.at(-1)!.end]
  const content = text.slice(start, end)
  const hash = passageHash(heading, content)
  return { position, kind, heading, start, end, units, lang: lang ?? languageOf(content) ?? 'en', hash }
}
