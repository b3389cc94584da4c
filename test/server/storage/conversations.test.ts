import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConflictError } from '../../../server/errors.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { hashSecret } from '../../../server/storage/conversations.ts'
import type { CommandReceipt } from '../../../server/storage/types.ts'
import { at, openStore, reasonOf, said, temporaryFolder } from './support.ts'

describe('a conversation', () => {
  it('begins open, with the bot and an empty log, and is found again', async () => {
    const { conversations } = await openStore()
    const id = mintId('c')
    const fresh = await conversations.create({ id, secretHash: hashSecret('secret') })
    expect(fresh).toMatchObject({ id, head: 0, owner: 'bot', state: 'open', epoch: expect.stringMatching(/^e_/) })
    expect(await conversations.find(id)).toEqual(fresh)
    expect(await conversations.find(mintId('c'))).toBeUndefined()
  })

  it('opens to its own secret only', async () => {
    const { conversations } = await openStore()
    const [mine, theirs] = [mintId('c'), mintId('c')]
    await conversations.create({ id: mine, secretHash: hashSecret('mine') })
    await conversations.create({ id: theirs, secretHash: hashSecret('theirs') })
    const tries = [
      [mine, 'mine'],
      [mine, 'theirs'],
      [theirs, 'mine'],
      [mine, ''],
      [mintId('c'), 'mine'],
    ] as const
    expect(await Promise.all(tries.map(([id, secret]) => conversations.secretMatches(id, secret)))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('changes hands only if it still is whose it was thought to be', async () => {
    const { conversations, desk, converse, units } = await openStore()
    const id = await converse()
    const wait = { at: '2026-12-01T10:00:00.000Z', reason: 'human', priority: 1 }
    const claim = (agent: string) =>
      units.run((tx) => desk.handOver(tx, id, [{ owner: 'queue' }], { owner: 'agent', agent }))
    expect(await claim('ann')).toBe(false)
    expect(await units.run((tx) => desk.handOver(tx, id, [{ owner: 'bot' }], { owner: 'queue' }, wait))).toBe(true)
    expect(await desk.position(id)).toBe(1)
    expect(await Promise.all([claim('ann'), claim('bob')])).toEqual([true, false])
    expect(await conversations.find(id)).toMatchObject({ owner: 'agent', agent: 'ann' })
    const give = (agent: string) =>
      units.run((tx) => desk.handOver(tx, id, [{ owner: 'agent', agent }], { owner: 'bot' }))
    expect([await give('bob'), await desk.position(id), await give('ann')]).toEqual([false, undefined, true])
  })

  it('ends once', async () => {
    const { conversations, converse, units } = await openStore()
    const id = await converse()
    const close = () => units.run((tx) => conversations.close(tx, id))
    expect([await close(), await close()]).toEqual([true, false])
    expect(await conversations.find(id)).toMatchObject({ owner: 'closed', state: 'closed' })
  })

  it('remembers how far each side has read, forwards and up to the head only', async () => {
    const { conversations, converse, units } = await openStore()
    const id = await converse()
    await units.run((tx) => conversations.append(tx, id, [said('a'), said('b'), said('c')], at))
    const read = (by: 'customer' | 'agent', upto: number) => units.run((tx) => conversations.markRead(tx, id, by, upto))
    expect([
      await read('customer', 2),
      await read('customer', 1),
      await read('customer', 2),
      await read('customer', 4),
    ]).toEqual([true, false, false, false])
    expect(await read('agent', 3)).toBe(true)
    expect(await conversations.readMarks(id)).toEqual({ customer: 2, agent: 3 })
    expect(await reasonOf(conversations.readMarks(mintId('c')))).toMatchObject({ code: 'not_found' })
  })
})

describe('receipts of commands', () => {
  it('give a resend what the first one got, and refuse another body', async () => {
    const { conversations, converse, units } = await openStore()
    const [conv, other] = [await converse(), await converse()]
    const mid = mintId('m')
    const accept = (id: string, hash: string) => units.run((tx) => conversations.accept(tx, id, 'command', hash))
    expect(await accept(conv, 'h')).toBeUndefined()
    await units.run((tx) => conversations.remember(tx, conv, 'command', 'h', { mid, seq: 7 }))
    expect(await accept(conv, 'h')).toEqual({ mid, seq: 7, dup: true })
    expect(await reasonOf(accept(conv, 'other'))).toBeInstanceOf(ConflictError)
    expect(await accept(other, 'other')).toBeUndefined()
  })

  it('hold nothing that the command did not have', async () => {
    const { conversations, converse, units } = await openStore()
    const conv = await converse()
    await units.run((tx) => conversations.remember(tx, conv, 'command', 'h', {}))
    expect(await units.run((tx) => conversations.accept(tx, conv, 'command', 'h'))).toEqual({ dup: true })
  })

  it('are dropped by age', async () => {
    const { conversations, converse, units } = await openStore()
    const conv = await converse()
    for (const day of ['20', '21', '22']) {
      await units.run((tx) => conversations.remember(tx, conv, day, 'h', {}, `2026-11-${day}T09:00:00.000Z`))
    }
    expect(await units.run((tx) => conversations.pruneReceipts(tx, '2026-11-21T10:00:00.000Z'))).toBe(2)
    const left = await units.run((tx) =>
      Promise.all(['20', '21', '22'].map((id) => conversations.accept(tx, conv, id, 'h'))),
    )
    expect(left).toEqual([undefined, undefined, { dup: true }])
  })

  it('let a command happen once, however often and however concurrently it is sent', async () => {
    const { conversations, converse, units } = await openStore()
    const conv = await converse()
    const sends = fc.array(fc.nat(4), { minLength: 1, maxLength: 12 })
    let round = 0
    await fc.assert(
      fc.asyncProperty(sends, async (ids) => {
        round++
        const send = (id: string): Promise<CommandReceipt> =>
          units.run(async (tx) => {
            const known = await conversations.accept(tx, conv, id, id)
            if (known) return known
            const [event] = await conversations.append(tx, conv, [said(id)], at)
            const receipt = { seq: event!.seq, dup: false }
            await conversations.remember(tx, conv, id, id, receipt)
            return receipt
          })
        const before = (await conversations.find(conv))!.head
        const receipts = await Promise.all(ids.map((id) => send(`${round}-${id}`)))
        const distinct = new Set(ids)
        expect((await conversations.find(conv))!.head - before).toBe(distinct.size)
        expect(receipts.filter(({ dup }) => !dup)).toHaveLength(distinct.size)
        for (const id of distinct)
          expect(new Set(receipts.filter((_, i) => ids[i] === id).map(({ seq }) => seq)).size).toBe(1)
      }),
      { numRuns: 30 },
    )
  })
})

describe('what waits for an answer', () => {
  const second = (n: number): string => new Date(Date.parse(at) + n * 1_000).toISOString()

  async function withMessages(times: readonly number[], dir?: string) {
    const store = await openStore(dir)
    const { conversations, converse, units } = store
    const conv = await converse()
    const mids: string[] = []
    for (const [i, time] of times.entries()) {
      await units.run(async (tx) => {
        const mid = mintId('m')
        const [event] = await conversations.append(tx, conv, [said(`text ${i}`, mid)], second(time))
        await conversations.addPending(tx, conv, mid, event!.seq, second(time))
        mids.push(mid)
      })
    }
    return { ...store, conv, mids }
  }

  it('is there after the store was closed and opened again', async () => {
    const dir = await temporaryFolder()
    const { conv, mids, units } = await withMessages([0, 1], dir)
    await units.close()
    const { conversations } = await openStore(dir)
    expect(await conversations.pending()).toEqual([conv])
    expect(await conversations.takePending(conv, { most: 5, gapMs: 1_500 })).toEqual([
      { conv, mid: mids[0], seq: 1, at: second(0), text: 'text 0' },
      { conv, mid: mids[1], seq: 2, at: second(1), text: 'text 1' },
    ])
  })

  it('joins one turn up to the gap and up to the most', async () => {
    const { conversations, conv } = await withMessages([0, 1, 2.5, 4.1, 5])
    const take = async (most: number, gapMs: number) =>
      (await conversations.takePending(conv, { most, gapMs })).map(({ seq }) => seq)
    expect(await take(5, 1_500)).toEqual([1, 2, 3])
    expect(await take(2, 1_500)).toEqual([1, 2])
    expect(await take(5, Number.POSITIVE_INFINITY)).toEqual([1, 2, 3, 4, 5])
  })

  it('ends with the unit that stores the answer, and only then', async () => {
    const { conversations, conv, mids, units } = await withMessages([0, 1, 2])
    const left = async () => (await conversations.takePending(conv, { most: 5, gapMs: 10_000 })).map(({ mid }) => mid)
    const failed = units.run(async (tx) => {
      await conversations.clearPending(tx, conv, mids)
      throw new Error('no answer')
    })
    await reasonOf(failed)
    expect(await left()).toEqual(mids)
    await units.run((tx) => conversations.clearPending(tx, conv, mids.slice(0, 2)))
    await units.run((tx) => conversations.clearPending(tx, conv, []))
    expect(await left()).toEqual(mids.slice(2))
  })

  it('is read whoever has the conversation, and not once it has ended', async () => {
    const { conversations, desk, conv, mids, units } = await withMessages([0])
    const take = async () => (await conversations.takePending(conv, { most: 5, gapMs: 1 })).map(({ mid }) => mid)
    await units.run((tx) => desk.handOver(tx, conv, [{ owner: 'bot' }], { owner: 'agent', agent: 'ann' }))
    expect([await conversations.pending(), await take()]).toEqual([[conv], mids])
    await units.run((tx) => conversations.close(tx, conv))
    expect([await conversations.pending(), await take()]).toEqual([[], []])
    expect(await units.run((tx) => desk.handOver(tx, conv, [{ owner: 'closed' }], { owner: 'bot' }))).toBe(false)
  })

  it('names conversations by who has waited longest', async () => {
    const { conversations, converse, units } = await openStore()
    const convs = [await converse(), await converse(), await converse()]
    for (const [i, time] of [2, 0, 1].entries()) {
      await units.run(async (tx) => {
        await conversations.append(tx, convs[i]!, [said('x', 'm')], second(time))
        await conversations.addPending(tx, convs[i]!, 'm', 1, second(time))
      })
    }
    expect(await conversations.pending()).toEqual([convs[1], convs[2], convs[0]])
  })
})
