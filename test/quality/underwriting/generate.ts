import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createRandom, gaussian } from '../../../server/math/random.ts'

const columns = ['id', 'yearsLicensed', 'noClaimsYears', 'claims', 'mileage', 'power', 'parking', 'claim'] as const
const seed = 20261201
const rows = 1_500

/**
 * Made-up motor policies of the fictional bank's insurer, with whether they had a claim in their year. The log odds rise with
 * earlier claims, mileage and power and fall with years without a claim; a garage helps. Nobody real is among them.
 */
export function underwritingCsv(): string {
  const random = createRandom(seed)
  const lines = Array.from({ length: rows }, (_, i) => {
    const yearsLicensed = Math.floor(50 * random() ** 1.5)
    const claims = Math.min(yearsLicensed, random() < 0.75 ? 0 : 1 + Math.floor(3 * random() ** 2))
    // In the last five years: who had one has fewer years without.
    const noClaimsYears = Math.floor(random() * Math.min(yearsLicensed, claims > 0 ? 4 : 30))
    const mileage = Math.round(Math.exp(9 + 0.5 * gaussian(random)) / 100) * 100
    const power = Math.round(60 + 90 * random() ** 2)
    const parking = random() < 0.4 ? 'garage' : random() < 0.6 ? 'drive' : 'street'
    const risk =
      0.8 * claims +
      0.5 * (Math.log(mileage) - 9) +
      0.008 * (power - 90) -
      0.05 * noClaimsYears -
      (parking === 'garage' ? 0.4 : 0) +
      (yearsLicensed < 3 ? 0.7 : 0) -
      2
    const claim = random() < 1 / (1 + Math.exp(-risk)) ? 'yes' : 'no'
    return [`p${i + 1}`, yearsLicensed, noClaimsYears, claims, mileage, power, parking, claim].join(',')
  })
  return `${[columns.join(','), ...lines].join('\n')}\n`
}

/** Write the file of the corpora. */
if (process.argv[1] === import.meta.filename)
  await writeFile(resolve(import.meta.dirname, '../../../corpora/insurance/motor.csv'), underwritingCsv())
