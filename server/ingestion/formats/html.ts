import { InputError } from '../../errors.ts'
import { normalise, oneLine } from '../../text/canonical.ts'
import { type Document, type Metadata, metadataFields, parseMetadata } from '../document.ts'
import { htmlOutline } from './html-blocks.ts'
import { type Element, elementsOf, lineOf, type ParentNode, parseHtml, sourceText } from './html-tree.ts'
import { keepVisible } from './html-visible.ts'
import { textOf } from './html-words.ts'
import { documentOf, metadataOf, nameOf } from './outline.ts'
import { decode, type SourceFile } from './source.ts'
import { assertNoStrayMetadata, isLimit, limitingField } from './stray-fields.ts'

/**
 * Reads an HTML page: one document. Its fields are `<meta name="audience" content="agent">` and the like; the title is that
 * of the fields, else `<title>`, else the first `<h1>`, else the file's name. What readers do not see is no text.
 * @throws {InputError}
 */
export function readHtml(bytes: Uint8Array, file: SourceFile): Document[] {
  const source = normalise(decode(bytes, file.path))
  const root = parseHtml(source, file.path)
  const elements = [...elementsOf(root)]
  const metadata = metadataOf(file, ownFields(elements, file.path))
  assertNoStrayMetadata(source, file.path, 'a field, which for a page stands in <meta name content>', metadata)
  const pageTitle = titleOf(elements)
  const hidden = keepVisible(root, file.path)
  const title = oneLine(metadata.title ?? pageTitle ?? firstHeading(root) ?? nameOf(file.path))
  return [documentOf(file, metadata, title, htmlOutline(mainOf(root), title), hidden)]
}

/** Names of `<meta>` are of any case; those that are no fields of ours, such as `viewport`, say nothing. */
function ownFields(elements: readonly Element[], file: string): Metadata {
  const values: Record<string, string> = {}
  const places = new Map<string, number>()
  for (const element of elements) {
    const { name, attribs } = element
    const field = name === 'meta' ? attribs.name?.trim().toLowerCase() : undefined
    if (name === 'meta') assertNamed(element, file)
    if (field === undefined || !Object.hasOwn(metadataFields, field)) continue
    const content = attribs.content?.trim() ?? ''
    const line = lineOf(element)
    if (content === '') continue
    if (places.has(field)) throw new InputError({ file, line, column: field }, 'is stated twice')
    places.set(field, line)
    values[field] = content
  }
  const stated = parseMetadata(values, (column) => ({
    file,
    line: places.get(column ?? '') ?? 1,
    ...(column === undefined ? {} : { column }),
  }))
  return { ...pageFields(elements), ...stated }
}

/** `<meta property="audience" content="agent">` says nothing to us, and was meant to. @throws {InputError} */
function assertNamed(element: Element, file: string): void {
  const { content, ...names } = element.attribs
  for (const [attribute, name] of Object.entries(names)) {
    // "bursar:audience" and "dc.audience" as well.
    const field = limitingField(name.replace(/^.*[:.]/s, ''))
    const isOurs = attribute === 'name' && name.trim().toLowerCase() === field
    if (field && !isOurs && isLimit(field, content))
      throw new InputError({ file, line: lineOf(element), column: name }, `has to be written name="${field}"`)
  }
}

/** What pages say for browsers and search engines; they say it in many ways, so what is not of the right form is passed over. */
function pageFields(elements: readonly Element[]): Metadata {
  const lang = elements.find(({ name }) => name === 'html')?.attribs.lang
  const url = elements.find(({ name, attribs }) => name === 'link' && attribs.rel === 'canonical')?.attribs.href
  const good = (field: 'lang' | 'url', value: string | undefined) => metadataFields[field].safeParse(value).success
  return {
    ...(lang !== undefined && good('lang', lang) ? { lang } : {}),
    ...(url !== undefined && good('url', url) ? { url } : {}),
  }
}

function titleOf(elements: readonly Element[]): string | undefined {
  const element = elements.find(({ name, parent }) => name === 'title' && (parent as Element | null)?.name === 'head')
  return element === undefined ? undefined : oneLine(sourceText(element)) || undefined
}

function firstHeading(root: ParentNode): string | undefined {
  for (const element of elementsOf(root)) if (element.name === 'h1') return oneLine(textOf(element)) || undefined
  return undefined
}

/** The part of the page that is its content, if it says which. */
function mainOf(root: ParentNode): ParentNode {
  const mains = [...elementsOf(root)].filter(({ name, attribs }) => name === 'main' || attribs.role === 'main')
  return mains.length === 1 ? mains[0]! : root
}
