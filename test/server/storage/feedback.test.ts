import { describe, expect, it } from 'vitest'
import { createFeedback } from '../../../server/storage/feedback.ts'
import { openStore } from './support.ts'

describe('feedback', () => {
  it('keeps the last word about each message', async () => {
    const { db, units, converse } = await openStore()
    const feedback = createFeedback(db)
    const [conv, other] = [await converse(), await converse()]
    const time = (n: number): string => `2026-11-22T09:00:0${n}.000Z`
    await units.run(async (tx) => {
      await feedback.save(tx, { conv, mid: 'a', value: -1, comment: 'my card is [card]', at: time(1) })
      await feedback.save(tx, { conv, mid: 'b', value: 1, at: time(2) })
      await feedback.save(tx, { conv: other, mid: 'a', value: 1, at: time(3) })
      await feedback.save(tx, { conv, mid: 'a', value: 1, at: time(4) })
    })
    expect(await feedback.of(conv)).toEqual([
      { conv, mid: 'b', value: 1, at: time(2) },
      { conv, mid: 'a', value: 1, at: time(4) },
    ])
    await units.run((tx) => feedback.save(tx, { conv, mid: 'b', value: -1, comment: 'no', at: time(5) }))
    expect((await feedback.of(conv))[1]).toEqual({ conv, mid: 'b', value: -1, comment: 'no', at: time(5) })
  })
})
