import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom, gaussian } from '../../../../server/math/random.ts'
import { temporaryFolder } from '../../../support/folder.ts'

/** Made-up borrowers: income is skewed and sometimes missing, late payments raise the risk, one region is safer, noise is noise. */
export function createLoans(rows: number, seed: number): Record<string, string>[] {
  const random = createRandom(seed)
  return Array.from({ length: rows }, (_, i) => {
    const [income, late] = [Math.exp(8 + gaussian(random)), Math.floor(4 * random() ** 3)]
    const region = ['north', 'south', 'east'][Math.floor(3 * random())]!
    const risk = 1.2 * late - 0.8 * (Math.log(income) - 8) - (region === 'south' ? 1.5 : 0) - 0.5
    return {
      id: String(i + 1),
      income: random() < 0.1 ? '' : income.toFixed(2),
      late: String(late),
      region: random() < 0.05 ? '' : region,
      noise: gaussian(random).toFixed(3),
      bad: random() < 1 / (1 + Math.exp(-risk)) ? 'yes' : 'no',
      loss: (risk + 0.1 * gaussian(random)).toFixed(4),
    }
  })
}

export const toCsv = (rows: readonly Record<string, string>[]): string =>
  [Object.keys(rows[0]!).join(','), ...rows.map((row) => Object.values(row).join(','))].join('\n')

/** A file in a folder of its own that goes with the test. */
export function fileOf(content: string | Uint8Array, name = 'rows.csv'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, content)
  return file
}
