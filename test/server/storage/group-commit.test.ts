import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { BusyError, StorageError } from '../../../server/errors.ts'
import { openDatabase } from '../../../server/storage/database.ts'
import { createUnitOfWork } from '../../../server/storage/group-commit.ts'
import { createMeta } from '../../../server/storage/meta.ts'
import type { Tx } from '../../../server/storage/types.ts'
import { committedTransactions, openStore, reasonOf, start, temporaryFolder } from './support.ts'

async function openMeta(...options: Parameters<typeof openStore>) {
  const store = await openStore(...options)
  return { ...store, meta: createMeta(store.db) }
}
const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${i}`)

describe('the group commit', () => {
  it('puts 100 units of one turn into one transaction', async () => {
    const { db, units, meta } = await openMeta()
    const before = committedTransactions(db)
    await Promise.all(keys(100).map((key) => units.run((tx) => meta.set(tx, key, 'v'))))
    expect(committedTransactions(db) - before).toBe(1)
    expect(await meta.get('k99')).toBe('v')
  })

  it('gives units of different turns transactions of their own', async () => {
    const { db, units, meta } = await openMeta()
    const before = committedTransactions(db)
    for (const key of keys(5)) await units.run((tx) => meta.set(tx, key, 'v'))
    expect(committedTransactions(db) - before).toBe(5)
  })

  it('splits a flood, so that the event loop gets its turn', async () => {
    const { db, units, meta } = await openMeta(undefined, { maxBatch: 4 })
    const before = committedTransactions(db)
    await Promise.all(keys(10).map((key) => units.run((tx) => meta.set(tx, key, 'v'))))
    expect(committedTransactions(db) - before).toBe(3)
  })

  it('runs units one after the other, in the order of arrival', async () => {
    const { units } = await openMeta()
    const seen: string[] = []
    const unit = (name: string) => async (tx: Tx) => {
      seen.push(`${name} begins`)
      await sql`select 1`.execute(tx)
      seen.push(`${name} ends`)
    }
    await Promise.all([units.run(unit('a')), units.run(unit('b'))])
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('undoes a failing unit alone and rejects its caller alone', async () => {
    const { units, meta } = await openMeta()
    const failure = new Error('no')
    const outcomes = await Promise.allSettled([
      units.run((tx) => meta.set(tx, 'first', 'v')),
      units.run(async (tx) => {
        await meta.set(tx, 'second', 'v')
        throw failure
      }),
      units.run(async (tx) => {
        await meta.set(tx, 'third', 'v')
        return meta.get('second')
      }),
    ])
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: undefined },
    ])
    expect([await meta.get('first'), await meta.get('second'), await meta.get('third')]).toEqual(['v', undefined, 'v'])
  })

  it('rejects a unit that throws before it returns a promise', async () => {
    const { units } = await openMeta()
    const failure = new Error('at once')
    const outcome = units.run(() => {
      throw failure
    })
    expect(await reasonOf(outcome)).toBe(failure)
  })

  it('shows rows to readers only once they are committed', async () => {
    const { db, units, meta } = await openMeta()
    const before = committedTransactions(db)
    const seen = await units.run(async (tx) => {
      await meta.set(tx, 'key', 'v')
      return { within: await meta.get('key'), commits: committedTransactions(db) }
    })
    expect(seen).toEqual({ within: undefined, commits: before })
    expect({ after: await meta.get('key'), commits: committedTransactions(db) }).toEqual({
      after: 'v',
      commits: before + 1,
    })
  })

  it('folds the log into the file now and then, not only at the end', async () => {
    const { db, units, meta } = await openMeta()
    for (const key of keys(160)) await units.run((tx) => meta.set(tx, key, 'v'))
    const copy = await temporaryFolder()
    copyFileSync(db.path, join(copy, 'bursar.db')) // without the log
    const { db: folded } = await openStore(copy)
    expect(await createMeta(folded).get('k100')).toBe('v')
  })

  it('refuses a query that a unit started and left behind', async () => {
    const { units, meta } = await openMeta()
    let kept: Tx | undefined
    await units.run(async (tx) => {
      kept = tx
    })
    const late = units.run(async () => {
      await meta.set(kept!, 'late', 'v')
    })
    expect(await reasonOf(late)).toMatchObject({ message: expect.stringContaining('after its end') })
    expect(await meta.get('late')).toBeUndefined()
  })

  it('refuses a unit when too many wait, and takes new ones afterwards', async () => {
    const { units, meta } = await openMeta(undefined, { maxWaiting: 3 })
    const taken = keys(3).map((key) => units.run((tx) => meta.set(tx, key, 'v')))
    expect(units.waiting).toBe(3)
    expect(await reasonOf(units.run((tx) => meta.set(tx, 'k3', 'v')))).toBeInstanceOf(BusyError)
    await Promise.all(taken)
    await units.run((tx) => meta.set(tx, 'k4', 'v'))
    expect([await meta.get('k3'), await meta.get('k4')]).toEqual([undefined, 'v'])
  })
})

describe('when the disk fails', () => {
  it('keeps nothing of a transaction that was given up, tells every caller and goes on', async () => {
    const { units, meta } = await openMeta()
    const giveUp = units.run(async (tx) => {
      await sql`rollback`.execute(tx) // what SQLite does by itself on some disk failures
      await meta.set(tx, 'b', 'v')
    })
    const outcomes = await Promise.all(
      [units.run((tx) => meta.set(tx, 'a', 'v')), giveUp, units.run((tx) => meta.set(tx, 'c', 'v'))].map(reasonOf),
    )
    for (const reason of outcomes) expect(reason).toBeInstanceOf(StorageError)
    await units.run((tx) => meta.set(tx, 'd', 'v'))
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map((key) => meta.get(key)))
    expect(kept).toEqual([undefined, undefined, undefined, 'v'])
  })

  it('refuses with a hint while there is no room, and stores again when there is', async () => {
    const { db, units, meta } = await openMeta()
    await units.run((tx) => meta.set(tx, 'before', 'v'))
    const [{ page_count }] = (await sql<{ page_count: number }>`pragma page_count`.execute(db.reader)).rows as [
      { page_count: number },
    ]
    db.writer!.exec(`pragma max_page_count = ${page_count + 2}`)
    const reason = await reasonOf(units.run((tx) => meta.set(tx, 'large', 'x'.repeat(100_000))))
    expect(reason).toBeInstanceOf(StorageError)
    expect(reason).toMatchObject({ message: expect.stringMatching(/bursar\.db is full: free some space/) })
    expect([await meta.get('before'), await meta.get('large')]).toEqual(['v', undefined])
    db.writer!.exec('pragma max_page_count = 1000000')
    await units.run((tx) => meta.set(tx, 'large', 'x'.repeat(100_000)))
    expect(await meta.get('large')).toHaveLength(100_000)
  })

  it('rejects a commit that the system refuses to write, keeps what was acknowledged and lives on', async () => {
    // Files may grow to 1,500 KiB: a change of 200 KB does not fit in the rest, a small one does. The signal for a larger one is ignored, so that the write fails like on a bad disk.
    const { lines, ended } = start('full-disk.ts', [await temporaryFolder()], {
      shell: "trap '' XFSZ; ulimit -f 1500;",
    })
    const refused = JSON.parse((await lines.next()).value)
    expect(refused).toMatchObject({
      kind: 'StorageError',
      message: expect.stringMatching(/bursar\.db failed to read or write: check it/),
    })
    expect(refused.stored).toBeGreaterThan(0)
    expect(JSON.parse((await lines.next()).value)).toEqual({ kept: refused.stored, again: 'stored' })
    expect(await ended).toBe(0)
  })
})

describe('closing', () => {
  it('finishes what waits, then refuses, and leaves one file', async () => {
    const { db, units, meta } = await openMeta(undefined, { maxBatch: 2 })
    const stored = Promise.all(keys(5).map((key) => units.run((tx) => meta.set(tx, key, 'v'))))
    const closed = units.close()
    expect(await reasonOf(units.run((tx) => meta.set(tx, 'late', 'v')))).toMatchObject({
      message: 'the store is closed',
    })
    await Promise.all([stored, closed, units.close()])
    expect(existsSync(`${db.path}-wal`)).toBe(false)
  })

  it('has no units of work on a store that is only read', async () => {
    const dir = await temporaryFolder()
    const { units, meta } = await openMeta(dir)
    await units.run((tx) => meta.set(tx, 'key', 'v'))
    const reading = await openDatabase({ dir, readOnly: true })
    expect(() => createUnitOfWork(reading)).toThrow(StorageError)
    expect(await createMeta(reading).get('key')).toBe('v')
    reading.close()
  })
})
