import { isMap, isScalar, LineCounter, parseDocument, type Document as YamlDocument } from 'yaml'
import { InputError, type InputPlace } from '../../errors.ts'
import { type Metadata, metadataFields, parseMetadata } from '../document.ts'
import { decode } from './source.ts'

/** A front matter is a few lines; more is something else. UTF-16 units. */
const maxLength = 16_384

/**
 * Read flat `field: value` YAML. Every value is text (no dates, numbers or booleans are guessed); an empty one says nothing.
 * @param firstLine line of the file at which `yaml` begins, from 1.
 * @throws {InputError} if it is not YAML, not flat, or a field is unknown or bad.
 */
export function readFrontMatter(yaml: string, path: string, firstLine: number): Metadata {
  const lines = new LineCounter()
  const at = (offset: number) => ({ file: path, line: firstLine + Math.max(lines.linePos(offset).line, 1) - 1 })
  const root = parse(yaml, lines, at).contents
  if (root === null || (isScalar(root) && root.value === '')) return {}
  if (!isMap(root)) throw new InputError(at(0), 'the metadata must be lines of the form field: value')
  const values: Record<string, string> = {}
  const places = new Map<string, InputPlace>()
  for (const { key, value } of root.items) {
    if (!isScalar(key)) throw new InputError(at(0), 'the metadata must be lines of the form field: value')
    const field = String(key.value)
    places.set(field, { ...at(key.range?.[0] ?? 0), column: field })
    if (value !== null && !isScalar(value))
      throw new InputError(places.get(field)!, 'must be one text, not a list or map')
    const text = value === null ? '' : String(value.value).trim()
    if (text !== '' || !Object.hasOwn(metadataFields, field)) define(values, field, text)
  }
  return parseMetadata(values, (field) => places.get(field ?? '') ?? at(0))
}

/** The metadata that a file `<name>.yaml` gives as defaults to every row of `<name>`. @throws {InputError} */
export function readSidecar(bytes: Uint8Array, path: string): Metadata {
  return readFrontMatter(decode(bytes, path), path, 1)
}

function parse(yaml: string, lines: LineCounter, at: (offset: number) => InputPlace): YamlDocument.Parsed {
  if (yaml.length > maxLength) throw new InputError(at(0), `the metadata has more than ${maxLength} characters`)
  let document: YamlDocument.Parsed
  try {
    // The failsafe schema leaves every value a string: dates stay as written and `no` is not false.
    document = parseDocument(yaml, { schema: 'failsafe', lineCounter: lines, logLevel: 'silent', prettyErrors: false })
  } catch (cause) {
    throw new InputError(at(0), 'the metadata nests too deep', { cause })
  }
  const fault = document.errors[0]
  if (fault) {
    const reason = fault.message.includes('call stack')
      ? 'the metadata nests too deep'
      : `is not YAML: ${fault.message.split('\n', 1)[0]}`
    throw new InputError(at(fault.pos[0]), reason, { cause: fault })
  }
  return document
}

/** An own property even for a name such as `__proto__`, so that it is refused like any unknown field. */
function define(values: Record<string, string>, field: string, value: string): void {
  Object.defineProperty(values, field, { value, enumerable: true, configurable: true, writable: true })
}
