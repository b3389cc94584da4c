type Child = Node | string | undefined | false
type Props = Readonly<Record<string, string | boolean | undefined | ((event: Event) => void)>>

/**
 * Make an element, given as `tag` or `tag.class`. Strings become text nodes, so nothing that was received can turn into
 * markup; `onclick` and the like take functions; `true` sets an empty attribute, `false` and `undefined` set none.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  what: K | `${K}.${string}`,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = what.split('.')
  // The part before the first dot is K by the parameter's type.
  const element = document.createElement(tag as K)
  element.classList.add(...classes)
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.filter((child): child is Node | string => child !== undefined && child !== false))
  return element
}

/** A button. @param content words, an icon, or both; with an icon alone the button needs a `label`. */
export function button(
  kind: string,
  act: (() => void) | undefined,
  content: Child[],
  label?: string,
): HTMLButtonElement {
  return h(`button.${kind}`, { type: act ? 'button' : 'submit', 'aria-label': label, onclick: act }, ...content)
}

/** Change a text only where it differs: a live region speaks whenever it is written to. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/** Bring a parent's children to exactly this list, leaving alone what is already in place (focus and scroll survive). */
export function setChildren(parent: ParentNode & Node, children: readonly Node[]): void {
  const wanted = new Set(children)
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove()
  let at = parent.firstChild
  for (const child of children) {
    if (child === at) at = at.nextSibling
    else parent.insertBefore(child, at)
  }
}

const svgSpace = 'http://www.w3.org/2000/svg'
/** Paths on a grid of 24, drawn as lines. */
const paths = {
  chat: 'M4 5.5h16v11h-8.5L7 20.5v-4H4z',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M12 19V5M6 11l6-6 6 6',
  person: 'M8 8a4 4 0 1 1 8 0 4 4 0 0 1-8 0M4 21c1-7 15-7 16 0',
  up: 'M7 11l4-8q4 0 2 6h6l-2 10H7M7 11v8H3v-8z',
  fold: 'M6 9.5l6 6 6-6',
} as const

/** A decorative icon; the control that holds it has a name in words. */
export function icon(name: keyof typeof paths): SVGElement {
  const svg = document.createElementNS(svgSpace, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(svgSpace, 'path')
  path.setAttribute('d', paths[name])
  svg.append(path)
  return svg
}
