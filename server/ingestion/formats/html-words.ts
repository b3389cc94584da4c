import { isTag, isText, type ParentNode } from './html-tree.ts'

/** Elements that begin and end a line. */
export const blocks = new Set(
  (
    'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure h1 h2 h3 ' +
    'h4 h5 h6 header hgroup hr html legend li main menu ol p pre search section summary table tbody td tfoot th thead tr ul'
  ).split(' '),
)
/** Elements that hold items. */
export const lists = new Set(['ul', 'ol', 'menu', 'dir'])

/** White space as browsers show it: one space. */
export const flowing = (text: string): string => text.replace(/[ \t\n\r\f]+/g, ' ')

/** Lines without the spaces around them, none of them blank. */
export function wordLines(words: string): string {
  return words
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim())
    .filter(Boolean)
    .join('\n')
}

/** The text of an element: each block and `<br>` begins a line. @param kept whether line ends of the source are line ends. */
export function textOf(parent: ParentNode, kept = false): string {
  let text = ''
  for (const child of parent.children) {
    if (isText(child)) text += kept ? child.data : flowing(child.data)
    else if (isTag(child)) {
      const edge = child.name === 'br' || blocks.has(child.name) ? '\n' : ''
      text += child.name === 'br' ? '\n' : `${edge}${textOf(child, kept)}${edge}`
    }
  }
  return text
}

/** The text of an item without that of lists inside it. */
export function ownText(parent: ParentNode): string {
  let text = ''
  for (const child of parent.children) {
    if (isText(child)) text += flowing(child.data)
    else if (isTag(child) && !lists.has(child.name)) {
      const edge = child.name === 'br' || blocks.has(child.name) ? ' ' : ''
      text += `${edge}${ownText(child)}${edge}`
    }
  }
  return text
}
