import type { EvaluatedFigures } from '../engine/tasks.ts'

/** Figures as lines, each with its interval. */
export function shownFigures(of: EvaluatedFigures, indent = ''): string[] {
  return Object.entries(of).flatMap(([name, value]) => {
    if (typeof value !== 'number') return []
    const interval = of[`${name}_ci`]
    const around = typeof interval === 'object' ? `  ${interval.map((bound) => bound.toFixed(4)).join(' to ')}` : ''
    return [`${indent}${name.padEnd(16)} ${name === 'n' ? value : value.toFixed(4)}${around}`]
  })
}
