import { resolve } from 'node:path'
import { z } from 'zod'
import { type Config, today } from '../config.ts'
import { messageOf, NotFoundError, UsageError } from '../errors.ts'
import { auditAll } from '../recommend/personal/audit.ts'
import { type Customer, customersOf } from '../recommend/personal/customer.ts'
import { fitPersonal } from '../recommend/personal/ranking.ts'
import { reasonsFor, refusalText } from '../recommend/personal/reasons.ts'
import { type Item, shortlist } from '../recommend/personal/shortlist.ts'
import { createCustomers } from '../storage/customers.ts'
import { openDatabase } from '../storage/database.ts'
import { createProducts } from '../storage/products.ts'
import { createSheets } from '../storage/sheets.ts'
import { readOwnFile } from '../text/own-file.ts'
import { type Command, dayOf, type Options, reasonOption, textOf } from './command.ts'
import { wholeOf } from './questions.ts'

const dayOption = ['--as-of <day>', 'for this day instead of today'] as const
const profile = z.strictObject({
  region: z.string().optional(),
  facts: z.record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.array(z.string())])).default({}),
  holds: z.array(z.string()).default([]),
})

/**
 * Everything that offers are made of, as the store has it now: read beside a running server, which is not kept from its chats.
 * @throws {StorageError}
 */
async function load({ dataDir }: Config) {
  const db = await openDatabase({ dir: dataDir, readOnly: true })
  try {
    const table = createCustomers(db)
    const products = await createProducts(db).all()
    const customers = customersOf(await table.all(), await table.events())
    const bySheet = await createSheets(db).byProduct()
    const sheets = new Map([...bySheet].map(([product, all]) => [product, all.map(({ version }) => version)]))
    const catalogue = new Map(products.map((product) => [product.id, product]))
    const parts = { products, sheets, customers }
    return { ...parts, parts, catalogue, personal: await fitPersonal(parts) }
  } finally {
    db.close()
  }
}
type Loaded = Awaited<ReturnType<typeof load>>

function customerIn({ customers }: Loaded, id: string): Customer {
  const found = customers.get(id)
  if (!found) throw new NotFoundError(`nothing is known of ${id}: rec import takes customers who have consented`)
  return found
}

const dayIn = (given: Options, { timeZone }: Config): string => dayOf(given, 'asOf') ?? today(timeZone)

/** Somebody who is there now and of whom nothing is kept. @throws {UsageError} */
function newcomer(file: string): Customer {
  try {
    const { holds, region, facts } = readOwnFile(resolve(file), profile)
    return { id: 'new', facts, holds: new Set(holds), dismissed: new Set(), ...(region !== undefined && { region }) }
  } catch (cause) {
    throw new UsageError(`--profile ${file}: ${messageOf(cause)}`, { cause })
  }
}

const shownItem = ({ title, score, reasons }: Item, i: number): string =>
  [`${i + 1}. ${title}  (${score.toFixed(2)})`, ...reasons.map(({ text }) => `   ${text}`)].join('\n')

export const recommendCommand: Command = {
  name: 'recommend',
  args: '',
  summary: 'offer products to a customer, each with its reasons, or ask for what is not known',
  options: [
    ['--customer <id>', 'one who was imported'],
    ['--profile <file>', 'instead: somebody new, as JSON {"facts": {…}, "holds": […], "region": …}'],
    ['--k <number>', 'most products', '3'],
    ['--offset <number>', 'from this place on', '0'],
    ['--exclude <list>', 'product ids with commas between'],
    ['--category <name>', 'only these'],
    dayOption,
  ],
  async run({ config }, _, given) {
    const [id, file] = [textOf(given, 'customer'), textOf(given, 'profile')]
    if ((id === undefined) === (file === undefined)) throw new UsageError('--customer or --profile is needed, not both')
    const request = {
      day: dayIn(given, config),
      k: wholeOf(given, 'k', 3, 1, 1_000),
      offset: wholeOf(given, 'offset', 0, 0, 1_000_000),
      exclude: new Set((textOf(given, 'exclude') ?? '').split(',').filter(Boolean)),
      category: textOf(given, 'category'),
    }
    const loaded = await load(config)
    const customer = file === undefined ? customerIn(loaded, id ?? '') : newcomer(file)
    const { items, questions } = shortlist(loaded.personal, customer, request, loaded.catalogue)
    const asked = questions.map(({ field, text, products }) => `? ${field} (${products.length} products): ${text}`)
    const text = [...items.map(shownItem), ...asked].join('\n')
    return { json: { items, questions, weights: loaded.personal.weights }, text: text || 'nothing fits' }
  },
}

/** A product for a customer: offered with reasons, open, or refused. */
async function explain(config: Config, given: Options, [id = '', product = '']: readonly string[]) {
  const loaded = await load(config)
  const known = loaded.catalogue.get(product)
  if (!known) throw new NotFoundError(`the catalogue has no product ${product}`)
  const customer = customerIn(loaded, id)
  const { offered, open, refused } = loaded.personal.rank(customer, dayIn(given, config))
  const place = offered.findIndex((one) => one.product.id === product)
  const waiting = open.find((one) => one.product.id === product)
  return { loaded, known, customer, offered, place, waiting, refusal: refused.get(product) }
}

const recWhy: Command = {
  name: 'rec why',
  args: '<customer> <product>',
  summary: 'what a product’s score for a customer is the sum of, and the reasons that are given',
  options: [dayOption],
  async run({ config }, args, given) {
    const { loaded, known, customer, offered, place, waiting, refusal } = await explain(config, given, args)
    const candidate = offered[place] ?? waiting
    if (!candidate)
      throw new NotFoundError(
        `it is not offered: ${refusal ? refusalText(refusal, known.name) : 'rec why-not says why'}`,
      )
    const { score, contributions, together } = candidate
    const nameOf = (id: string): string => loaded.catalogue.get(id)?.name ?? id
    const reasons = reasonsFor(candidate, customer, nameOf, (id) => loaded.catalogue.get(id)?.tags ?? [])
    const json = { product: known.id, place: place < 0 ? null : place + 1, score, contributions, together, reasons }
    const parts = Object.entries(contributions).map(([source, value]) => `${source} ${value.toFixed(3)}`)
    const lines = [
      place < 0
        ? `${known.name} waits for what is not known`
        : `${known.name}, place ${place + 1} of ${offered.length}`,
      `score ${score.toFixed(3)} = ${parts.join(' + ')}`,
      ...together.slice(0, 3).map((one) => `  together with ${nameOf(one.product)}: ${one.weight.toFixed(3)}`),
      ...reasons.map(({ text }) => `- ${text}`),
    ]
    return { json, text: lines.join('\n') }
  },
}

const recWhyNot: Command = {
  name: 'rec why-not',
  args: '<customer> <product>',
  summary: 'why a product is not offered to a customer, or not among the first',
  options: [['--k <number>', 'how many are shown', '3'], dayOption],
  async run({ config }, args, given) {
    const k = wholeOf(given, 'k', 3, 1, 1_000)
    const { known, offered, place, waiting, refusal } = await explain(config, given, args)
    if (refusal) {
      const rules = refusal.why === 'rule' ? refusal.rules.map(({ id, text }) => ({ id, text })) : []
      return { json: { why: refusal.why, rules }, text: refusalText(refusal, known.name) }
    }
    if (waiting) {
      const open = waiting.open.map(({ id, field, text }) => ({ id, field, text }))
      return {
        json: { why: 'unknown', rules: open },
        text: open.map(({ field, text }) => `${field} is not known: ${text}`).join('\n'),
      }
    }
    const [own, last] = [offered[place]!, offered[k - 1]]
    if (place < k || !last)
      return { json: { why: 'offered', place: place + 1 }, text: `It is offered, in place ${place + 1}.` }
    const json = {
      why: 'behind',
      place: place + 1,
      score: own.score,
      lastShown: { product: last.product.id, score: last.score },
    }
    return {
      json,
      text: `It stands in place ${place + 1} with ${own.score.toFixed(3)}; the last of ${k} is ${last.product.name} with ${last.score.toFixed(3)}.`,
    }
  },
}

const recAudit: Command = {
  name: 'rec audit',
  args: '',
  summary: 'hold every offer to every customer against the rules, a second time, and every reason against what it says',
  options: [['--all', 'every customer and product; needed'], dayOption],
  async run({ config }, _, given) {
    if (given.all !== true) throw new UsageError('--all is needed: every customer and every product')
    const { parts, personal } = await load(config)
    const json = auditAll(parts, personal, dayIn(given, config))
    const { customers, pairs, offered, reasons, violations } = json
    const text = `${customers} customers × products = ${pairs} pairs: ${offered} offers with ${reasons} reasons, ${violations.length} violations`
    return { json, text: [text, ...violations].join('\n'), exitCode: violations.length === 0 ? 0 : 1 }
  },
}

const recImport: Command = {
  name: 'rec import',
  args: '',
  summary: 'take customers who have consented, and what they did with products',
  options: [
    ['--customers <file>', 'JSON lines: id, region, holds, consent, and the facts that rules ask for'],
    ['--events <file>', 'JSON lines: customer, product, kind, at'],
    ['--consented', 'whoever’s row says nothing of consent has given it: the bank’s word, kept in the audit log'],
    reasonOption,
  ],
  async run({ perform }, _, given) {
    const [customers, events, why] = [textOf(given, 'customers'), textOf(given, 'events'), textOf(given, 'reason')]
    if (customers === undefined) throw new UsageError('--customers is needed')
    const json = (await perform('rec.import', {
      ...{ customers: resolve(customers), consented: given.consented === true },
      ...(events !== undefined && { events: resolve(events) }),
      ...(why !== undefined && { reason: why }),
    })) as { customers: number; events: number; withoutConsent: number; erased: number; ofOthers: number }
    const text = `${json.customers} customers, ${json.events} events; ${json.withoutConsent} customers without consent were left out, ${json.erased} erased, ${json.ofOthers} events of others left out`
    return { json, text }
  },
}

const recForget: Command = {
  name: 'rec forget',
  args: '<customer>',
  summary: 'erase all that is known of a customer for offers, at once',
  options: [reasonOption],
  async run({ perform }, [customer = ''], given) {
    const why = textOf(given, 'reason')
    const json = (await perform('rec.forget', { customer, ...(why !== undefined && { reason: why }) })) as object
    return { json, text: `nothing is known of ${customer} any more` }
  },
}

/** `bursar rec …`. */
export const recCommands: readonly Command[] = [recImport, recWhy, recWhyNot, recAudit, recForget]
