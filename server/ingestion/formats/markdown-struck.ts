import type { Nodes, Parents, Root } from 'mdast'
import { InputError } from '../../errors.ts'

const tags = /<(\/?)(?:del|s|strike)(?=[\s/>])/gi

/**
 * Take struck-out text out of a tree: what stands between `~~` and `~~`, or in `<del>`, `<s>` or `<strike>`. It is there for
 * people who compare versions and no longer holds. A tag that is never closed strikes to the end of what it stands in.
 * @param source what the tree was parsed from.
 * @throws {InputError} for tildes of which nobody can tell whether they strike.
 */
export function removeStruck(root: Root, source: string, path: string): void {
  const fault = (node: Nodes, why: string) => new InputError({ file: path, line: node.position?.start.line ?? 1 }, why)

  function isStruck(node: Nodes): boolean {
    if (node.type === 'text' && node.value.includes('~~'))
      throw fault(node, '~~ does not strike anything out here; put it close to the words, twice within one paragraph')
    if (node.type !== 'delete') return false
    // Some programs strike with one tilde, and people write "10~20" and "~5".
    if (!source.startsWith('~~', node.position?.start.offset))
      throw fault(node, 'this may be struck out or not; write ~~ to strike out and \\~ for the sign itself')
    return true
  }

  function prune(parent: Parents): void {
    let depth = 0
    let cut = false
    const kept: Nodes[] = []
    for (const node of parent.children) {
      const before = depth > 0
      if (node.type === 'html') depth = depthAfter(node.value, depth)
      if (before || isStruck(node)) {
        cut = true
        continue
      }
      if ('children' in node) prune(node)
      // The spaces on both sides of what is gone are one.
      if (cut && node.type === 'text' && endsInSpace(kept.findLast(({ type }) => type !== 'html')))
        node.value = node.value.replace(/^ /, '')
      if (node.type === 'text') cut = false
      kept.push(node)
    }
    // A part of a parent's own children, and so of the kinds that it may have.
    parent.children = kept as typeof parent.children
  }
  prune(root)
}

const endsInSpace = (node: Nodes | undefined): boolean =>
  node === undefined || (node.type === 'text' && /[ \n]$/.test(node.value))

/** How many struck-out elements are open behind a piece of HTML; what a comment holds is no tag. */
function depthAfter(html: string, depth: number): number {
  let open = depth
  for (const [, closing] of html.replace(/<!--[\s\S]*?(-->|$)/g, '').matchAll(tags))
    open = closing === '' ? open + 1 : Math.max(0, open - 1)
  return open
}
