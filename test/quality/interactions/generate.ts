import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '../../../server/errors.ts'
import { readCatalogue } from '../../../server/ingestion/formats/catalogue.ts'
import type { Product } from '../../../server/storage/products.ts'
import { drawPerson } from './customers.ts'
import { createDraw } from './draw.ts'
import { addHousehold, addIncome, addProducts } from './duties.ts'
import { drawEvents } from './events.ts'
import { drawHoldings } from './holdings.ts'
import { createLedger } from './ledger.ts'
import { defaults, type Parameters } from './parameters.ts'
import { addCardPayments, addJourney, addPurchases } from './spending.ts'

/** Contents of the three files of corpora/interactions, by name. */
export type InteractionFiles = Readonly<Record<'customers.jsonl' | 'events.jsonl' | 'transactions.jsonl', string>>

/** Make up customers with what they hold, did and spent. The same catalogue and parameters give the same bytes. */
export function generate(catalogue: readonly Product[], parameters: Parameters = defaults): InteractionFiles {
  const [customers, events, transactions]: [object[], object[], object[]] = [[], [], []]
  for (let number = 1; number <= parameters.customers; number++) {
    const draw = createDraw(parameters.seed, number)
    const person = drawPerson(draw, number, parameters)
    const holdings = drawHoldings(draw, person, catalogue, parameters)
    const { id, segment, region, facts } = person
    customers.push({ id, segment, region, ...facts, holds: holdings.map(({ product }) => product.id) })
    events.push(...drawEvents(draw, person, holdings, catalogue, parameters))
    const [account, ledger] = [holdings[0]!.product.id, createLedger(id, holdings, parameters)]
    addIncome(draw, person, account, ledger)
    addHousehold(draw, person, holdings, account, ledger)
    addProducts(draw, person, holdings, account, ledger)
    addPurchases(draw, person, holdings, ledger, parameters.purchases)
    addJourney(draw, person, holdings, ledger, parameters)
    addCardPayments(person, holdings, ledger, parameters)
    transactions.push(...ledger.transactions())
  }
  return {
    'customers.jsonl': lines(customers),
    'events.jsonl': lines(events),
    'transactions.jsonl': lines(transactions),
  }
}

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

const usage = `Usage: npx tsx test/quality/interactions/generate.ts [--seed N] [--customers N] [--out DIR]`

/** Write the files into a folder, each whole or not at all. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, customers: { type: 'string' }, out: { type: 'string' } },
  })
  const corpora = resolve(import.meta.dirname, '../../../corpora')
  const out = resolve(values.out ?? join(corpora, 'interactions'))
  const [seed, customers] = [whole(values.seed, defaults.seed), whole(values.customers, defaults.customers)]
  const path = join(corpora, 'products/catalogue.jsonl')
  const files = generate(readCatalogue(await readFile(path), path), { ...defaults, seed, customers })
  await mkdir(out, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(out, `${name}.tmp`), content)
    await rename(join(out, `${name}.tmp`), join(out, name))
  }
}

function whole(given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback
  if (!/^\d{1,9}$/.test(given) || Number(given) === 0)
    throw new RangeError(`${given} is no whole number from 1. ${usage}`)
  return Number(given)
}

if (process.argv[1] === import.meta.filename) {
  main().catch((reason: unknown) => {
    process.stderr.write(`${messageOf(reason)}\n`)
    process.exitCode = 1
  })
}
