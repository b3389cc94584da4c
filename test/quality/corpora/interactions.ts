import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mean, percentile } from '../../../server/math/statistics.ts'
import { eligibilityOf } from '../../../server/recommend/eligibility.ts'
import type { Product } from '../../../server/storage/products.ts'
import { daysBetween } from '../../../server/text/calendar.ts'
import { generate } from '../interactions/generate.ts'
import { travelProducts } from '../interactions/parameters.ts'
import { today } from './counts.ts'
import { groupBy } from './group-by.ts'
import { type Customer, folder, type Interactions, type ProductEvent } from './interaction-rows.ts'
import type { Placed } from './load.ts'
import { checkMoney } from './money.ts'
import { atLeast, atMost, type Figure, type Finding, faultless, type Report, shortfalls, told } from './report.ts'

/** How much more often those who travel hold a product for it. */
const travelLift = 2
const mostBytes = 4_000_000

/** Customers, events and transactions agree with each other and with the catalogue. */
export function checkInteractions(interactions: Interactions, catalogue: readonly Product[]): Report {
  const { customers, events, transactions } = interactions
  const products = new Map(catalogue.map((product) => [product.id, product]))
  const ids = groupBy(customers, ({ value }) => value.id)
  const eventsOf = groupBy(events, ({ value }) => value.customer)
  const holds = events.filter(({ value }) => value.kind === 'hold')
  const openings = new Map(holds.map(({ value }) => [`${value.customer} ${value.product}`, value.at]))
  const twice = [...ids.values()].flatMap((rows) =>
    rows.slice(1).map((row) => fault(row, `${row.value.id} is there twice`)),
  )
  const strangers = [...events, ...transactions]
    .filter(({ value }) => !ids.has(value.customer))
    .map((row) => fault(row, `there is no customer ${row.value.customer}`))
  const profiles = customers.flatMap((row) => holdingFaults(row, products, openings))
  const ways = customers.flatMap((row) => eventFaults(row, eventsOf.get(row.value.id) ?? [], products))
  const money = checkMoney(customers, transactions, openings, products)
  const figures = figuresOf(interactions, products.size)
  return {
    figures: [
      ...figures,
      faultless('customers and what they hold', customers.length, profiles.length),
      faultless('product events', events.length, ways.length),
      ...money.figures,
    ],
    findings: [...twice, ...strangers, ...profiles, ...ways, ...shortfalls(figures, folder), ...money.findings],
  }
}

function figuresOf({ customers, transactions }: Interactions, products: number): Figure[] {
  const counts = customers.map(({ value }) => value.holds.length)
  const held = new Set(customers.flatMap(({ value }) => value.holds)).size
  const lift = 'travellers who hold a travel product, times as often as others'
  return [
    told('products that a customer holds, median', percentile(counts, 0.5)),
    atLeast('products that somebody holds', held, products),
    atLeast(lift, travelShare(customers, transactions), travelLift),
  ]
}

/** The generator gives these very bytes, and they are not too many. */
export async function checkGenerated(root: string, catalogue: readonly Product[]): Promise<Report> {
  const files = Object.entries(generate(catalogue))
  const findings: Finding[] = []
  for (const [name, content] of files) {
    const stored = await readFile(join(root, folder, name), 'utf8').catch(() => '')
    const reason = 'is not what test/quality/interactions/generate.ts makes: see interactions/README.md'
    if (stored !== content) findings.push({ file: `${folder}/${name}`, reason })
  }
  const bytes = atMost(
    'bytes of interactions',
    files.reduce((sum, [, content]) => sum + Buffer.byteLength(content), 0),
    mostBytes,
  )
  const figures = [faultless('files made again from the seed', files.length, findings.length), bytes]
  return { figures, findings: [...findings, ...shortfalls([bytes], folder)] }
}

const fault = ({ file, line }: Placed<unknown>, reason: string): Finding => ({ file, line, reason })

/** Each product exists, is sold where the customer lives, refuses them by no rule, and has been held since a possible day. */
function holdingFaults(
  row: Placed<Customer>,
  products: ReadonlyMap<string, Product>,
  openings: ReadonlyMap<string, string>,
): Finding[] {
  const { id, segment: _, region, ...facts } = row.value
  return facts.holds.flatMap((held, i): Finding[] => {
    const product = products.get(held)
    if (!product) return [fault(row, `${id} holds ${held}, which does not exist`)]
    const { failed, open } = eligibilityOf(product, { facts: definedOnly(facts) })
    const since = openings.get(`${id} ${held}`)
    return [
      ...[...failed, ...open].map((rule) =>
        fault(row, `${id} holds ${held}, which rule ${rule.id} refuses or cannot judge`),
      ),
      ...(product.regions.includes(region)
        ? []
        : [fault(row, `${id} lives on the ${region}, where ${held} is not sold`)]),
      ...(facts.holds.indexOf(held) === i ? [] : [fault(row, `${id} holds ${held} twice`)]),
      ...(since === undefined ? [fault(row, `${id} holds ${held}, but no event opened it`)] : []),
      ...(since !== undefined && tooYoung(product, facts.age, since)
        ? [fault(row, `${id} was too young for ${held} on ${since}`)]
        : []),
    ]
  })
}

type Facts = Readonly<Record<string, number | boolean | string | readonly string[]>>

const definedOnly = (facts: Readonly<Record<string, Facts[string] | undefined>>): Facts =>
  Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

/** Whether even somebody who is about to turn a year older had not reached the least age on that day. */
function tooYoung({ eligibility }: Product, age: number, since: string): boolean {
  const least = eligibility.find(({ field, op }) => field === 'age' && op === 'gte')?.value
  const years = daysBetween(since.slice(0, 10), today) / 365.25
  return typeof least === 'number' && age + 1 - years < least
}

const steps: readonly ProductEvent['kind'][] = ['view', 'click', 'apply', 'hold']

/** Openings are those of `holds`; nobody applies in vain; each step comes after the one before it; nothing lies ahead. */
function eventFaults(
  { value: { id, segment: _, region: __, ...facts } }: Placed<Customer>,
  events: readonly Placed<ProductEvent>[],
  products: ReadonlyMap<string, Product>,
): Finding[] {
  const latest = new Map<string, { step: number; at: string }>()
  return [...events]
    .sort((a, b) => (a.value.at < b.value.at ? -1 : 1))
    .flatMap((row) => {
      const { product: name, kind, at } = row.value
      const [product, step, before] = [products.get(name), steps.indexOf(kind), latest.get(name)]
      if (!product) return [fault(row, `there is no product ${name}`)]
      if (step >= 0) latest.set(name, { step, at })
      const refused = kind === 'apply' && eligibilityOf(product, { facts: definedOnly(facts) }).verdict !== true
      return [
        ...(refused ? [fault(row, `${id} applied for ${name}, which a rule refuses or cannot judge`)] : []),
        ...(kind === 'hold' && !facts.holds.includes(name)
          ? [fault(row, `${id} opened ${name} but does not hold it`)]
          : []),
        ...(before && step >= 0 && (before.step > step || before.step === steps.length - 1)
          ? [fault(row, `${kind} of ${name} comes after ${steps[before.step]}`)]
          : []),
        ...(at.slice(0, 10) >= today ? [fault(row, `${at} is not before ${today}`)] : []),
      ]
    })
}

/** How many times as many of those who spent abroad hold a product for journeys as of the others. */
function travelShare(customers: Interactions['customers'], transactions: Interactions['transactions']): number {
  const abroad = transactions.filter(
    ({ value }) => value.currency !== 'GBP' && value.merchantCategory !== 'account-fee',
  )
  const travellers = new Set(abroad.map(({ value }) => value.customer))
  const holding = (travels: boolean) =>
    mean(
      customers
        .filter(({ value }) => travellers.has(value.id) === travels)
        .map(({ value }) => (value.holds.some((held) => travelProducts.includes(held)) ? 1 : 0)),
    )
  return holding(true) / holding(false)
}
