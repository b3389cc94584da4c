import type { EvaluatedFigures } from '../engine/tasks.ts'

/** A figure, and behind it what stands between `marks`: its interval, if it has one. Nothing where there is no such figure. */
export function shownFigure(of: EvaluatedFigures, name: string, marks: readonly [string, string] = ['  ', '']): string {
  const [value, interval] = [of[name], of[`${name}_ci`]]
  if (typeof value !== 'number') return ''
  const bounds = typeof interval === 'object' ? interval.map((bound) => bound.toFixed(4)).join(' to ') : undefined
  return `${name === 'n' ? value : value.toFixed(4)}${bounds === undefined ? '' : marks.join(bounds)}`
}

/** Figures as lines, each with its interval. */
export const shownFigures = (of: EvaluatedFigures, indent = ''): string[] =>
  Object.keys(of).flatMap((name) => {
    const shown = shownFigure(of, name)
    return shown === '' ? [] : [`${indent}${name.padEnd(16)} ${shown}`]
  })
