import { describe, expect, it } from 'vitest'
import { lexiconFeatures, lexiconOf } from '../../../server/models/lexicon.ts'

const feature = (text: string, name: (typeof lexiconFeatures)[number]): number =>
  lexiconOf(text)[lexiconFeatures.indexOf(name)]!

describe('the wording of a mood', () => {
  it('knows praise from blame', () => {
    expect(feature('brilliant service, I love it', 'balance')).toBeGreaterThan(0.3)
    expect(feature('awful, horrible, a disgrace', 'balance')).toBeLessThan(-0.3)
    expect(feature('I opened an account', 'balance')).toBe(0)
  })

  it.each(['not happy with this', "I don't love being kept", 'never good', 'nobody was helpful', 'didnt feel good'])(
    'turns praise round behind a negation: %s',
    (text) => {
      expect(feature(text, 'negative')).toBeGreaterThan(0)
      expect(feature(text, 'positive')).toBe(0)
    },
  )

  it('takes a negated fault for mild praise', () => {
    expect(feature('not bad at all', 'positive')).toBeGreaterThan(0)
    expect(feature('not bad at all', 'positive')).toBeLessThan(feature('good', 'positive'))
  })

  it('does not take words that end like a negation for one', () => {
    expect(feature('I want my current account statement and payment front', 'negations')).toBe(0)
    expect(feature("can't won't doesn’t", 'negations')).toBeGreaterThan(0.5)
  })

  it.each(['overdraft', 'debt', 'credit interest', 'payment declined', 'fraud', 'please help', 'charge'])(
    'does not take the trade’s own words for a mood: %s',
    (text) => {
      expect(feature(text, 'positive')).toBe(0)
      expect(feature(text, 'negative')).toBe(0)
    },
  )

  it.each([
    ['GIVE ME MY MONEY', 'shouting'],
    ['what!!!', 'exclamations'],
    ['🎉🙏', 'happyEmoji'],
    ['😡', 'unhappyEmoji'],
    ['🚨', 'alarmEmoji'],
    ['I need it now, immediately', 'hurry'],
    ['my purse was stolen', 'danger'],
    ['the sale closes in an hour', 'deadline'],
    ['thanks a lot', 'thanks'],
    ['how do I pay', 'asks'],
    ['well...', 'dots'],
  ] as const)('sees %s as %s', (text, name) => {
    expect(feature(text, name)).toBeGreaterThan(0)
    expect(feature('my new card has come', name)).toBe(0)
  })

  it('gives the same finite numbers for any text', () => {
    for (const text of ['', ' ', '我的卡丢了', '\u0000', 'é'.repeat(1_000), 'constructor __proto__ toString']) {
      const values = lexiconOf(text)
      expect(values.length).toBe(lexiconFeatures.length)
      expect(values.every((value) => Math.abs(value) <= 1)).toBe(true)
      expect(lexiconOf(text)).toEqual(values)
    }
  })
})
