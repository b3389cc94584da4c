import { describe, expect, it } from 'vitest'
import { asksForOwn, asksForPerson, isQuestion } from '../../../server/chat/wording.ts'
import { rulesOf } from '../../../server/ingestion/formats/css.ts'
import { htmlText } from '../../../server/ingestion/formats/html-text.ts'
import { readText } from '../../../server/ingestion/formats/plain-text.ts'
import { holdsIn } from '../../../server/ingestion/quarantine/holds.ts'
import { signatureOf } from '../../../server/ingestion/quarantine/signature.ts'
import { redact } from '../../../server/privacy/redact.ts'
import type { NewVersion } from '../../../server/storage/types.ts'
import { amountsIn, percentagesIn } from '../../../server/text/amounts.ts'
import { normalise, oneLine, paragraphs } from '../../../server/text/canonical.ts'
import { datesIn } from '../../../server/text/dates.ts'
import { entitiesIn } from '../../../server/text/entities.ts'
import { dependsOnContext, standAloneQuestion } from '../../../server/text/follow-up.ts'
import { languageOf } from '../../../server/text/language.ts'
import { plain } from '../../../server/text/plain.ts'
import { createNameFinder } from '../../../server/text/product-names.ts'
import { questionsIn } from '../../../server/text/questions.ts'
import { sentenceSpans } from '../../../server/text/sentences.ts'
import { createSpeller, wordsIn } from '../../../server/text/spelling.ts'
import { createSynonyms } from '../../../server/text/synonyms.ts'
import { terms } from '../../../server/text/terms.ts'

const day = '2026-03-01'
const version = (text: string): NewVersion => ({
  ...{ doc: 'a', collection: 'a', title: 'A', text, audience: 'customer', contentHash: 'a' },
})
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  ...{
    amountsIn,
    percentagesIn,
    normalise,
    oneLine,
    paragraphs,
    dependsOnContext,
    languageOf,
    plain,
    questionsIn,
    terms,
  },
  ...{ sentenceSpans, wordsIn, redact, htmlText, asksForOwn, asksForPerson, isQuestion },
  datesIn: (text) => datesIn(text, day),
  entitiesIn: (text) => entitiesIn(text, { day }),
  'a question before': (text) => standAloneQuestion('and abroad?', text),
  'a question': (text) => standAloneQuestion(text, 'What is the fee?'),
  'product names': createNameFinder([{ id: 'a', name: 'Easy Saver' }]),
  synonyms: (text) => createSynonyms().in(text),
  spelling: createSpeller(new Map([['account', 1]]), () => false),
  signatureOf: (text) => signatureOf(version(text)),
  holdsIn: (text) => holdsIn(version(text), { hosts: ['a.test'], phones: [] }),
  'rules of style': (text) => rulesOf(`@media screen { ${text}`),
  'a text file': (text) => readText(Buffer.from(`Fees.\n\n${text}`), { path: 'a.txt', id: 'a' }),
}

const length = 65_536
const repeat = (part: string): string => part.repeat(length / part.length)
const texts = [
  ...[
    '7',
    '0',
    '1.',
    '1,',
    '£1 ',
    '1/1/2026 ',
    '5 % ',
    'a',
    'a ',
    ' ',
    '\t',
    '\n',
    'a\n',
    '- \n',
    'a\n===\n',
    '. ',
    '?',
  ],
  ...[
    'hi? ',
    '@',
    'a@',
    '-',
    '(',
    '4111 ',
    '"',
    'it is ',
    'and ',
    'what about ',
    'in the ',
    'the day ',
    'jan ',
    'e.g. ',
  ],
  ...['www.a', '<s ', '<s>', '<!--', '&#1', 'my name is A ', 'call ', '\u200B', '中', 'é', '😀', 'ﷺ'],
].map(repeat)
texts.push(
  ...['7', '0', ' ', '\t', '.', '?', '-', '"', '\u200B', 'is '].map((part) => `a${repeat(part)}$`),
  `1.${'0'.repeat(length - 3)}1`,
  `?${'”'.repeat(length - 2)}x`,
  `where${' '.repeat(length - 6)}$`,
  '\u0301\u0316'.repeat(length), // twice as long, as each step of this square is short
)

/** Linear work takes milliseconds, the square of this length many seconds; CPU time, as others share the machine. */
const maxSeconds = 3

describe('a text of 64 KiB that repeats itself', () => {
  it.each(Object.entries(readers))('is read in linear time: %s', (_, read) => {
    const slow = texts.filter((text) => {
      const begun = process.cpuUsage()
      read(text)
      const { user, system } = process.cpuUsage(begun)
      return (user + system) / 1e6 > maxSeconds
    })
    expect(slow.map((text) => `${text.slice(0, 20)}…${text.slice(-3)}`)).toEqual([])
  })

  it('is safe to normalise after a first time', () => {
    const text = `a${'\u0301\u0316'.repeat(100)}`
    expect(normalise(normalise(text))).toBe(normalise(text))
    expect(normalise('e\u0301')).toBe('é')
  })
})
