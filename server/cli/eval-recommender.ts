import { InputError, UsageError } from '../errors.ts'
import { readRows } from '../models/table-rows.ts'
import { readAttributes } from '../recommend/collaborative/attributes.ts'
import { type Case, evaluateRanking, evaluateRatings, placesIn } from '../recommend/collaborative/evaluate.ts'
import {
  type History,
  type Interaction,
  type Interactions,
  idOf,
  interactionsOf,
  readInteractions,
} from '../recommend/collaborative/interactions.ts'
import { fitMethod, methodNames } from '../recommend/collaborative/methods.ts'
import { aboutOf, giveaways, readPeople } from '../recommend/collaborative/people.ts'
import { fitRatings } from '../recommend/collaborative/rating-model.ts'
import { type Command, type Options, textOf } from './command.ts'
import { shownFigures } from './figures.ts'
import { wholeOf } from './questions.ts'

export const evalRecommenderCommand: Command = {
  name: 'eval recommender',
  args: '',
  summary: 'rank all items for the users of a file, by what they and others did before',
  options: [
    ['--train <file>', 'interactions: user_id, item_id, and rating and timestamp if they are known'],
    ['--test <file>', 'later interactions: each is relevant'],
    ['--leave-one-out <file>', 'instead: customer_id, owned (a|b) and missing, the one product to be found'],
    ['--method <name>', `one of ${methodNames.join(', ')}`, 'hybrid'],
    ['--items <file>', 'what is known of items: item_id and any columns; for content and hybrid'],
    ['--users <file>', 'what is known of users: user_id and any columns; for demographic and hybrid'],
    ['--user-column <name>', 'column of the user', 'user_id'],
    ['--item-column <name>', 'column of the item', 'item_id'],
    ['--seed <n>', 'seed of everything random', '1'],
  ],
  async run({ progress }, _, given) {
    const begun = performance.now()
    const seed = wholeOf(given, 'seed', 1, 0, 2 ** 31 - 1)
    const columns = { user: textOf(given, 'userColumn') ?? 'user_id', item: textOf(given, 'itemColumn') ?? 'item_id' }
    const trainFile = textOf(given, 'train')
    if (trainFile === undefined) throw new UsageError('--train is needed')
    const rows = await readInteractions(trainFile, columns)
    const test = await readTest(given, columns)
    const heldOut = new Set(test.pairs)
    const items = textOf(given, 'items')
    const attributes = items === undefined ? undefined : await readAttributes(items, columns.item)
    const { about, leftOut } = await knownOf(textOf(given, 'users'), columns.user, rows)
    const kept = rows.filter(({ user, item }) => !heldOut.has(pairOf(user, item)))
    const interactions = interactionsOf(kept, attributes?.keys(), about)
    progress(0, 'fitting')
    const { scorer, weights } = await fitMethod(textOf(given, 'method') ?? 'hybrid', interactions, { attributes, seed })
    const fitSeconds = (performance.now() - begun) / 1_000
    const cases = test.casesIn(interactions, about)
    if (cases.length === 0) throw new InputError({ file: test.file }, 'has no user that could be scored')
    const { perItemMs, ...ranking } = evaluateRanking(interactions, scorer, cases, (share) =>
      progress(share, 'ranking'),
    )
    const isRated = interactions.rated && test.rated.length > 0
    const ratings = isRated ? evaluateRatings(interactions, fitRatings(interactions, seed), test.rated) : {}
    const figures = { n: cases.length, ...ranking, ...ratings }
    const json = {
      ...figures,
      ...(weights && { weights }),
      ...(leftOut.length > 0 && { leftOut }),
      fitSeconds,
      perItemMs,
    }
    const told = leftOut.length > 0 ? [`left out, as they tell who has an item: ${leftOut.join(', ')}`] : []
    return { json, text: [...told, ...shownFigures(figures)].join('\n') }
  },
}

type About = ReadonlyMap<string, readonly string[]>

/** What is known of users; columns that tell who has some item are left out, and named. */
async function knownOf(file: string | undefined, column: string, rows: readonly Interaction[]) {
  if (file === undefined) return { about: new Map<string, readonly string[]>(), leftOut: [] }
  const people = await readPeople(file, column)
  const leftOut = giveaways(interactionsOf(rows), people)
  return { about: aboutOf(people, leftOut), leftOut }
}

const pairOf = (user: string, item: string): string => JSON.stringify([user, item])

interface Test {
  readonly file: string
  /** Users and items that are to be found: a training file that holds them does not know them. */
  readonly pairs: readonly string[]
  casesIn(interactions: Interactions, about: About): readonly Case[]
  /** Those with a rating. */
  readonly rated: readonly Interaction[]
}

async function readTest(given: Options, columns: { readonly user: string; readonly item: string }): Promise<Test> {
  const [file, oneOut] = [textOf(given, 'test'), textOf(given, 'leaveOneOut')]
  if ((file === undefined) === (oneOut === undefined))
    throw new UsageError('one of --test and --leave-one-out is needed')
  return file === undefined ? readOneOut(oneOut!) : readLater(file, columns)
}

/** Every later interaction is relevant; a user that is not known has no history. */
async function readLater(file: string, columns: { readonly user: string; readonly item: string }): Promise<Test> {
  const rows = await readInteractions(file, columns)
  const byUser = new Map<string, Set<string>>()
  for (const { user, item } of rows) byUser.set(user, (byUser.get(user) ?? new Set()).add(item))
  const nobody = { items: new Int32Array(), ratings: new Float32Array() }
  return {
    file,
    pairs: rows.map(({ user, item }) => pairOf(user, item)),
    rated: rows.filter(({ rating }) => !Number.isNaN(rating)),
    casesIn({ users, items, histories }, about) {
      const [userPlaces, itemPlaces] = [placesIn(users), placesIn(items)]
      return [...byUser].map(([user, own]) => ({
        history: histories[userPlaces.get(user) ?? -1] ?? { ...nobody, ...aboutUser(about, user) },
        relevant: Array.from(own, (item) => itemPlaces.get(item) ?? -1),
      }))
    },
  }
}

const aboutUser = (about: About, user: string): Pick<History, 'about'> =>
  about.has(user) ? { about: about.get(user)! } : {}

/** What a customer owns is told by the file; who was not in training is folded in. */
async function readOneOut(file: string): Promise<Test> {
  const { rows } = await readRows(file)
  const asked = rows.map((row) => ({
    user: idOf(file, row, 'customer_id'),
    owned: idOf(file, row, 'owned').split('|'),
    missing: idOf(file, row, 'missing'),
  }))
  return {
    file,
    pairs: asked.map(({ user, missing }) => pairOf(user, missing)),
    rated: [],
    casesIn({ items }, about) {
      const places = placesIn(items)
      return asked.map(({ user, owned, missing }) => {
        const known = owned.flatMap((item) => places.get(item) ?? [])
        const history = { items: Int32Array.from(known), ratings: new Float32Array(known.length).fill(Number.NaN) }
        return { history: { ...history, ...aboutUser(about, user) }, relevant: [places.get(missing) ?? -1] }
      })
    },
  }
}
