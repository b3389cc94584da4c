import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { interactionsOf } from '../../../../server/recommend/collaborative/interactions.ts'
import { aboutOf, giveaways, readPeople } from '../../../../server/recommend/collaborative/people.ts'
import { temporaryFolder } from '../../../support/folder.ts'

function file(...lines: readonly string[]): string {
  const path = join(temporaryFolder(), 'users.csv')
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

it('puts numbers of many values into five groups of users, and leaves words and few values as they are', async () => {
  const rows = Array.from({ length: 50 }, (_, i) => `u${i},${20 + i},${i % 3},${i % 2 ? 'nurse' : ''}`)
  const people = await readPeople(file('user_id,age,children,job', ...rows), 'user_id')
  const about = aboutOf(people, [])
  expect(about.get('u0')).toEqual(['age=0', 'children=0'])
  expect(about.get('u49')).toEqual(['age=4', 'children=1', 'job=nurse'])
  expect(new Set([...about.values()].map(([age]) => age)).size).toBe(5)
})

it('finds columns that tell who has an item, and no others', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `u${i},${i % 3 === 0 ? 5 : 0},${i % 2}`)
  const people = await readPeople(file('user_id,carPremium,sex', ...rows), 'user_id')
  const owned = Array.from({ length: 60 }, (_, i) => i).flatMap((i) => [
    ...(i % 3 === 0 ? [{ user: `u${i}`, item: 'car' }] : []),
    { user: `u${i}`, item: i % 5 === 0 ? 'home' : 'life' },
  ])
  const interactions = interactionsOf(owned.map((row) => ({ ...row, rating: Number.NaN, time: Number.NaN })))
  expect(giveaways(interactions, people)).toEqual(['carPremium'])
  expect(aboutOf(people, ['carPremium']).get('u3')).toEqual(['sex=1'])
})

it('refuses a user twice', async () => {
  await expect(readPeople(file('user_id,age', 'a,1', 'a,2'), 'user_id')).rejects.toThrow(
    'users.csv:3 column user_id: has a a second time',
  )
})
