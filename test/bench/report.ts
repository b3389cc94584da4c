/** One line of JSON per measurement as it is made; the table comes at the end. */
export type Report = (bench: string, figures: Readonly<Record<string, number | string>>) => void

const shown = (value: number | string): string =>
  typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 3 : 1)

export function createReport() {
  const rows: string[] = []
  const report: Report = (bench, figures) => {
    console.log(JSON.stringify({ bench, ...figures }))
    rows.push(
      `${bench.padEnd(18)} ${Object.entries(figures)
        .map(([name, value]) => `${name} ${shown(value)}`)
        .join('  ')}`,
    )
  }
  return { report, table: () => rows.join('\n') }
}
