import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { writeManifest } from '../corpora/manifest.ts'

const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

const policy = (title: string, dates: string, body: string): string =>
  `---\ntitle: ${title}\n${dates}---\n# ${title}\n\n${body}\n`

const schedule = `id,title,text,item,value,unit,product,from,until
late-fee-2025,Late payment (2025),The late payment fee is £12.00.,late-fee,12.00,GBP,,2025-01-01,2026-01-01
late-fee-2026,Late payment,The late payment fee is £10.00.,late-fee,10.00,GBP,,2026-01-01,
card-rate,Card rate,The card rate is 2.75 % of the amount.,card-rate,2.75,percent,,,
cut-off,Cut-off time,The cut-off time is 15:30 on a working day.,cut-off,15.30,none,,,
`

const terms = [
  { item: 'late-fee', unit: 'GBP', terms: ['late payment fee'] },
  { item: 'card-rate', unit: 'percent', terms: ['card rate'] },
  { item: 'cut-off', unit: 'none', terms: ['cut-off time'] },
]

const product = {
  ...{
    id: 'plain-card',
    name: 'Plain Card',
    category: 'cards',
    tags: ['card'],
    summary: 'A card.',
    sheet: 'products/plain-card.md',
  },
  ...{
    price: { amount: '24.00', currency: 'GBP', per: 'year' },
    rate: { value: '9.9', kind: 'APR' },
    regions: ['mainland'],
  },
  eligibility: [{ id: 'plain-card.age', field: 'age', op: 'gte', value: 18, text: 'You must be 18 or over.' }],
}

const sheet = policy(
  'Plain Card',
  'product: plain-card\n',
  'The Plain Card costs £24.00 a year at 9.9 % APR. You must be 18 or over.',
)

/** A few lines of everything, without a fault but for being few. */
const files: Readonly<Record<string, string>> = {
  'products/catalogue.jsonl': lines(product),
  'products/plain-card.md': sheet,
  'policies/late.2025.md': policy(
    'Paying late',
    'from: 2025-01-01\nuntil: 2026-01-01\n',
    'The late payment fee is £12.00.',
  ),
  'policies/late.2026.md': policy(
    'Paying late',
    'from: 2026-01-01\n',
    'We take £10.00 when a payment is late.\n\n| Fee | Amount |\n|---|---|\n| Late payment fee | £10.00 |\n\nUntil 1 January 2026 the late payment fee was £12.00.',
  ),
  'policies/agents.md': policy('For agents', 'audience: agent\n', 'Never argue about small amounts.'),
  'faqs/faq.en.jsonl': lines(
    { id: 'card-rate', question: 'What does paying in euro cost?', answer: 'The card rate is 2.75% abroad.' },
    { id: 'cut-off', question: 'Until when can I pay today?', answer: 'The cut-off time is 15.30.' },
  ),
  'fees/schedule.csv': schedule,
  'fees/terms.json': `${JSON.stringify(terms)}\n`,
  'intents/train.jsonl': lines(
    { text: 'my card was swallowed by the machine at the station', intent: 'card' },
    { text: 'please send me a new letter with the secret number', intent: 'pin' },
  ),
  'intents/test.jsonl': lines({ text: 'an ATM ate my plastic', intent: 'card' }),
  'golden/test.jsonl': lines(
    {
      ...{
        id: 'g1',
        text: 'I forgot to settle on time, how bad is it?',
        answerable: true,
        asOf: '2026-11-22',
        kind: 'plain',
      },
      gold: [{ doc: 'policies/late.2026.md', text: 'Late payment fee\t£10.00' }],
    },
    { id: 'g2', text: 'who wins the election', answerable: false, asOf: '2026-11-22', kind: 'unanswerable' },
  ),
}

interface SetOptions {
  readonly use: string
  readonly service?: string
}
const uses: Readonly<Record<string, SetOptions>> = {
  ...{
    products: { use: 'documents' },
    policies: { use: 'documents' },
    faqs: { use: 'documents' },
    fees: { use: 'documents' },
  },
  'intents/train.jsonl': { use: 'train', service: 'intent' },
  'intents/test.jsonl': { use: 'test', service: 'intent' },
  ...{
    'golden/test.jsonl': { use: 'data' },
    'products/catalogue.jsonl': { use: 'data' },
    'fees/terms.json': { use: 'data' },
  },
}

/** Small corpora in a temporary folder, to be broken in one place. */
export interface SmallCorpora {
  readonly root: string
  /** Replace a text that must be there. */
  edit(file: string, before: string, after: string): Promise<void>
  write(file: string, content: string): Promise<void>
  remove(): Promise<void>
}

/** @param more files that are listed as data besides. */
export async function createSmallCorpora(more: Readonly<Record<string, string>> = {}): Promise<SmallCorpora> {
  const root = await mkdtemp(join(tmpdir(), 'corpora-'))
  const write = async (file: string, content: string): Promise<void> => {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), content)
  }
  for (const [file, content] of Object.entries({ ...files, ...more })) await write(file, content)
  const extra = Object.keys(more).map((path): [string, SetOptions] => [path, { use: 'data' }])
  const sets = [...Object.entries(uses), ...extra].map(([path, given]) => ({
    ...{
      path,
      ...given,
      format: 'jsonl',
      licence: 'Apache-2.0',
      source: 'made for a test',
      sha256: '0'.repeat(64),
      rows: 0,
    },
  }))
  await write('manifest.json', JSON.stringify({ name: 'Small Bank', sets }))
  await writeManifest(root)
  return {
    ...{ root, write },
    async edit(file, before, after) {
      const content = await readFile(join(root, file), 'utf8')
      if (!content.includes(before)) throw new RangeError(`${file} has no "${before}" to replace`)
      await write(file, content.replace(before, after))
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
