import { InputError } from '../../errors.ts'
import { maxDepth } from './source.ts'

/** A line of a JSONL file. */
export interface JsonLine {
  readonly value: Readonly<Record<string, unknown>>
  /** Counted from 1 in the file. */
  readonly line: number
}

/** The objects of a JSONL text, blank lines skipped. @throws {InputError} if a line is no JSON object, names a field twice or nests too deep. */
export function jsonLines(text: string, path: string): JsonLine[] {
  const found: JsonLine[] = []
  text.split('\n').forEach((content, i) => {
    if (content.trim() !== '') found.push({ value: parseObject(content, path, i + 1), line: i + 1 })
  })
  return found
}

function parseObject(content: string, file: string, line: number): Record<string, unknown> {
  const { depth, members } = shapeOf(content)
  if (depth > maxDepth) throw new InputError({ file, line }, `nests deeper than ${maxDepth} levels`)
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (cause) {
    // The parser's own message repeats the content, which may be personal.
    const at = /position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1]
    const column = String(at === undefined ? content.trimEnd().length : Number(at) + 1)
    throw new InputError({ file, line, column }, 'is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError({ file, line }, 'is not a JSON object')
  // Which of the two would count differs between programs, and one may be the audience.
  if (Object.keys(value).length < members) throw new InputError({ file, line }, 'names a field twice')
  if (hasLoneSurrogate(value)) throw new InputError({ file, line }, 'holds half of a character (a lone surrogate)')
  // A parsed object that is neither null nor an array is a record of own properties.
  return value as Record<string, unknown>
}

/** At any depth, which {@link shapeOf} has bounded. Such a text has no UTF-8 form and would not be stored as it is. */
function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLoneSurrogate)
}

/** Deepest nesting of brackets outside strings, and members of the outermost object, by a scan that does not recurse. */
function shapeOf(json: string): { depth: number; members: number } {
  let [depth, deepest, members, quoted] = [0, 0, 0, false]
  for (let i = 0; i < json.length; i++) {
    const char = json[i]
    if (quoted) {
      if (char === '\\') i++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth)
    else if (char === '}' || char === ']') depth--
    else if (char === ':' && depth === 1) members++
  }
  return { depth: deepest, members }
}
