import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createGenerationFolders, type IndexName, type Kept } from '../../../server/operations/generation-folders.ts'
import { temporaryFolder } from '../../support/folder.ts'

const nameOf = ({ number, delta }: IndexName): string => (delta === undefined ? `${number}` : `${number}.${delta}`)
const deltas = Array.from({ length: 103 }, (_, i) => `5.${i + 1}`)

/** What is left of folders beside the index in force, if answers were given with those that are wanted. */
async function left(
  names: readonly string[],
  { wanted = [], inUse = [], ...kept }: { wanted?: readonly string[]; inUse?: readonly string[] } & Partial<Kept>,
  inForce: IndexName = { number: 5, delta: 4 },
): Promise<string[]> {
  const root = temporaryFolder()
  for (const name of names) mkdirSync(join(root, name))
  await createGenerationFolders(root).tidy(inForce, {
    ...{ most: 1, isNextBegun: false },
    isWanted: async (index) => wanted.includes(nameOf(index)),
    isInUse: (index) => inUse.includes(nameOf(index)),
    ...kept,
  })
  return readdirSync(root).sort()
}
const all = ['2', '2.1', '3', '3.1', '3.2', '4', '5', '5.1', '5.2', '5.3', '5.4']

it.each([
  ['only what is in force', { wanted: [] }, ['5', '5.4']],
  ['deltas that answers were given with, below one snapshot', { wanted: ['5.1', '5.3'] }, ['5', '5.1', '5.3', '5.4']],
  [
    'one older snapshot that answers were given with, however many deltas there are over it',
    { wanted: ['2', '3.1', '3.2', '5', '5.2'] },
    ['3', '3.1', '3.2', '5', '5.2', '5.4'],
  ],
  ['none that is older where none is to be kept', { most: 0, wanted: ['3.1', '5.2'] }, ['5', '5.4']],
  [
    'what an answer is being read with, above all else',
    { most: 0, inUse: ['5.3', '2.1'] },
    ['2', '2.1', '5', '5.3', '5.4'],
  ],
] as const)('keeps %s', async (_, kept, expected) => {
  expect(await left(all, kept)).toEqual(expected)
})

it('keeps the newest hundred deltas over a snapshot', async () => {
  const kept = await left(['5', ...deltas], { wanted: deltas }, { number: 5, delta: 103 })
  expect(kept).toEqual(['5', ...deltas.slice(2)].sort())
})

it('leaves the snapshot that is being written alone', async () => {
  expect(await left([...all, '6'], { isNextBegun: true })).toEqual(['5', '5.4', '6'])
  expect(await left([...all, '6'], {})).toEqual(['5', '5.4'])
})
