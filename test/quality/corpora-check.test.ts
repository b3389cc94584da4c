import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { modelsDir } from '../support/models.ts'
import { checkCorpora } from './corpora/check.ts'
import { checkCounts } from './corpora/counts.ts'
import { checkDates } from './corpora/dates.ts'
import { checkFees } from './corpora/fees.ts'
import { checkGolden } from './corpora/golden.ts'
import { createKeywordSearch, tokenCounter } from './corpora/keyword-search.ts'
import { checkLikeness } from './corpora/likeness.ts'
import { checkLinks } from './corpora/links.ts'
import { loadCorpora } from './corpora/load.ts'
import { checkManifest, writeManifest } from './corpora/manifest.ts'
import { printed } from './corpora/report.ts'
import { createSmallCorpora, type SmallCorpora } from './support/small-corpora.ts'

describe('the corpora of the repository', () => {
  it('have no faults', { timeout: 60_000 }, async () => {
    const countTokens = await tokenCounter(modelsDir())
    const report = await checkCorpora(resolve(import.meta.dirname, '../../corpora'), countTokens)
    expect(report.findings).toEqual([])
    expect(report.figures.filter(({ ok }) => !ok)).toEqual([])
    expect(printed(report)).toMatch(/corpora: no faults$/)
  })
})

describe('small corpora', () => {
  let small: SmallCorpora
  beforeEach(async () => {
    small = await createSmallCorpora()
  })
  afterEach(() => small.remove())

  /** Words are counted instead of tokens: these passages are far below any limit. */
  const countTokens = (text: string) => text.split(' ').length

  /** What the guards say after a change, but for the counts. */
  async function faults(): Promise<string[]> {
    const { corpora, findings } = await loadCorpora(small.root)
    const search = createKeywordSearch(corpora.documents, countTokens)
    const guards = [
      checkDates(corpora),
      checkLinks(corpora),
      checkFees(corpora),
      checkLikeness(corpora),
      checkGolden(corpora, search),
    ]
    return [...findings, ...guards.flatMap((report) => report.findings)].map(
      ({ file, line, reason }) => `${file}${line === undefined ? '' : `:${line}`}: ${reason}`,
    )
  }
  const only = (fault: RegExp) => [expect.stringMatching(fault)]

  it('have no faults but for being few', async () => {
    expect(await faults()).toEqual([])
    expect((await checkManifest(small.root)).findings).toEqual([])
    const { findings } = checkCounts((await loadCorpora(small.root)).corpora, 0)
    expect(findings.map(({ reason }) => reason)).toContain('products: 1, wanted ≥ 30')
    expect(findings.map(({ reason }) => reason)).toContain('customers: 0, wanted ≥ 500')
    expect(findings.map(({ reason }) => reason)).toContain('scored questions: 2, wanted ≥ 300')
    expect(findings.map(({ reason }) => reason)).toContain('  unanswerable: 1, wanted ≥ 80')
    expect(findings.map(({ reason }) => reason)).toContain('scored questions of golden/scoring.jsonl: 0, wanted ≥ 150')
  })

  describe('manifest', () => {
    const manifestFaults = async () => (await checkManifest(small.root)).findings

    it('sees a changed file by its checksum and rows, until it is renewed', async () => {
      await small.edit('intents/test.jsonl', '\n', '\n{"text":"tap and go","intent":"card"}\n')
      const [checksum, rows, ...more] = await manifestFaults()
      expect(checksum).toMatchObject({
        file: 'intents/test.jsonl',
        reason: expect.stringContaining('has the checksum'),
      })
      expect(rows?.reason).toContain('has 2 rows, not 1')
      expect(more).toEqual([])
      await writeManifest(small.root)
      expect(await manifestFaults()).toEqual([])
    })

    it('sees a change inside a folder', async () => {
      await small.edit('policies/agents.md', 'small', 'large')
      expect(await manifestFaults()).toMatchObject([{ file: 'policies' }])
    })

    it('sees a file that no set holds, and a set whose file is gone', async () => {
      await small.write('golden/spare.jsonl', '{}\n')
      await small.edit('manifest.json', 'intents/test.jsonl', 'intents/lost.jsonl')
      const reasons = (await manifestFaults()).map(({ file, reason }) => `${file} ${reason}`)
      expect(reasons).toContain('golden/spare.jsonl is in no set of the manifest')
      expect(reasons).toContainEqual(expect.stringMatching(/^intents\/lost.jsonl is not there/))
    })

    it('refuses another licence, and training on what is kept for scoring', async () => {
      await small.edit('manifest.json', '"Apache-2.0"', '"unknown"')
      await small.edit('manifest.json', '"path": "intents/train.jsonl"', '"path": "golden/test.jsonl"')
      const reasons = (await manifestFaults()).map(({ reason }) => reason)
      expect(reasons).toContain('has the licence unknown, not Apache-2.0')
      expect(reasons).toContain('is kept for scoring and must not be trained on')
    })
  })

  describe('dates', () => {
    it('refuses a document that ends before it begins', async () => {
      await small.edit('policies/late.2025.md', 'until: 2026-01-01', 'until: 2024-01-01')
      expect(await faults()).toContainEqual(
        expect.stringMatching(/late\.2025\.md:4: until: 2024-01-01 is not later than from/),
      )
    })

    it('refuses versions of one topic that overlap', async () => {
      await small.edit('policies/late.2025.md', 'until: 2026-01-01', 'until: 2026-01-02')
      expect(await faults()).toContainEqual(
        expect.stringMatching(/late\.2026\.md is in force from 2026-01-01, when policies\/late\.2025\.md still is/),
      )
    })

    it('refuses days without a version, in rows as in files', async () => {
      await small.edit('fees/schedule.csv', ',2025-01-01,2026-01-01', ',2025-01-01,2025-12-31')
      expect(await faults()).toContainEqual(expect.stringMatching(/schedule\.csv:3: between .* no version is in force/))
    })
  })

  describe('links', () => {
    it.each([
      [
        'sheet that does not exist',
        '"sheet":"products/plain-card.md"',
        '"sheet":"products/gone.md"',
        /catalogue\.jsonl:1: the sheet products\/gone\.md/,
      ],
      [
        'rule that the sheet states in other words',
        'You must be 18 or over.',
        'You must be 18.',
        /rule plain-card\.age does not stand in/,
      ],
      ['price that the sheet does not state', '"24.00"', '"25.00"', /does not state the price £25\.00/],
      ['rate that is a part of another number', '"9.9"', '"9"', /does not state the rate 9 %/],
      ['field that no profile has', '"field":"age"', '"field":"shoeSize"', /asks for shoeSize, which no profile has/],
      [
        'operator that does not fit',
        '"op":"gte","value":18',
        '"op":"includes","value":"18"',
        /compares age by includes/,
      ],
      ['comparison that does not exist', '"op":"gte"', '"op":"above"', /eligibility\.0\.op: must be one of/],
      ['region that does not exist', '"mainland"', '"moon"', /is sold in moon/],
    ])('refuses a %s', async (_, before, after, fault) => {
      await small.edit('products/catalogue.jsonl', before, after)
      expect(await faults()).toContainEqual(expect.stringMatching(fault))
    })

    it('refuses a document of a product that does not exist', async () => {
      await small.edit('policies/agents.md', 'audience', 'product: gold-card\naudience')
      expect(await faults()).toEqual(only(/agents\.md:\d+: there is no product gold-card/))
    })
  })

  describe('fees', () => {
    it.each([
      [
        'sentence',
        'policies/late.2025.md',
        '£12.00',
        '£10.00',
        /late-fee from 2025-01-01 until 2026-01-01 is 12 \(GBP\), not 10/,
      ],
      [
        'table row',
        'policies/late.2026.md',
        'fee | £10.00',
        'fee | £12.00',
        /late-fee from 2026-01-01 until ever is 10 \(GBP\), not 12/,
      ],
      ['sentence about another day', 'policies/late.2026.md', 'Until 1 January 2026', 'Until 1 January 2027', /not 12/],
      ['percentage without a space', 'faqs/faq.en.jsonl', '2.75%', '2.95%', /faq\.en\.jsonl:1: card-rate .* not 2\.95/],
      ['time of day', 'faqs/faq.en.jsonl', '15.30', '16.30', /faq\.en\.jsonl:2: cut-off .* not 16\.3/],
      [
        "schedule's own sentence",
        'fees/schedule.csv',
        'fee is £10.00',
        'fee is £10.50',
        /schedule\.csv:3: late-fee .* not 10\.5/,
      ],
    ])('refuses a wrong value in a %s', async (_, file, before, after, fault) => {
      await small.edit(file, before, after)
      expect(await faults()).toContainEqual(expect.stringMatching(fault))
    })

    it('refuses a document that outlives the value it states', async () => {
      await small.edit('fees/schedule.csv', 'GBP,,2026-01-01,', 'GBP,,2026-01-01,2027-01-01')
      expect(await faults()).toContainEqual(expect.stringMatching(/late\.2026\.md:\d+: late-fee .* is no one value/))
    })

    it('refuses a wrong value in Chinese', async () => {
      await small.edit(
        'fees/schedule.csv',
        'cut-off,Cut',
        'late-payment-fee,Late,Late payments.,late-payment-fee,10.00,GBP,,,\ncut-off,Cut',
      )
      await small.edit(
        'fees/terms.json',
        '[',
        '[{"item":"late-payment-fee","unit":"GBP","terms":["fee for paying late"]},',
      )
      await small.write(
        'faqs/faq.zh.jsonl',
        '{"id":"late","lang":"zh","question":"逾期？","answer":"信用卡逾期还款费为每次 £12.00。"}\n',
      )
      expect(await faults()).toEqual(only(/faq\.zh\.jsonl:1: late-payment-fee .* is 10 \(GBP\), not 12/))
    })

    it('refuses an item without names and names without an item', async () => {
      await small.edit('fees/terms.json', '"item":"card-rate"', '"item":"card-fee"')
      const found = await faults()
      expect(found).toContain('fees/schedule.csv:4: card-rate in percent is missing in fees/terms.json')
      expect(found).toContain('fees/terms.json: card-fee in percent is missing in fees/schedule.csv')
    })
  })

  describe('likeness', () => {
    const like = '{"text":"my card was swallowed by the machine at the station!","intent":"card"}\n'

    it('refuses near-duplicates within a set', async () => {
      await small.edit('intents/train.jsonl', '{"text":"please', `${like}{"text":"please`)
      expect(await faults()).toEqual(
        only(/intents\/train\.jsonl:2: .* is too much like \(0\.9\d, at most 0\.7\) intents\/train\.jsonl:1/),
      )
    })

    it('refuses a scored text that is like a training text', async () => {
      await small.write(
        'intents/test.jsonl',
        '{"text":"my card was swallowed by a machine at a station, help","intent":"card"}\n',
      )
      expect(await faults()).toContainEqual(
        expect.stringMatching(/intents\/test\.jsonl:1: .* is like the training text/),
      )
    })

    it('refuses a scored text that opens and ends like a training text', async () => {
      const text = 'My card was swallowed on Tuesday when I wanted forty pounds from the till at the station'
      await small.write('intents/test.jsonl', `${JSON.stringify({ text, intent: 'card' })}\n`)
      expect(await faults()).toEqual(
        only(/intents\/test\.jsonl:1: .* opens and ends like the training text intents\/train\.jsonl:1/),
      )
    })
  })

  describe('golden questions', () => {
    it.each([
      [
        'text that the document lacks',
        'fee\\t£10.00',
        'fee\\t£11.00',
        /golden\/test\.jsonl:1: policies\/late\.2026\.md does not have the text/,
      ],
      [
        'document that does not exist',
        'policies/late.2026.md',
        'policies/late.2027.md',
        /there is no document policies\/late\.2027\.md/,
      ],
      [
        'document that has expired',
        'policies/late.2026.md',
        'policies/late.2025.md',
        /late\.2025\.md is not in force on 2026-11-22/,
      ],
      ['document for agents', 'policies/late.2026.md', 'policies/agents.md', /agents\.md is not for customers/],
      [
        'passage of a question without an answer',
        '"answerable":true',
        '"answerable":false',
        /is not answerable but names passages/,
      ],
      ['question whose id is taken', '"g2"', '"g1"', /golden\/test\.jsonl:2: the id g1 is already used in line 1/],
      ['field that is unknown', '"kind":"plain"', '"sort":"plain"', /golden\/test\.jsonl:1: /],
    ])('refuse a %s', async (_, before, after, fault) => {
      await small.edit('golden/test.jsonl', before, after)
      expect(await faults()).toContainEqual(expect.stringMatching(fault))
    })

    it('let the day that a question is about choose the version', async () => {
      await small.edit('golden/test.jsonl', '"asOf":', '"about":"2025-06-01","asOf":')
      expect(await faults()).toEqual(only(/golden\/test\.jsonl:1: .*late\.2026\.md is not in force on 2025-06-01/))
      await small.edit('golden/test.jsonl', 'policies/late.2026.md', 'policies/late.2025.md')
      await small.edit('golden/test.jsonl', 'Late payment fee\\t£10.00', 'The late payment fee is £12.00.')
      expect(await faults()).toEqual([])
    })

    it('refuse questions in the words of their passages', async () => {
      await small.edit('golden/test.jsonl', 'I forgot to settle on time, how bad is it?', 'late payment fee')
      const found = await faults()
      expect(found).toContainEqual(expect.stringMatching(/median overlap .*: 1, wanted ≤ 0\.400/))
      expect(found).toContainEqual(expect.stringMatching(/BM25 alone, hit@5: 1, wanted ≤ 0\.850/))
    })
  })
})
