/** Something in the corpora that a guard refuses: where it stands and why. */
export interface Finding {
  /** Path from the corpora folder. */
  readonly file: string
  /** Counted from 1. */
  readonly line?: number
  readonly reason: string
}

/** One row of the printed table. */
export interface Figure {
  readonly name: string
  readonly value: string
  /** The bound that is guarded, such as `≥ 30`; absent for what is only told. */
  readonly wanted?: string
  readonly ok: boolean
}

/** What one guard measured and what it refuses. */
export interface Report {
  readonly figures: readonly Figure[]
  readonly findings: readonly Finding[]
}

/** A figure that must reach a bound. */
export const atLeast = (name: string, value: number, bound: number): Figure => ({
  name,
  value: shown(value),
  wanted: `≥ ${shown(bound)}`,
  ok: value >= bound,
})

/** A figure that must not pass a bound; NaN (nothing was measured) does. */
export const atMost = (name: string, value: number, bound: number): Figure => ({
  name,
  value: shown(value),
  wanted: `≤ ${shown(bound)}`,
  ok: value <= bound,
})

/** A figure that is only told. */
export const told = (name: string, value: number | string): Figure => ({
  name,
  value: typeof value === 'number' ? shown(value) : value,
  ok: true,
})

/** What was looked at, and that nothing was wrong with it. */
export const faultless = (name: string, looked: number, faults: number): Figure => ({
  name,
  value: `${shown(looked)} looked at, ${shown(faults)} at fault`,
  wanted: '0 at fault',
  ok: faults === 0,
})

/** A finding for every figure that misses its bound, so that a shortfall is also a refusal. */
export const shortfalls = (figures: readonly Figure[], file: string): Finding[] =>
  figures
    .filter(({ ok, wanted }) => !ok && wanted !== undefined)
    .map(({ name, value, wanted }) => ({ file, reason: `${name}: ${value}, wanted ${wanted}` }))

/** Several reports as one. */
export const joined = (reports: readonly Report[]): Report => ({
  figures: reports.flatMap(({ figures }) => figures),
  findings: reports.flatMap(({ findings }) => findings),
})

/** The reports for people: an aligned table, then one line per finding. */
export function printed({ figures, findings }: Report): string {
  const widths = [0, 1, 2].map((column) => Math.max(0, ...figures.map((figure) => cells(figure)[column]!.length)))
  const rows = figures.map((figure) => {
    const columns = cells(figure).map((cell, i) => cell.padEnd(widths[i]!))
    return `${figure.ok ? ' ' : '✗'} ${columns.join('  ')}`.trimEnd()
  })
  const faults = findings.map(({ file, line, reason }) => `${file}${line === undefined ? '' : `:${line}`}: ${reason}`)
  const last = findings.length === 0 ? 'corpora: no faults' : `corpora: ${findings.length} faults`
  return [...rows, ...(faults.length > 0 ? ['', ...faults] : []), '', last].join('\n')
}

const cells = ({ name, value, wanted = '' }: Figure): readonly string[] => [name, value, wanted]

function shown(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-GB') : value.toFixed(3)
}
