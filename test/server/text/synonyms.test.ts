import { describe, expect, it } from 'vitest'
import { InputError } from '../../../server/errors.ts'
import { parseSynonyms } from '../../../server/text/synonym-list.ts'
import { createSynonyms } from '../../../server/text/synonyms.ts'

describe('a list of synonyms', () => {
  it('explains terms on the left by those on the right, or each by the others', () => {
    const text = '\uFEFF# our words\r\n\r\nzapp, swipe it => Zapp Pay\nISA , savings wrapper\n'
    expect(parseSynonyms(text.slice(1), 'synonyms.txt')).toEqual([
      { from: 'zapp', to: 'Zapp Pay' },
      { from: 'swipe it', to: 'Zapp Pay' },
      { from: 'ISA', to: 'savings wrapper' },
      { from: 'savings wrapper', to: 'ISA' },
    ])
  })

  it.each([
    ['zapp => pay => card', 'holds => more than once'],
    ['zapp', 'holds one term alone'],
    ['zapp =>', 'holds a term without letters or digits'],
    ['=> pay', 'holds a term without letters or digits'],
    ['zapp,,swipe', 'holds a term without letters or digits'],
    ['!!! => pay', 'holds a term without letters or digits'],
    ['a\\, b => pay', 'holds a backslash'],
    ['one two three four five six => pay', 'holds a term to look for of more than 5 words'],
    ['pay, one two three four five six', 'holds a term to look for of more than 5 words'],
    [`${'z'.repeat(101)} => pay`, 'holds a term of more than 100 characters'],
    [Array.from({ length: 21 }, (_, i) => `t${i}`).join(), 'holds more than 20 terms'],
  ])('with the line %j is refused by file and line', (rule, reason) => {
    const read = () => parseSynonyms(`# first\nquid => pounds\n${rule}\n`, 'fees/synonyms.txt')
    expect(read).toThrow(InputError)
    expect(read).toThrow(`fees/synonyms.txt:3: ${reason}`)
  })

  it('has an end', () => {
    expect(parseSynonyms('a => b\n'.repeat(5_000), 'f')).toHaveLength(5_000)
    expect(() => parseSynonyms(`\n${'a => b\n'.repeat(5_001)}`, 'f')).toThrow('f:5002: is one line too many')
  })
})

describe('synonyms in a question', () => {
  const own = parseSynonyms(
    'hole in the wall => cash machine\nZapp => Zapp Pay\n信用咭 => 信用卡\nquid => sterling',
    'f',
  )
  const synonyms = createSynonyms(own)

  it.each([
    ['Is there a HOLE in the wall nearby?', 'cash machine'],
    ['a hole in our wall', ''],
    ['zapp: what is it, Zapp?', 'Zapp Pay'],
    ['ｚａｐｐ', 'Zapp Pay'],
    ['我的信用咭不見了', '信用卡'],
    ['200 quid', 'pounds sterling'],
    ['where is the fox', ''],
  ])('%j adds %j', (text, added) => {
    expect(synonyms.in(text)).toBe(added)
  })

  it('of other lists are not there', () => {
    expect(createSynonyms().in('zapp')).toBe('')
    expect(createSynonyms().in('200 quid')).toBe('pounds')
  })

  it('are known words, so that nobody corrects them', () => {
    expect(['zapp', 'hole', 'quid'].map(synonyms.knows)).toEqual([true, true, true])
    expect(synonyms.knows('fox')).toBe(false)
  })

  it('are not endless', () => {
    const many = createSynonyms(Array.from({ length: 100 }, (_, i) => ({ from: `w${i}`, to: `t${i}` })))
    expect(many.in(Array.from({ length: 100 }, (_, i) => `w${i}`).join(' ')).split(' ')).toHaveLength(32)
  })
})
