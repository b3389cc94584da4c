import { expect, it } from 'vitest'
import { createShares } from '../../../server/operations/shares.ts'

it('one caller may hold a quarter of the places, all together all of them, until they are given back', () => {
  const shares = createShares()
  const first = shares.take('a', 64)
  shares.take('a', 64)
  expect(() => shares.take('a', 1)).toThrow('128 texts of this key already wait')
  for (const caller of ['b', 'c', 'd']) shares.take(caller, 128)
  expect(() => shares.take('e', 1)).toThrow('512 texts already wait')
  first()
  shares.take('e', 64)
  expect(() => shares.take('a', 1)).toThrow('512 texts already wait')
})
