import type { Nodes } from 'mdast'
import { oneLine } from '../../text/canonical.ts'

/**
 * The text of a node with its markup removed: soft and hard breaks are LF; images and raw tags are markup and leave nothing,
 * except that a raw `<br>` is a break.
 */
export function plainText(node: Nodes): string {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
    case 'code':
      return node.value
    case 'break':
      return '\n'
    case 'html':
      return /^<br\s*\/?>$/i.test(node.value) ? '\n' : ''
    case 'list':
    case 'listItem':
    case 'blockquote':
    case 'table':
    case 'tableRow':
      return node.children.map(plainText).join('\n')
    default:
      // The parser has already dropped the spaces around a soft break; those around a hard break are its mark.
      return 'children' in node ? node.children.map(plainText).join('').replace(/\n /g, '\n') : ''
  }
}

/** As {@link plainText}, on one line: list items, table cells, headings. */
export function lineText(node: Nodes): string {
  return oneLine(plainText(node))
}
