import { selectAll } from 'css-select'
import { InputError } from '../../errors.ts'
import type { HiddenText } from '../document.ts'
import { type Colour, colourOf, declarationsOf, rulesOf, vanishes } from './css.ts'
import { type Element, elementsOf, isTag, isText, lineOf, type ParentNode, sourceText } from './html-tree.ts'

/** What is never text of a page: programs, forms, pictures, and the frame around the content. */
const dropped = new Set(
  (
    'script style template noscript iframe object embed svg math canvas audio video picture img map head title link meta base ' +
    'nav footer form button select textarea input datalist frameset noframes noembed'
  ).split(' '),
)
const struck = new Set(['del', 's', 'strike'])
/** Properties that decide whether text is seen. */
const telling = new Set(
  (
    'display visibility opacity font-size color background background-color text-decoration text-decoration-line left top ' +
    'text-indent clip clip-path transform'
  ).split(' '),
)
/** Elements × rules: what it may cost to tell to which elements the style sheets apply. */
const maxMatching = 50_000_000
const maxSelector = 500
const maxReports = 100

type Declarations = Readonly<Record<string, string>>

/** How text looks that stands directly in an element. */
interface Look {
  readonly colour: Colour | undefined
  readonly ground: Colour | undefined
  readonly tiny: boolean
  readonly invisible: boolean
}

/**
 * Take out of a tree all that is no text for readers: comments, scripts, forms, navigation, struck-out words, and words that
 * cannot be seen, by attributes, `style` or the page's own style sheets.
 * @returns where words were that cannot be seen. @throws {InputError} if the style sheets are too large to be applied.
 */
export function keepVisible(root: ParentNode, path: string): HiddenText[] {
  const styles = styleOf(root, path)
  const hidden: HiddenText[] = []
  const report = (element: Element, how: string) => {
    if (hidden.length < maxReports) hidden.push({ line: lineOf(element), how })
  }
  const prune = (parent: ParentNode, look: Look): void => {
    parent.children = parent.children.filter((child) => {
      if (isText(child)) {
        const how = child.data.trim() === '' ? undefined : unseen(look)
        if (how && isTag(parent)) report(parent, how)
        return !how
      }
      if (!isTag(child)) return false
      const style = styles(child)
      if (dropped.has(child.name) || struck.has(child.name) || isStruck(style)) return false
      const how = hiding(child, style)
      if (how === undefined) prune(child, lookOf(look, style))
      else if (sourceText(child).trim() !== '') report(child, how)
      return how === undefined
    })
  }
  prune(root, { colour: [0, 0, 0], ground: [255, 255, 255], tiny: false, invisible: false })
  return hidden
}

function styleOf(root: ParentNode, path: string): (element: Element) => Declarations {
  const elements = [...elementsOf(root)]
  const rules = elements
    .filter(({ name, attribs }) => name === 'style' && /^\s*(all|screen)?\s*$/i.test(attribs.media ?? ''))
    .flatMap((element) => rulesOf(sourceText(element)))
    .filter(({ declarations }) => Object.keys(declarations).some((name) => telling.has(name)))
  if (rules.length * elements.length > maxMatching)
    throw new InputError({ file: path }, 'its style sheets are too large to tell what they hide')
  const found = new Map<Element, Record<string, string>>()
  for (const { selector, declarations } of rules)
    for (const element of matching(selector, root)) {
      const before = found.get(element)
      if (before) Object.assign(before, declarations)
      else found.set(element, { ...declarations })
    }
  return (element) => {
    const sheet = found.get(element) ?? {}
    return element.attribs.style === undefined ? sheet : { ...sheet, ...declarationsOf(element.attribs.style) }
  }
}

/** A selector that asks for what a mouse does, or that is none, applies to nothing. */
function matching(selector: string, root: ParentNode): Element[] {
  if (selector.length > maxSelector) return []
  try {
    return selectAll(selector, root.children).filter(isTag)
  } catch {
    return []
  }
}

const isStruck = (style: Declarations): boolean =>
  /line-through/.test(`${style['text-decoration'] ?? ''} ${style['text-decoration-line'] ?? ''}`)

/** Why nothing of an element can be seen, or undefined. */
function hiding({ name, attribs }: Element, style: Declarations): string | undefined {
  if (attribs.hidden !== undefined) return 'hidden'
  if (attribs['aria-hidden']?.trim().toLowerCase() === 'true') return 'aria-hidden'
  if (name === 'dialog' && attribs.open === undefined) return 'dialog that is not open'
  if (style.display === 'none') return 'display: none'
  if (style.opacity !== undefined && Number.parseFloat(style.opacity) < 0.1) return 'opacity'
  const away = ['left', 'top', 'text-indent'].find((side) => Number.parseFloat(style[side] ?? '0') <= -500)
  if (away) return `${away}: ${style[away]}`
  if (/rect\(\s*(?:0|1px)\b/.test(style.clip ?? '') || /inset\(\s*(?:50|100)%/.test(style['clip-path'] ?? ''))
    return 'clip'
  return /scale\(\s*0\s*[,)]/.test(style.transform ?? '') ? 'transform' : undefined
}

/** What an element inherits, and what its own style changes. */
function lookOf(above: Look, style: Declarations): Look {
  const ground = style['background-color'] ?? style.background
  const { visibility } = style
  return {
    colour: style.color === undefined || style.color === 'inherit' ? above.colour : colourOf(style.color),
    ground: ground === undefined ? above.ground : groundOf(ground, above.ground),
    tiny: style['font-size'] === undefined ? above.tiny : isTiny(style['font-size'], above.tiny),
    invisible: visibility === undefined ? above.invisible : visibility === 'hidden' || visibility === 'collapse',
  }
}

/** A picture may have any colour, so nothing is known of what lies on it. */
function groundOf(value: string, above: Colour | undefined): Colour | undefined {
  const colour = /url\(|gradient/.test(value) ? undefined : colourOf(value)
  return colour === 'transparent' || value === 'none' ? above : colour
}

/** Below what anybody can read, whatever the unit: a pixel, a tenth of the text around. */
function isTiny(value: string, above: boolean): boolean {
  const [, number, unit = ''] = /^([\d.]+)\s*(px|pt|em|rem|%|vw|vh|)$/.exec(value) ?? []
  if (number === undefined) return above
  const limit = { px: 1, pt: 1, '%': 10 }[unit] ?? 0.1
  return Number(number) <= limit || (above && (unit === 'em' || unit === '%'))
}

function unseen({ colour, ground, tiny, invisible }: Look): string | undefined {
  if (invisible) return 'visibility: hidden'
  if (tiny) return 'font-size'
  return colour && ground && vanishes(colour, ground) ? 'colour of the background' : undefined
}
