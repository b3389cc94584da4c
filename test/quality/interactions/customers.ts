import type { Draw } from './draw.ts'
import {
  type Parameters,
  type Range,
  type Segment,
  type SegmentName,
  segments,
  type Trait,
  traits,
} from './parameters.ts'

/** Facts of a profile, by the catalogue's field names; money in pounds. A fact that does not apply is absent. */
export interface Facts {
  readonly age: number
  readonly resident: boolean
  /** Before tax. */
  readonly annualIncome: number
  /** What reaches the first account every month, in whole pounds. */
  readonly monthlyPayIn: number
  /** Saved with the bank. */
  readonly savings: number
  readonly weeklyHours: number
  readonly student: boolean
  readonly yearsSinceDegree?: number
  readonly homeowner: boolean
  /** Never owned a home before the present one, or none yet. */
  readonly firstTimeBuyer: boolean
  readonly vehicleAgeYears?: number
}

/** A customer before any product is chosen. */
export interface Person {
  readonly id: string
  readonly segment: SegmentName
  readonly region: 'mainland' | 'isles'
  readonly facts: Facts
  readonly traits: ReadonlySet<Trait>
  /** Pence a month, after tax, of work or pension; family support comes on top. */
  readonly takeHome: number
  readonly support: number
}

const shares = Object.fromEntries(Object.entries(segments).map(([name, { share }]) => [name, share]))

/** Draw one customer. @param number from 1. */
export function drawPerson(draw: Draw, number: number, { isles, residents }: Parameters): Person {
  // `shares` has the keys of `segments`.
  const segment = draw.weighted(shares) as SegmentName
  const kind: Segment = segments[segment]
  const has = new Set(traits.filter((trait) => draw.chance(kind.traits[trait] ?? 0)))
  const age = draw.whole(kind.age)
  const annualIncome = roundTo(100, draw.around(kind.annualIncome))
  const takeHome = Math.floor((afterTax(annualIncome) * 100) / 12)
  const support = supportOf(draw, segment)
  const savings = savingsOf(draw, kind.savings, has.has('saves'))
  return {
    id: `c${String(number).padStart(4, '0')}`,
    segment,
    region: draw.chance(isles) ? 'isles' : 'mainland',
    traits: has,
    takeHome,
    support,
    facts: {
      ...{ age, resident: draw.chance(residents), annualIncome },
      ...{ monthlyPayIn: Math.floor((takeHome + support) / 100), savings, weeklyHours: draw.whole(kind.weeklyHours) },
      ...{ student: segment === 'student', ...degreeOf(draw, segment, kind, age), ...homeOf(draw, kind, age) },
      ...(has.has('drives') ? { vehicleAgeYears: draw.whole([0, 14]) } : {}),
    },
  }
}

/** Income after tax and contributions of a made-up country: nothing up to £12,500, 28 % up to £50,000, 42 % above. */
function afterTax(income: number): number {
  const middle = Math.min(Math.max(income - 12_500, 0), 37_500)
  return income - (28 * middle) / 100 - (42 * Math.max(income - 50_000, 0)) / 100
}

const roundTo = (step: number, value: number): number => Math.round(value / step) * step

/** Pence a month from parents: pocket money, or what students live on. */
function supportOf(draw: Draw, segment: SegmentName): number {
  if (segment === 'youth') return 500 * draw.whole([3, 12])
  return segment === 'student' ? 5_000 * draw.whole([8, 16]) : 0
}

function savingsOf(draw: Draw, range: Range, saves: boolean): number {
  if (saves) return roundTo(10, draw.around(range))
  return draw.chance(0.5) ? 0 : roundTo(10, draw.whole([0, Math.floor(range[1] / 10)]))
}

function degreeOf(draw: Draw, segment: SegmentName, { degree }: Segment, age: number): Pick<Facts, 'yearsSinceDegree'> {
  if (!draw.chance(degree)) return {}
  return { yearsSinceDegree: segment === 'graduate' ? draw.whole([0, 3]) : draw.whole([0, Math.max(0, age - 21)]) }
}

function homeOf(draw: Draw, { homeowner: chance }: Segment, age: number): Pick<Facts, 'homeowner' | 'firstTimeBuyer'> {
  const homeowner = draw.chance(chance)
  return { homeowner, firstTimeBuyer: draw.chance(age < 40 ? (homeowner ? 0.7 : 0.9) : homeowner ? 0.15 : 0.4) }
}
