import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalogue } from '../../server/ingestion/formats/catalogue.ts'
import type { Product } from '../../server/storage/products.ts'
import { loadInteractions } from './corpora/interaction-rows.ts'
import { checkGenerated, checkInteractions } from './corpora/interactions.ts'
import { readSets } from './corpora/load.ts'
import { generate } from './interactions/generate.ts'
import { defaults } from './interactions/parameters.ts'
import { createSmallCorpora, type SmallCorpora } from './support/small-corpora.ts'

const corpora = resolve(import.meta.dirname, '../../corpora')
let catalogue: Product[]

beforeAll(async () => {
  const path = join(corpora, 'products/catalogue.jsonl')
  catalogue = readCatalogue(await readFile(path), path)
})

describe('the generator', () => {
  it('gives the same bytes for the same seed, and others for another', () => {
    const few = { ...defaults, customers: 20 }
    expect(generate(catalogue, few)).toEqual(generate(catalogue, few))
    expect(generate(catalogue, { ...few, seed: 2 })).not.toEqual(generate(catalogue, few))
  })

  it('leaves the customers before as they are when more are wanted', () => {
    const [few, more] = [20, 25].map((customers) => generate(catalogue, { ...defaults, customers }))
    expect(more!['transactions.jsonl'].startsWith(few!['transactions.jsonl'])).toBe(true)
  })

  it.each([1, 7, 4_000_000_000])('makes customers who agree with the catalogue with seed %i', async (seed) => {
    const files = generate(catalogue, { ...defaults, seed, customers: 400 })
    const small = await createSmallCorpora(inFolder(files))
    const { interactions, findings } = await loadInteractions(small.root, await readSets(small.root))
    await small.remove()
    expect(findings).toEqual([])
    // That every product is held by somebody is for the shipped files to show.
    const found = checkInteractions(interactions, catalogue).findings.filter(({ line }) => line !== undefined)
    expect(found).toEqual([])
  })
})

describe('the guard of interactions', () => {
  let files: Readonly<Record<string, string>>
  let small: SmallCorpora
  beforeAll(async () => {
    files = inFolder(generate(catalogue, { ...defaults, customers: 30 }))
    small = await createSmallCorpora(files)
  })
  afterAll(() => small.remove())

  /** Findings with a line after a change to one of the files, which is undone. */
  async function faultsOf(name: string, change: (content: string) => string): Promise<string[]> {
    const [file, content] = [`interactions/${name}`, files[`interactions/${name}`]!]
    const changed = change(content)
    expect(changed).not.toBe(content)
    await small.write(file, changed)
    const { interactions, findings } = await loadInteractions(small.root, await readSets(small.root))
    await small.write(file, content)
    const all = [...findings, ...checkInteractions(interactions, catalogue).findings]
    return all.filter(({ line }) => line !== undefined).map((found) => `${found.file}:${found.line}: ${found.reason}`)
  }
  const replaced = (pattern: RegExp, by: string) => (content: string) => content.replace(pattern, by)

  it('finds nothing in what the generator makes', async () => {
    expect(await faultsOf('events.jsonl', (content) => `${content}\n`)).toEqual([])
  })

  it.each([
    [
      'somebody too poor for a card',
      'customers.jsonl',
      /"annualIncome":\d+(.*"classic-credit-card")/,
      '"annualIncome":500$1',
      /which rule classic-credit-card\.income refuses/,
    ],
    [
      'a product without an opening',
      'customers.jsonl',
      /"holds":\[/,
      '"holds":["cash-isa","fixed-saver",',
      /but no event opened it/,
    ],
    [
      'a product that does not exist',
      'customers.jsonl',
      /"holds":\[/,
      '"holds":["gold-card",',
      /holds gold-card, which does not exist/,
    ],
    ['a customer who is there twice', 'customers.jsonl', /"c0002"/, '"c0001"', /c0001 is there twice/],
    ['an unknown field', 'customers.jsonl', /"segment"/, '"mood":1,"segment"', /mood: unknown field/],
    [
      'an opening of what is not held',
      'events.jsonl',
      /"kind":"view"/,
      '"kind":"hold"',
      /opened \S+ but does not hold it/,
    ],
    [
      'an application after the opening',
      'events.jsonl',
      /("kind":"apply","at":")202\d-..-../,
      '$12026-11-20',
      /apply of \S+ comes after hold/,
    ],
    [
      'an event that lies ahead',
      'events.jsonl',
      /"at":"20\d\d(-..-..T..:..:..Z"}\n)$/,
      '"at":"2031$1',
      /2031-.* is not before 2026-11-22/,
    ],
    ['a stranger', 'events.jsonl', /"c0003"/, '"c9999"', /there is no customer c9999/],
    [
      'an account that was never opened',
      'transactions.jsonl',
      /"account":"[^"]+"/,
      '"account":"pension-plan"',
      /never opened pension-plan/,
    ],
    [
      'a payment before the account was open',
      'transactions.jsonl',
      /"date":"2026/,
      '"date":"2009',
      /opened .* after 2009-/,
    ],
    ['pay that varies', 'transactions.jsonl', /"amount":(\d+)([^}]*"salary")/, '"amount":9$1$2', /is paid \S+ and \S+/],
    [
      "a fee that is not the catalogue's",
      'transactions.jsonl',
      /"amount":-\d+([^}]*"account-fee")/,
      '"amount":-99$1',
      /is not the catalogue's price/,
    ],
    [
      'a third decimal',
      'transactions.jsonl',
      /"amount":-?\d+\.\d\d/,
      '"amount":-1.005',
      /must have at most two decimals/,
    ],
  ])('refuses %s', async (_, name, pattern, by, fault) => {
    expect(await faultsOf(name, replaced(pattern, by))).toContainEqual(expect.stringMatching(fault))
  })

  it('refuses pay that does not fit the income', async () => {
    const poorer = replaced(/("segment":"(?:family|affluent)".*?"annualIncome":)\d+/, '$1900000')
    expect(await faultsOf('customers.jsonl', poorer)).toContainEqual(
      expect.stringMatching(/a month with an income of 900000 a year/),
    )
  })

  it('refuses travellers who hold no more travel products than others', async () => {
    const currency = /"currency":"(?:EUR|USD)"/g
    const atHome = Object.entries(files).map(([name, content]) => [name, content.replace(currency, '"currency":"GBP"')])
    const elsewhere = await createSmallCorpora(Object.fromEntries(atHome))
    const { interactions } = await loadInteractions(elsewhere.root, await readSets(elsewhere.root))
    await elsewhere.remove()
    const reasons = checkInteractions(interactions, catalogue).findings.map(({ reason }) => reason)
    expect(reasons).toContainEqual(expect.stringMatching(/^travellers who hold a travel product/))
  })

  it('refuses files that the generator would not make', async () => {
    const reasons = (await checkGenerated(small.root, catalogue)).findings.map(({ file }) => file)
    expect(reasons).toEqual([
      'interactions/customers.jsonl',
      'interactions/events.jsonl',
      'interactions/transactions.jsonl',
    ])
    expect((await checkGenerated(corpora, catalogue)).findings).toEqual([])
  })
})

const inFolder = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`interactions/${name}`, content]))
