/** What a style sheet says: a selector and its declarations. */
export interface StyleRule {
  readonly selector: string
  readonly declarations: Readonly<Record<string, string>>
}

/** Red, green, blue, 0 to 255; `transparent` lets what is below be seen. */
export type Colour = readonly [number, number, number] | 'transparent'

/** `name: value` pairs, small letters, without `!important`. */
export function declarationsOf(style: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  for (const part of style.split(';')) {
    const colon = part.indexOf(':')
    if (colon < 0) continue
    const name = part.slice(0, colon).trim().toLowerCase()
    found[name] = part
      .slice(colon + 1)
      .replace(/!\s*important/i, '')
      .trim()
      .toLowerCase()
  }
  return found
}

/**
 * The rules of a style sheet that hold for a screen of any size. What stands in other at-rules holds for paper or for some
 * screens only, and says nothing of what a reader sees.
 */
export function rulesOf(sheet: string): StyleRule[] {
  const css = sheet.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
  const rules: StyleRule[] = []
  for (let at = 0; at < css.length; ) {
    const open = css.indexOf('{', at)
    if (open < 0) break
    const head = css.slice(at, open).split(';').at(-1)!.trim()
    const end = endOfBlock(css, open)
    const body = css.slice(open + 1, end)
    if (!head.startsWith('@')) rules.push({ selector: head, declarations: declarationsOf(body) })
    else if (/^@media\s+(?:all|screen)\s*$/i.test(head)) rules.push(...flatRules(body))
    at = end + 1
  }
  return rules
}

/** A selector begins behind a brace, and is not looked for anew at each of its characters. */
function flatRules(body: string): StyleRule[] {
  return [...body.matchAll(/(?<![^{}])([^{}]+)\{([^{}]*)\}/g)].map(([, selector = '', declarations = '']) => ({
    selector: selector.trim(),
    declarations: declarationsOf(declarations),
  }))
}

function endOfBlock(css: string, open: number): number {
  let depth = 0
  for (let i = open; i < css.length; i++) {
    if (css[i] === '{') depth++
    else if (css[i] === '}' && --depth === 0) return i
  }
  return css.length
}

const named: Readonly<Record<string, Colour>> = {
  white: [255, 255, 255],
  black: [0, 0, 0],
  snow: [255, 250, 250],
  ghostwhite: [248, 248, 255],
  whitesmoke: [245, 245, 245],
  ivory: [255, 255, 240],
  transparent: 'transparent',
}

/** A colour in the notations that programs write; undefined for others, such as variables and gradients. */
export function colourOf(value: string): Colour | undefined {
  if (Object.hasOwn(named, value)) return named[value]
  const hex = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.exec(value)?.[1]
  if (hex) return hexColour(hex)
  const parts = /^rgba?\(([^()]{1,60})\)$/
    .exec(value)?.[1]
    ?.split(/[\s,/]+/)
    .filter(Boolean)
  if (!parts || parts.length < 3) return undefined
  if (parts[3] !== undefined && Number.parseFloat(parts[3]) < 0.1) return 'transparent'
  const [r = 0, g = 0, b = 0] = parts.map((part) => Number.parseFloat(part) * (part.endsWith('%') ? 2.55 : 1))
  return Number.isFinite(r + g + b) ? [r, g, b] : undefined
}

/** @param hex 3, 4, 6 or 8 hexadecimal digits. */
export function hexColour(hex: string): Colour {
  const full = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex
  const [r = 0, g = 0, b = 0, a = 255] = (full.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
  return a < 26 ? 'transparent' : [r, g, b]
}

/** Channels that differ by less are not told apart by the eye. */
const tellable = 16

/** Whether text of one colour cannot be seen on the other. */
export function vanishes(text: Colour, ground: Colour): boolean {
  if (text === 'transparent') return true
  return ground !== 'transparent' && text.every((channel, i) => Math.abs(channel - ground[i]!) < tellable)
}
