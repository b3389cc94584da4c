import type { Range } from './parameters.ts'

/** A kind of purchase: how often compared with the others, how much in pence, and where. All names are made up. */
export interface Purchase {
  readonly weight: number
  readonly pence: Range
  readonly names: readonly string[]
}

/** Everyday purchases, by merchant category. */
export const purchases: Readonly<Record<string, Purchase>> = {
  groceries: {
    ...{ weight: 9, pence: [640, 9_200] },
    names: [
      'Harbour Grocer',
      'Pinewood Market',
      'Cobble Lane Foods',
      'Millrace Superstore',
      'The Corner Larder',
      'Oat & Barley',
    ],
  },
  restaurants: {
    ...{ weight: 5, pence: [380, 6_400] },
    names: [
      'The Copper Kettle',
      'Saffron Yard',
      'Noodle Dock',
      'Blue Door Cafe',
      'Hearth Pizza',
      'The Drover Inn',
      'Fig & Thyme',
    ],
  },
  transport: {
    ...{ weight: 4, pence: [180, 4_800] },
    names: ['Northmoor Tramways', 'Coastline Rail', 'Quayside Cabs', 'Moorland Buses', 'Isles Ferry'],
  },
  fuel: { weight: 2, pence: [2_500, 7_800], names: ['Ridgeway Fuel', 'Tarn Road Services', 'Beacon Filling Station'] },
  entertainment: {
    ...{ weight: 2.5, pence: [500, 5_200] },
    names: ['Lantern Cinema', 'The Old Exchange Theatre', 'Pixel Arcade', 'Moor Park Climbing', 'Riverside Bowling'],
  },
  subscriptions: {
    weight: 1.5,
    pence: [399, 1_599],
    names: ['Streamlight', 'Tunebox', 'The Moorland Post', 'Fitwell Gym'],
  },
  clothing: {
    ...{ weight: 2, pence: [1_200, 9_800] },
    names: ['Thread & Needle', 'Fellside Outdoor', 'Marlow Shoes', 'Second Season'],
  },
  electronics: { weight: 0.7, pence: [1_500, 42_000], names: ['Voltage House', 'Byte & Cable', 'Lumen Electronics'] },
  health: {
    weight: 1.3,
    pence: [350, 5_500],
    names: ['Wellgate Pharmacy', 'Bright Smile Dental', 'Clearview Opticians'],
  },
  home: { weight: 1.3, pence: [700, 16_000], names: ['Hammer & Hinge', 'Willow Homeware', 'Garden Gate Nursery'] },
  books: { weight: 0.8, pence: [500, 3_200], names: ['Lamplight Books', 'Paper Lantern', 'Inkwell Stationers'] },
  cash: { weight: 1.4, pence: [1_000, 12_000], names: ['Cash machine High Street', 'Cash machine Station Road'] },
  charity: { weight: 0.4, pence: [300, 2_500], names: ['Isles Lifeboat Fund', 'Moor Animal Shelter'] },
}

/** Bills that come every month. */
export const bills: Readonly<Record<string, { readonly pence: Range; readonly names: readonly string[] }>> = {
  utilities: { pence: [6_500, 18_500], names: ['Fellwater Utilities', 'Beacon Energy'] },
  telecom: { pence: [900, 4_600], names: ['Tern Mobile', 'Islelink Broadband'] },
}

/** Where journeys go: the currency, and what is paid for there, the place to stay first. */
export const destinations: readonly {
  readonly currency: 'EUR' | 'USD'
  readonly stops: readonly (readonly [category: string, name: string])[]
}[] = [
  {
    currency: 'EUR',
    stops: [
      ...([
        ['travel', 'Hotel Mar Azul'],
        ['restaurants', 'Trattoria del Porto'],
        ['groceries', 'Mercado da Ribeira'],
      ] as const),
      ...([
        ['entertainment', 'Museo Civico'],
        ['health', 'Farmacia Sol'],
        ['cash', 'Bancomat Piazza Nuova'],
      ] as const),
    ],
  },
  {
    currency: 'EUR',
    stops: [
      ...([
        ['travel', 'Pension Lindenhof'],
        ['restaurants', 'Gasthaus zur Post'],
        ['transport', 'Bergbahn Kasse'],
      ] as const),
      ...([
        ['entertainment', 'Stadtmuseum'],
        ['groceries', 'Backstube Huber'],
        ['cash', 'Geldautomat Marktplatz'],
      ] as const),
    ],
  },
  {
    currency: 'EUR',
    stops: [
      ...([
        ['travel', 'Auberge du Lac'],
        ['restaurants', 'Bistro Les Tilleuls'],
        ['groceries', 'Boulangerie du Pont'],
      ] as const),
      ...([
        ['transport', 'Navettes du Littoral'],
        ['books', 'Librairie du Quai'],
        ['cash', 'Distributeur Gare'],
      ] as const),
    ],
  },
  {
    currency: 'USD',
    stops: [
      ...([
        ['travel', 'Prairie Inn'],
        ['restaurants', 'Maple Street Diner'],
        ['transport', 'Canyon Shuttle'],
      ] as const),
      ...([
        ['clothing', 'Lakeshore Outfitters'],
        ['entertainment', 'Union Park Museum'],
        ['cash', 'ATM Main Street'],
      ] as const),
    ],
  },
]

/** Who sells journeys, and who pays people. */
export const carriers: readonly string[] = ['Skylark Airways', 'Coastline Rail International', 'Isles Ferry Holidays']
export const employers: readonly string[] = [
  ...[
    'Tarn Engineering',
    'Fellside Council',
    'Harbour Logistics',
    'Moorland Health Trust',
    'Quayside Software',
    'Pinewood School',
  ],
  ...[
    'Beacon Foods',
    'Ridgeway Builders',
    'Lantern Media',
    'Copper Kettle Group',
    'Wellgate Care',
    'Cobble Lane Retail',
  ],
]
export const clients: readonly string[] = [
  'Invoice Brook & Daughters',
  'Invoice Larch Studio',
  'Invoice Moor Events',
  'Invoice Tide Homes',
]
