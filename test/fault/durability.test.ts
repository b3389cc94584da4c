import { describe, expect, it } from 'vitest'
import { copyDemo } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { crash } from './crashes.ts'
import { type Acked, brokenPromises, type Fault, type LogRow } from './ledger.ts'

const kills = 50

describe('a server that is killed', () => {
  it(`keeps every acknowledged message, once and in order, over ${kills} kills under load`, {
    timeout: 240_000,
  }, async () => {
    const { faults, acked } = await crash(copyDemo(temporaryFolder()), { kills, perKill: 18, seed: 7 })
    expect(faults).toEqual([])
    expect(acked).toBeGreaterThan(kills * 3)
  })
})

describe('the ledger', () => {
  const row = (seq: number, type: string, d: { mid: string; by?: string; re?: string[]; text?: string }): LogRow => ({
    ...{ seq, type, mid: d.mid, content: JSON.stringify({ re: [], ...d }) },
  })
  const log = [
    row(1, 'msg.created', { mid: 'a', by: 'customer', text: 'one' }),
    row(2, 'msg.created', { mid: 'x', by: 'bot', re: ['a'] }),
    row(3, 'msg.completed', { mid: 'x' }),
  ]
  const ledger = [{ text: 'one', mid: 'a', seq: 1 }]

  it('is satisfied by a whole log', () => {
    expect(brokenPromises(ledger, log)).toEqual([])
  })

  it.each<[string, readonly Acked[], readonly LogRow[], Fault['kind'], string]>([
    ['a lost message', [...ledger, { text: 'two', mid: 'b', seq: 4 }], log, 'lost', '"two" is there 0 times'],
    [
      'a doubled message',
      ledger,
      [...log, row(4, 'msg.created', { mid: 'b', by: 'customer', text: 'one' })],
      'duplicated',
      '"one" is there 2 times',
    ],
    ['another place', [{ text: 'one', mid: 'a', seq: 2 }], log, 'changed', '"one" is not what was acknowledged'],
    ['a gap', ledger, [...log, row(5, 'read', { mid: 'a' })], 'reordered', 'event 4 has seq 5'],
    ['a missing answer', ledger, log.slice(0, 1), 'unanswered', '"one" is answered 0 times'],
    ['half an answer', ledger, log.slice(0, 2), 'unanswered', 'the answer to "one" is not complete'],
    [
      'two answers',
      ledger,
      [...log, row(4, 'msg.created', { mid: 'y', by: 'bot', re: ['a'] })],
      'answered again',
      '"one" is answered 2 times',
    ],
    [
      'a wrong order',
      [
        { text: 'one', mid: 'a', seq: 1 },
        { text: 'one', mid: 'a', seq: 1 },
      ],
      log,
      'reordered',
      '"one" was acknowledged out of order',
    ],
  ])('finds %s', (_, acked, rows, kind, fault) => {
    expect(brokenPromises(acked, rows)).toContainEqual({ kind, text: fault })
  })
})
