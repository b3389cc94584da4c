import type { Characters } from './characters.ts'
import type { Group } from './digits.ts'

/** How far before a number its words are looked at, UTF-16 units. */
const before = 40
const named = /(?:\bssn\b|social\s+security|\bitin\b|tax(?:payer)?\s+id)[^.;\n]*$/i

/**
 * The US social security number that begins with group `first` of a run: three, two and four digits with like signs between
 * them; nine digits in one or with other signs only where the text names it.
 * @returns the number of groups it takes, 0 for none.
 */
export function ssnAt(characters: Characters, run: readonly Group[], first: number): number {
  const [area, group, serial] = run.slice(first, first + 3)
  if (!area) return 0
  if (/^\d{9}$/.test(area.digits)) return isIssued(area.digits) && isNamed(characters, area) ? 1 : 0
  if (!group || !serial || area.digits.length !== 3 || group.digits.length !== 2 || serial.digits.length !== 4) return 0
  if (!isIssued(area.digits + group.digits + serial.digits) || clings(run[first], first) || clings(run[first + 3], 1))
    return 0
  const dashed = group.before === serial.before && /^[-\u2010-\u2015\u2212－]$/.test(group.before)
  return dashed || isNamed(characters, area) ? 3 : 0
}

/** A dash ties a group to the one before it: "1-555-12-3456" is one longer number. */
function clings(group: Group | undefined, index: number): boolean {
  return index > 0 && group !== undefined && group.before.trim() !== ''
}

/** No area 000 or 666, no group 00, no serial 0000 (Social Security Administration; 9xx are taxpayer numbers). */
function isIssued(digits: string): boolean {
  return !/^(000|666)/.test(digits) && !/^.{3}00/.test(digits) && !digits.endsWith('0000')
}

function isNamed(characters: Characters, { start }: Group): boolean {
  return named.test(characters.slice(start - before, start))
}
