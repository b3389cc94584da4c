import { DOMParser, XMLSerializer } from '@xmldom/xmldom'
import type { HiddenText } from '../document.ts'
import { type Colour, hexColour, vanishes } from './css.ts'

/** Properties of runs by the id of a style, each with the style that it is based on. */
type Styles = ReadonlyMap<string, Element>

const white: Colour = [255, 255, 255]
const maxReports = 100
/** Half points: text of a point cannot be read. */
const tinySize = 2
const offValues = new Set(['0', 'false', 'off', 'none'])

/** The XML of a styles part. */
export function readStyles(xml: string | undefined): Styles {
  if (xml === undefined) return new Map()
  const document = new DOMParser(silent).parseFromString(xml, 'text/xml')
  return new Map(all(document, 'style').map((style) => [attribute(style, 'styleId') ?? '', style]))
}

/**
 * Take out of a part of a Word file what readers do not see, and what is struck out or moved away.
 * @returns the part without it, and where words were that cannot be seen.
 */
export function keepVisibleRuns(xml: string, styles: Styles): { xml: string; hidden: HiddenText[] } {
  const document = new DOMParser(silent).parseFromString(xml, 'text/xml')
  const hidden: HiddenText[] = []
  for (const moved of all(document, 'moveFrom')) moved.parentNode?.removeChild(moved)
  all(document, 'p').forEach((paragraph, i) => {
    for (const run of all(paragraph, 'r')) {
      const how = unseen(run, styles)
      if (how === undefined) continue
      const words = all(run, 't').some(({ textContent }) => textContent?.trim())
      run.parentNode?.removeChild(run)
      if (words && how !== 'struck' && hidden.length < maxReports) hidden.push({ how: `paragraph ${i + 1}: ${how}` })
    }
  })
  return { xml: new XMLSerializer().serializeToString(document), hidden }
}

/** Faults of the XML are told by the library that reads it next. */
const silent = { errorHandler: { warning: () => undefined, error: () => undefined } }

/** Elements of this local name, whichever prefix the file uses. */
function all(parent: Document | Element, name: string): Element[] {
  return Array.from(parent.getElementsByTagNameNS('*', name))
}

function child(parent: Element | undefined, name: string): Element | undefined {
  for (let node = parent?.firstChild; node; node = node.nextSibling)
    if (node.nodeType === 1 && (node as Element).localName === name) return node as Element
  return undefined
}

function attribute(element: Element | undefined, name: string): string | undefined {
  return element ? Array.from(element.attributes).find(({ localName }) => localName === name)?.value : undefined
}

/** The nearest element around of this local name. */
function around(element: Element, name: string): Element | undefined {
  let above = element.parentNode
  while (above && (above as Element).localName !== name) above = above.parentNode
  return (above ?? undefined) as Element | undefined
}

/** Why a run cannot be seen; `struck` where it is struck out. */
function unseen(run: Element, styles: Styles): string | undefined {
  const paragraph = around(run, 'p')
  const own = child(run, 'rPr')
  const sources = [
    own,
    ...chain(attribute(child(own, 'rStyle'), 'val'), styles),
    ...chain(attribute(child(child(paragraph, 'pPr'), 'pStyle'), 'val'), styles),
  ]
  const first = (name: string): Element | undefined => {
    for (const source of sources) {
      const found = child(source, name)
      if (found) return found
    }
    return undefined
  }
  const isOn = (name: string): boolean => {
    const found = first(name)
    return found !== undefined && !offValues.has(attribute(found, 'val') ?? '1')
  }
  if (isOn('strike') || isOn('dstrike')) return 'struck'
  if (isOn('vanish')) return 'vanish'
  const size = attribute(first('sz'), 'val')
  if (size !== undefined && Number(size) <= tinySize) return 'size'
  const colour = hexOf(attribute(first('color'), 'val'))
  return colour && vanishes(colour, groundOf(run, first('shd'), first('highlight')))
    ? 'colour of the background'
    : undefined
}

/** The run properties of a style and of those that it is based on, the nearest first. */
function chain(id: string | undefined, styles: Styles): (Element | undefined)[] {
  const found: (Element | undefined)[] = []
  const seen = new Set<string>()
  for (let next = id; next !== undefined && !seen.has(next); ) {
    seen.add(next)
    const style = styles.get(next)
    found.push(child(style, 'rPr'))
    next = attribute(child(style, 'basedOn'), 'val')
  }
  return found
}

/** The colour below a run: its own, its paragraph's, its cell's or its table's, else the page's. */
function groundOf(run: Element, shade: Element | undefined, highlight: Element | undefined): Colour {
  if (highlight && attribute(highlight, 'val') !== 'none')
    return attribute(highlight, 'val') === 'white' ? white : [128, 128, 0]
  const shades = [
    shade,
    child(child(around(run, 'p'), 'pPr'), 'shd'),
    child(child(around(run, 'tc'), 'tcPr'), 'shd'),
    child(child(around(run, 'tbl'), 'tblPr'), 'shd'),
  ]
  return shades.map((element) => hexOf(attribute(element, 'fill'))).find((fill) => fill !== undefined) ?? white
}

const hexOf = (value: string | undefined): Colour | undefined =>
  value !== undefined && /^[0-9a-f]{6}$/i.test(value) ? hexColour(value) : undefined
