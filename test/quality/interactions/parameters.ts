/** Traits that no profile names, but that show in what people spend on and hold. */
export const traits = ['travels', 'saves', 'borrows', 'invests', 'careful', 'green', 'drives'] as const
export type Trait = (typeof traits)[number]

export type Range = readonly [low: number, high: number]

/** How customers of one kind are drawn. Ranges are inclusive; money in pounds, times in years or hours as named. */
export interface Segment {
  /** Share of all customers; the shares sum to 1. */
  readonly share: number
  readonly age: Range
  readonly annualIncome: Range
  readonly weeklyHours: Range
  /** Saved with the bank by those who save; others have saved a tenth of it at most. */
  readonly savings: Range
  /** Chance of owning a home, and of having a degree. */
  readonly homeowner: number
  readonly degree: number
  /** Where the income comes from. */
  readonly source: 'salary' | 'pension' | 'client-income' | 'family-support'
  /** Chances of the traits; what is left out is 0. */
  readonly traits: Partial<Record<Trait, number>>
  /** Weights of the account that money is paid into; what the catalogue's rules refuse is left out. */
  readonly accounts: Readonly<Record<string, number>>
}

const worker = { source: 'salary', weeklyHours: [30, 42] } as const

/** The kinds of customers. */
export const segments = {
  youth: {
    ...{ share: 0.06, age: [11, 17], annualIncome: [0, 0], weeklyHours: [0, 0], savings: [100, 3_000] },
    ...{ homeowner: 0, degree: 0, source: 'family-support', traits: { saves: 0.6 } },
    accounts: { 'youth-current': 1 },
  },
  student: {
    ...{ share: 0.12, age: [18, 24], annualIncome: [2_000, 8_500], weeklyHours: [5, 15], savings: [100, 1_800] },
    ...{
      homeowner: 0,
      degree: 0.15,
      source: 'salary',
      traits: { travels: 0.3, saves: 0.25, green: 0.1, drives: 0.15 },
    },
    accounts: { 'student-current': 8, 'everyday-current': 2 },
  },
  graduate: {
    ...{ ...worker, share: 0.11, age: [21, 27], annualIncome: [20_000, 34_000], savings: [300, 6_000] },
    ...{ homeowner: 0.05, degree: 1, traits: { travels: 0.4, saves: 0.4, borrows: 0.3, invests: 0.2, drives: 0.4 } },
    accounts: { 'graduate-current': 7, 'everyday-current': 2, 'plus-current': 2 },
  },
  'early-career': {
    ...{
      ...worker,
      share: 0.16,
      age: [23, 35],
      annualIncome: [18_000, 42_000],
      savings: [300, 12_000],
      homeowner: 0.25,
    },
    ...{ degree: 0.4, traits: { travels: 0.35, saves: 0.4, borrows: 0.45, invests: 0.25, careful: 0.3, drives: 0.6 } },
    accounts: { 'everyday-current': 6, 'plus-current': 3, 'joint-current': 1 },
  },
  family: {
    ...{
      ...worker,
      share: 0.2,
      age: [30, 52],
      annualIncome: [24_000, 64_000],
      savings: [500, 25_000],
      homeowner: 0.65,
    },
    degree: 0.4,
    traits: { travels: 0.25, saves: 0.5, borrows: 0.5, invests: 0.2, careful: 0.6, green: 0.25, drives: 0.85 },
    accounts: { 'everyday-current': 4, 'plus-current': 3, 'joint-current': 4 },
  },
  affluent: {
    ...{ ...worker, share: 0.09, age: [36, 64], annualIncome: [75_000, 140_000], savings: [8_000, 160_000] },
    ...{ homeowner: 0.9, degree: 0.7 },
    traits: { travels: 0.6, saves: 0.7, borrows: 0.25, invests: 0.7, careful: 0.6, green: 0.35, drives: 0.9 },
    accounts: { 'premier-current': 7, 'plus-current': 2, 'everyday-current': 1 },
  },
  'self-employed': {
    ...{ share: 0.09, age: [26, 62], annualIncome: [16_000, 62_000], weeklyHours: [20, 55], savings: [500, 30_000] },
    ...{ homeowner: 0.5, degree: 0.35, source: 'client-income' },
    traits: { travels: 0.3, saves: 0.5, borrows: 0.5, invests: 0.35, careful: 0.5, green: 0.2, drives: 0.85 },
    accounts: { 'everyday-current': 6, 'plus-current': 3 },
  },
  'low-income': {
    ...{ share: 0.08, age: [19, 63], annualIncome: [7_500, 15_500], weeklyHours: [8, 32], savings: [20, 1_500] },
    ...{
      homeowner: 0.08,
      degree: 0.1,
      source: 'salary',
      traits: { travels: 0.06, saves: 0.2, borrows: 0.4, drives: 0.3 },
    },
    accounts: { 'basic-account': 5, 'everyday-current': 5 },
  },
  retired: {
    ...{ share: 0.09, age: [64, 86], annualIncome: [11_000, 36_000], weeklyHours: [0, 0], savings: [2_000, 110_000] },
    ...{ homeowner: 0.75, degree: 0.2, source: 'pension' },
    traits: { travels: 0.35, saves: 0.75, borrows: 0.1, invests: 0.3, careful: 0.6, green: 0.25, drives: 0.6 },
    accounts: { 'everyday-current': 6, 'plus-current': 2, 'premier-current': 2, 'joint-current': 1 },
  },
} as const satisfies Readonly<Record<string, Segment>>
export type SegmentName = keyof typeof segments

/** How likely a further product is held by somebody whom no rule refuses it. */
export interface Affinity {
  /** Chance for customers without the trait. */
  readonly base: number
  readonly trait?: Trait
  /** What the trait multiplies the chance by, up to 0.95. */
  readonly factor?: number
  /** Only these segments; all but youth by default. */
  readonly only?: readonly SegmentName[]
  readonly needs?: 'home' | 'savings' | 'car'
  /** Longest time since it was opened, in years. */
  readonly years: number
}

const grown: readonly SegmentName[] = ['early-career', 'family', 'affluent', 'self-employed']

/** Products besides the first account, by the catalogue's ids. */
export const affinities: Readonly<Record<string, Affinity>> = {
  'joint-current': { base: 0.06, years: 9, only: ['family', 'retired'] },
  'euro-account': { base: 0.015, trait: 'travels', factor: 9, years: 5 },
  'classic-credit-card': { base: 0.22, trait: 'borrows', factor: 2, years: 7 },
  'travel-credit-card': { base: 0.025, trait: 'travels', factor: 16, years: 4 },
  'balance-transfer-card': { base: 0.01, trait: 'borrows', factor: 14, years: 1.6 },
  'student-credit-card': { base: 0.22, years: 2, only: ['student'] },
  'rewards-credit-card': { base: 0.09, trait: 'careful', factor: 2.2, years: 4 },
  'personal-loan': { base: 0.02, trait: 'borrows', factor: 12, years: 3, only: [...grown, 'graduate', 'low-income'] },
  'car-loan': { base: 0.03, trait: 'borrows', factor: 8, years: 3, needs: 'car', only: [...grown, 'graduate'] },
  'home-improvement-loan': { base: 0.02, trait: 'borrows', factor: 9, years: 4, needs: 'home', only: grown },
  'green-loan': { base: 0.005, trait: 'green', factor: 50, years: 3, needs: 'home' },
  'student-loan-topup': { base: 0.12, years: 1.5, only: ['student'] },
  'first-home-mortgage': { base: 0.45, years: 6, needs: 'home', only: ['graduate', 'early-career', 'family'] },
  'fixed-mortgage': { base: 0.3, years: 5, needs: 'home', only: grown },
  'tracker-mortgage': { base: 0.1, years: 6, needs: 'home', only: grown },
  'buy-to-let-mortgage': {
    base: 0.02,
    trait: 'invests',
    factor: 6,
    years: 6,
    needs: 'home',
    only: ['affluent', 'self-employed'],
  },
  'easy-saver': { base: 0.55, years: 6, needs: 'savings' },
  'notice-saver': { base: 0.12, trait: 'saves', factor: 2, years: 4, needs: 'savings' },
  'fixed-saver': { base: 0.1, trait: 'saves', factor: 2.4, years: 0.9, needs: 'savings' },
  'cash-isa': { base: 0.14, trait: 'saves', factor: 2.4, years: 6, needs: 'savings' },
  'young-saver': { base: 0.85, years: 4, needs: 'savings', only: ['youth'] },
  'index-portfolio': { base: 0.02, trait: 'invests', factor: 22, years: 5 },
  'pension-plan': { base: 0.04, trait: 'invests', factor: 7, years: 8, only: [...grown, 'graduate'] },
  'travel-insurance': { base: 0.04, trait: 'travels', factor: 11, years: 4 },
  'home-insurance': { base: 0.08, trait: 'careful', factor: 6, years: 6, only: [...grown, 'retired', 'graduate'] },
  'payment-protection': { base: 0.03, trait: 'careful', factor: 7, years: 4, only: [...grown, 'graduate'] },
}

/** Products that go together with journeys: the first account of travellers is rather one of these, too. */
export const travelProducts = [
  'plus-current',
  'premier-current',
  'euro-account',
  'travel-credit-card',
  'travel-insurance',
]
/** A home has at most one of these. */
export const homeLoans = ['first-home-mortgage', 'fixed-mortgage', 'tracker-mortgage']
/** Accounts for money that is put by. */
export const savingsAccounts = ['easy-saver', 'notice-saver', 'fixed-saver', 'cash-isa', 'young-saver']

/** What `generate` takes, with the values that the files in corpora/interactions were made with. */
export const defaults = {
  seed: 20_261_122,
  customers: 520,
  /** The last day on which anything has happened. */
  today: '2026-11-21',
  /** Days of transactions up to that day: three months. */
  days: 90,
  /** Purchases of a customer in that time besides what is due every month: about. */
  purchases: 11,
  /** Events before this day were not recorded, but for the opening of an account. */
  recordedFrom: '2025-06-01',
  /** Share of customers on the isles, of residents, and of first accounts opened within the three months. */
  isles: 0.18,
  residents: 0.97,
  newcomers: 0.05,
  /** Chance of a journey in the three months with and without the trait. */
  journeys: { travels: 0.92, others: 0.05 },
  /** Pounds for one unit of a foreign currency, with which card bills are worked out. */
  rates: { GBP: 1, EUR: 0.86, USD: 0.79 },
} as const

/** `defaults`, or others of the same kind. */
export type Parameters = { readonly [K in keyof typeof defaults]: Widened<(typeof defaults)[K]> }
type Widened<T> = T extends number ? number : T extends string ? string : { readonly [K in keyof T]: Widened<T[K]> }
