import { InputError } from '../../errors.ts'
import type { Block, Metadata } from '../document.ts'

// Fields that restrict who may read a document and when, where they do not count: what is for agents would be customers', and
// what is expired in force. They are refused by name rather than guessed, and only with a value of ours, as "From" and "Audience"
// are also words.

/** Lines at the top of a text in which fields that went wrong are looked for. */
const topLines = 20
const audience = 'agent|customer'
const day = String.raw`\d{4}-\d{2}-\d{2}`
/** Marks of lists, quotes, comments, emphasis and objects in front of a field. */
const lead = String.raw`^[\s>*_#{"'•|\x60+\-<!/;%]*`
const mark = String.raw`["'*_\s\x60]*`
const strayField = new RegExp(
  [
    String.raw`${lead}(?<who>audience)${mark}(?:[:=：|]|\t)${mark}(?<whoIs>${audience})\b`,
    String.raw`${lead}(?<when>from|until)["'*_\x60]*\s*[:=：]${mark}(?<whenIs>${day})`,
    String.raw`["'](?<quoted>audience)["']\s*:\s*["'](?<quotedIs>${audience})["']`,
  ].join('|'),
  'iu',
)

type Fields = Pick<Metadata, 'audience' | 'from' | 'until'>
const isField = (name: string): name is keyof Fields => name === 'audience' || name === 'from' || name === 'until'

interface Stray {
  readonly field: keyof Fields
  /** Of the text, from 0. */
  readonly line: number
}

/** The first field at the top of a text that says something else than is `stated`. */
function strayIn(text: string, stated: Fields): Stray | undefined {
  for (const [line, content] of text.split('\n', topLines).entries()) {
    const groups = strayField.exec(content)?.groups
    const field = (groups?.who ?? groups?.when ?? groups?.quoted ?? '').toLowerCase()
    const value = (groups?.whoIs ?? groups?.whenIs ?? groups?.quotedIs ?? '').toLowerCase()
    if (isField(field) && stated[field] !== value) return { field, line }
  }
  return undefined
}

/**
 * A front matter below an empty line or a comment, or in another syntax or format, would be read as text.
 * @param what it looks like, and where it belongs. @throws {InputError}
 */
export function assertNoStrayMetadata(source: string, path: string, what: string, stated: Fields = {}): void {
  const stray = strayIn(source, stated)
  if (stray) throw new InputError({ file: path, line: stray.line + 1, column: stray.field }, `this looks like ${what}`)
}

/** As {@link assertNoStrayMetadata}, of a text that readers see, such as "**Audience:** agent" made to plain text. @throws {InputError} */
export function assertNoFieldsIn(text: string, blocks: readonly Block[], path: string, stated: Fields): void {
  const stray = strayIn(text, stated)
  if (!stray) return
  const at = text.split('\n', stray.line).join('\n').length + 1
  const line = blocks.findLast(({ start }) => start <= at)?.line
  const place = { file: path, ...(line === undefined ? {} : { line }), column: stray.field }
  throw new InputError(place, 'this looks like a field and stands in the text; state it in a sidecar or front matter')
}

/** Names that are written for `audience`, `from` and `until`, without signs and in small letters. */
const otherNames: readonly (readonly [RegExp, keyof Fields])[] = [
  [/^(?:target|intended)?audiences?$/, 'audience'],
  [/^(?:valid|effective)?from(?:date)?$/, 'from'],
  [/^(?:(?:valid|effective)?until|(?:valid|effective)(?:to|till))(?:date)?$/, 'until'],
]

/** The limiting field that a name is, or was meant to be; what nobody sees in a name does not make it another. */
export function limitingField(name: string): keyof Fields | undefined {
  if (name.length > maxName) return undefined
  const plain = name
    .normalize('NFKC')
    .replace(/[\s\p{C}_.-]/gu, '')
    .toLowerCase()
  return otherNames.find(([pattern]) => pattern.test(plain))?.[1]
}
/** Longer names are no fields', UTF-16 units. */
const maxName = 200

/** Whether a value is one that the field could have. */
export function isLimit(field: keyof Fields, value: unknown): boolean {
  const pattern = field === 'audience' ? `^\\s*(?:${audience})s?\\s*$` : `^\\s*${day}`
  const values = Array.isArray(value) ? value : [value]
  return values.some((one) => typeof one === 'string' && new RegExp(pattern, 'iu').test(one))
}

/** Path of a limiting field inside other values, such as `metadata.audience`; they are bounded in depth. */
export function nestedLimit(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const field = limitingField(name)
    if (field && isLimit(field, inner)) return `${path}.${name}`
    const deeper = nestedLimit(inner, `${path}.${name}`)
    if (deeper !== undefined) return deeper
  }
  return undefined
}
