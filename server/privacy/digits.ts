import { type Characters, digitOf, narrow } from './characters.ts'

/** Digits in a row, without any sign between them. */
export interface Group {
  readonly start: number
  readonly end: number
  /** As ASCII. */
  readonly digits: string
  /** What stands between this group and the one before in the same run; empty for the first. */
  readonly before: string
}

/** Signs that people put between the digits of one number: spaces, dashes, full stops, zero-width marks, underscores. */
export function isJoint(code: number): boolean {
  const plain = narrow(code)
  if (plain === 0x20 || plain === 0x2d || plain === 0x2e || plain === 0x5f || plain === 0xa0 || plain === 0xad)
    return true
  return (code >= 0x2000 && code <= 0x200d) || (code >= 0x2010 && code <= 0x2015) || rareJoints.has(code)
}
const rareJoints = new Set([0x034f, 0x061c, 0x180e, 0x202d, 0x202e, 0x202f, 0x2060, 0x2212, 0x3000, 0xfeff])

/** {@link isJoint}, and what only telephone numbers hold: brackets and slashes. */
function isLink(code: number): boolean {
  const plain = narrow(code)
  return plain === 0x28 || plain === 0x29 || plain === 0x2f || isJoint(code)
}
/** Signs that part numbers more often than they join one: slashes, line breaks, tabs, commas, bullets. Only a check digit can tell. */
export function isDivider(code: number): boolean {
  const plain = narrow(code)
  return dividers.has(plain)
}
const dividers = new Set([
  ...Array.from('\t\n\r/,|*:~\\·•…', (sign) => sign.charCodeAt(0)),
  ...[0x85, 0x2028, 0x2029, 0x2044, 0x2215],
])

/** "+46 (0)8", "030 / 123": at most so many signs between two groups of one number. */
const maxLink = 3

/** The runs of a text: groups of digits with at most {@link maxLink} linking signs between them. One pass. */
export const findRuns = (characters: Characters): Group[][] => runsOf(characters, isLinked)

/** As {@link findRuns}, of groups that dividers stand between. */
export const findDivided = (characters: Characters): Group[][] => runsOf(characters, isDivided)

type Between = (characters: Characters, from: number, to: number) => boolean

function runsOf(characters: Characters, isTied: Between): Group[][] {
  const runs: Group[][] = []
  let run: Group[] = []
  for (let i = 0; i < characters.length; ) {
    if (digitOf(characters.code(i)) < 0) {
      i++
      continue
    }
    const previous = run.at(-1)
    const linked = previous !== undefined && isTied(characters, previous.end, i)
    if (!linked && previous) runs.push(run)
    const group = groupAt(characters, i, linked ? previous.end : i)
    if (linked) run.push(group)
    else run = [group]
    i = group.end
  }
  return run.length > 0 ? [...runs, run] : runs
}

function isLinked(characters: Characters, from: number, to: number): boolean {
  if (to - from > maxLink) return false
  for (let at = from; at < to; at++) if (!isLink(characters.code(at))) return false
  return true
}

function isDivided(characters: Characters, from: number, to: number): boolean {
  if (to - from > maxLink) return false
  let divided = false
  for (let at = from; at < to; at++) {
    const code = characters.code(at)
    if (isDivider(code)) divided = true
    else if (!isJoint(code)) return false
  }
  return divided
}

function groupAt(characters: Characters, start: number, previousEnd: number): Group {
  const digits: number[] = []
  let end = start
  for (let digit = digitOf(characters.code(end)); digit >= 0; digit = digitOf(characters.code(end))) {
    digits.push(digit)
    end++
  }
  return { start, end, digits: digits.join(''), before: characters.slice(previousEnd, start) }
}
