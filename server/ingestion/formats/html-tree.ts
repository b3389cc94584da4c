import { type Element, type Document as HtmlDocument, hasChildren, isTag, isText, type ParentNode } from 'domhandler'
import { parse } from 'parse5'
import { adapter, type Htmlparser2TreeAdapterMap } from 'parse5-htmlparser2-tree-adapter'
import { InputError } from '../../errors.ts'

export { type Element, isTag, isText, type ParentNode } from 'domhandler'

/** Deepest nesting of elements; pages that people write stay below 60. */
const maxNesting = 200
/** Unclosed formatting is opened again in each paragraph, so that a small file can hold endlessly many elements. */
const maxElements = 300_000

/**
 * The tree of an HTML text, as browsers build it. @throws {InputError} if it nests too deep or has too many elements.
 */
export function parseHtml(source: string, path: string): HtmlDocument {
  let [open, elements] = [0, 0]
  const counting = {
    ...adapter,
    onItemPush(element: Element): void {
      const line = element.sourceCodeLocation?.startLine
      const place = { file: path, ...(line === undefined ? {} : { line }) }
      if (++open > maxNesting) throw new InputError(place, `nests deeper than ${maxNesting} elements`)
      if (++elements > maxElements) throw new InputError(place, `has more than ${maxElements} elements`)
    },
    onItemPop(): void {
      open--
    },
  }
  return parse<Htmlparser2TreeAdapterMap>(source, { treeAdapter: counting, sourceCodeLocationInfo: true })
}

/** Every element below a node, in the order of the source. */
export function* elementsOf(node: ParentNode): Generator<Element> {
  for (const child of node.children) {
    if (!isTag(child)) continue
    yield child
    yield* elementsOf(child)
  }
}

/** The words of a node on however many lines they stand in the source. */
export function sourceText(node: ParentNode): string {
  let text = ''
  for (const child of node.children) {
    if (isText(child)) text += child.data
    else if (hasChildren(child)) text += sourceText(child)
  }
  return text
}

export const lineOf = (element: Element): number => element.sourceCodeLocation?.startLine ?? 1
