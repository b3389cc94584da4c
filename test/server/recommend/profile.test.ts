import { describe, expect, it } from 'vitest'
import { emptyProfile, mergeProfiles, type Profile, profileOf } from '../../../server/recommend/profile.ts'

describe('a profile', () => {
  it.each<[string, Profile['facts']]>([
    ["I'm a student", { student: true }],
    ["I'm not a student", { student: false }],
    ['I am no longer a student, which account now?', { student: false }],
    ['im a first-year student and I am 19', { student: true, age: 19 }],
    ['is there an account for students?', {}],
    ['my son is a student', {}],
    ['my daughter is 12', {}],
    ['I am 19', { age: 19 }],
    ['I’m 67 years old and retired', { age: 67 }],
    ['I am 20 minutes late', {}],
    ['I am £40 short this month', {}],
    ['we earn about £45k', { annualIncome: 45_000 }],
    ['I earn £2,500 a month', { annualIncome: 30_000 }],
    ['my salary is £31,200', { annualIncome: 31_200 }],
    ['I own my flat', { homeowner: true }],
    ["I don't own my home", { homeowner: false }],
    ['we rent', { homeowner: false }],
    ["we're first-time buyers", { firstTimeBuyer: true }],
    ["I'm not a first time buyer", { firstTimeBuyer: false }],
    ['I am 30, and work 20 hours a week', { age: 30 }],
    ['I work 20 hours a week', { weeklyHours: 20 }],
    ["I'm a 45-year-old teacher", { age: 45 }],
    ['I’m 19 years of age', { age: 19 }],
    ['I just turned 18, which card?', { age: 18 }],
    ['I am 30.', { age: 30 }],
    ["I'm 40 with nothing saved", { age: 40 }],
    ['I’m 52 - what about a pension?', { age: 52 }],
    ['i’m 19\nwhich account?', { age: 19 }],
    ['I study medicine, I make 900 a month', { student: true, annualIncome: 10_800 }],
    ['I earn £30,000 before tax', { annualIncome: 30_000 }],
    ['I earn £30,000 p.a. and rent', { annualIncome: 30_000 }],
    ['I get paid 400 pounds per week.', { annualIncome: 20_800 }],
    ['I rent a flat', { homeowner: false }],
    ['I am saving up for my first home', { firstTimeBuyer: true }],
    ['what is the fee?', {}],
    ['', {}],
  ])('of "%s"', (text, facts) => {
    expect(profileOf(text).facts).toEqual(facts)
  })

  it.each([
    // of somebody else
    'an account for a 15 year old',
    'my son is 15',
    'my son is aged 15, which account?',
    'for a child aged 15',
    'my mum is 70 and retired',
    'my daughter is turning 18',
    'she turned 16',
    'my daughter, being a student, wants a card',
    'my son says I’m 15',
    'my son asks: “I am 15, can I have a card?”',
    "I'm a 15-year-old's mother",
    "I'm a student's father",
    'I am a student landlord',
    'my wife earns £50,000',
    'my wife’s salary is £50,000',
    'my parents own their home',
    'my brother is a first-time buyer',
    'my daughter is buying her first home',
    // no such fact
    "I'm 15 miles away",
    'I am 20 minutes away from the branch',
    "I'm 30/40 sure",
    "I'm 15.5 km away",
    'I am 25 - 30 miles away',
    'I am 18 or 19',
    'I make 3 payments',
    'I make 2000 payments a year',
    'I earn £20 interest',
    'I earn £20 a month in interest',
    'I earn £20 a year interest on my savings',
    'I earn £20',
    'I earn 2% interest',
    'I earn £45,000 points',
    'I get paid 3 times a month',
    'I get paid £50 cashback',
    'I earn £12 an hour',
    'my pay is 3 days late',
    'I work 12 hours a day',
    'I work 3 hours away',
    'I rent a car',
    'I rent my flat out',
    'we rent the house to students',
    'I sold my first home',
    'after buying my first home',
    'I study your terms',
    'I am studying your fees',
    "I'm a part-time student", // the catalogue's field means full time
    // asked, or supposed
    'if I’m 17, can I have a card?',
    'when I am 18',
    'until I’m 18',
    'what happens if I am a student',
    'can I earn £200,000 a year',
    'do I own my home',
    'should I rent',
    'if my salary is £30,000, how much can I borrow?',
    "I'm turning 18 next month",
    'when I start university',
  ])('learns nothing from "%s"', (text) => {
    expect(profileOf(text).facts).toEqual({})
  })

  it.each<[string, Profile['facts']]>([['for my son, I’m 45', { age: 45 }]])('of "%s"', (text, facts) => {
    expect(profileOf(text).facts).toEqual(facts)
  })

  it('takes what was said last', () => {
    const before = profileOf("I'm a student and I am 19")
    expect(mergeProfiles(before, profileOf("I'm not a student any more")).facts).toEqual({ student: false, age: 19 })
    expect(mergeProfiles(before, emptyProfile)).toBe(before)
  })

  it('is read in no time, whatever is written', () => {
    const begun = performance.now()
    const long = ['i am ', 'i ', 'im a ', '1', 'I earn 1', 'i earn £1,', 'if i ', ' ', 'i\n', 'i am 1 ', 'buying '].map(
      (part) => part.repeat(800),
    )
    for (const text of [...long, `i earn ${'1,'.repeat(2_000)}x`, `i am${' '.repeat(4_000)}x`]) profileOf(text)
    expect(performance.now() - begun).toBeLessThan(500)
  })
})
