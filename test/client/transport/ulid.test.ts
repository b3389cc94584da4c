import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUlids, timeOfUlid } from '../../../client/transport/ulid.ts'
import { commandId } from '../../../server/protocol/ids.ts'

describe('ULIDs', () => {
  it('are what the server takes as the id of a command', () => {
    const next = createUlids()
    for (let i = 0; i < 100; i++) expect(commandId.safeParse(next()).success).toBe(true)
  })

  it('rise strictly, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 48 - 1 }), { minLength: 2, maxLength: 50 }), (times) => {
        let at = 0
        const next = createUlids(() => times[at++] ?? 1)
        const ids = times.map(() => next())
        expect([...new Set(ids)].sort()).toEqual(ids)
      }),
    )
  })

  it('tell when they were made', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (time) => {
        expect(timeOfUlid(createUlids(() => time)())).toBe(time)
      }),
    )
    expect(timeOfUlid('not an id!')).toBeNaN()
  })
})
