import { describe, expect, it, vi } from 'vitest'
import { JobError } from '../../../server/engine/engine.ts'
import { BusyError, DeadlineError, EngineLostError } from '../../../server/errors.ts'
import { ask, embed, encoderOnly, isGone, openPool, slow } from './support.ts'

const kill = (pid: number | undefined): void => void process.kill(pid!, 'SIGKILL')

describe('a pool of engines', () => {
  it('does a job in one hop and says what its encoder is', async () => {
    const pool = openPool(encoderOnly())
    const { dimension, encoderId } = await pool.facts()
    const { vectors, tokens } = await pool.run(embed('the fee'))
    expect(vectors[0]?.vector).toHaveLength(dimension)
    expect(encoderId).toMatch(/^[0-9a-f]{64}$/)
    expect(tokens).toBeGreaterThan(2)
    expect([pool.ready, pool.waiting, pool.pids.length]).toEqual([1, 0, 1])
  })

  it('passes on what an engine cannot do, without a second try and without harm to the engine', async () => {
    const pool = openPool(encoderOnly())
    const [pid] = pool.pids
    const refused = pool.run(ask('what is the fee?'))
    await expect(refused).rejects.toThrow(JobError)
    await expect(refused).rejects.toThrow('nothing has been ingested with this encoder yet: run bursar ingest')
    await pool.run(embed('still there'))
    expect(pool.pids).toEqual([pid])
  })

  it('lets a chat overtake what waits in the background', async () => {
    const pool = openPool(encoderOnly())
    await pool.facts()
    const done: string[] = []
    const job = (name: string, priority: 'chat' | 'background') =>
      pool.run(priority === 'chat' ? embed(name) : slow(), priority).then(() => done.push(name))
    // Two of the background jobs are the engine's already: one runs, one lies in its pipe.
    await Promise.all([
      ...['b1', 'b2', 'b3', 'b4'].map((name) => job(name, 'background')),
      ...['c1', 'c2'].map((name) => job(name, 'chat')),
    ])
    expect(done).toEqual(['b1', 'b2', 'c1', 'c2', 'b3', 'b4'])
  })

  it('gives the next job to the engine that has least to do', async () => {
    const pool = openPool(encoderOnly(), { size: 2 })
    await pool.facts()
    await vi.waitUntil(() => pool.ready === 2, 30_000)
    const order: string[] = []
    const long = pool.run(slow()).then(() => order.push('long'))
    for (let i = 0; i < 5; i++) await pool.run(embed(`short ${i}`)).then(() => order.push('short'))
    await long
    expect(order.at(-1)).toBe('long')
  })

  it('refuses more chats than may wait', async () => {
    const pool = openPool(encoderOnly(), { maxWaiting: 3 })
    const jobs = Array.from({ length: 5 }, (_, i) => pool.run(embed(`${i}`)))
    expect(pool.waiting).toBe(3)
    await expect(jobs[3]).rejects.toThrow(BusyError)
    await expect(jobs[4]).rejects.toThrow('3 jobs already wait')
    expect((await Promise.all(jobs.slice(0, 3))).map(({ kind }) => kind)).toEqual(['embed', 'embed', 'embed'])
  })

  it('refuses what comes after the stop, and ends its processes', async () => {
    const pool = openPool(encoderOnly())
    await pool.facts()
    const pids = [...pool.pids]
    await pool.stop()
    await expect(pool.run(embed('late'))).rejects.toThrow(BusyError)
    await vi.waitUntil(() => pids.every(isGone), 10_000)
  })
})

describe('an engine that dies', () => {
  it('loses no question: another try answers it', async () => {
    const pool = openPool(encoderOnly())
    await pool.facts()
    const [pid] = pool.pids
    const job = pool.run(slow())
    kill(pid)
    expect((await job).vectors).toHaveLength(24)
    expect(pool.pids).not.toContain(pid)
  })

  it('twice in the same question fails that one, and the next is answered', async () => {
    const pool = openPool(encoderOnly())
    await pool.facts()
    const [first] = pool.pids
    const job = pool.run(slow())
    kill(first)
    await vi.waitUntil(() => pool.ready === 1 && pool.pids[0] !== first && pool.waiting === 0, 30_000)
    kill(pool.pids[0])
    await expect(job).rejects.toThrow(EngineLostError)
    expect((await pool.run(embed('next'))).kind).toBe('embed')
  })

  it('comes back later each time', async () => {
    const pool = openPool(encoderOnly())
    const gaps: number[] = []
    for (let i = 0; i < 3; i++) {
      await vi.waitUntil(() => pool.pids[0] !== undefined && !isGone(pool.pids[0]), { timeout: 30_000, interval: 1 })
      const [pid] = pool.pids
      kill(pid)
      await vi.waitUntil(() => isGone(pid!), { timeout: 5_000, interval: 1 })
      const begun = performance.now()
      await vi.waitUntil(() => pool.pids[0] !== pid, { timeout: 30_000, interval: 1 })
      gaps.push(performance.now() - begun)
    }
    expect(gaps[0]).toBeGreaterThan(80)
    expect(gaps[1]).toBeGreaterThan(180)
    expect(gaps[2]).toBeGreaterThan(380)
  })
})

describe('the deadline', () => {
  it('ends an engine that hangs, and fails the question that it held', async () => {
    const pool = openPool(encoderOnly(), { deadlineMs: 700 })
    await pool.facts()
    const [pid] = pool.pids
    process.kill(pid!, 'SIGSTOP')
    await expect(pool.run(embed('never'))).rejects.toThrow(DeadlineError)
    await vi.waitUntil(() => isGone(pid!), 5_000)
  })

  it('holds for a question that no engine takes', async () => {
    const pool = openPool({ number: 0, encoder: '/nowhere' }, { deadlineMs: 300 })
    await expect(pool.run(embed('never'))).rejects.toThrow(DeadlineError)
    expect(pool.waiting).toBe(0)
  })

  it('does not count the time that background work waits', async () => {
    const pool = openPool(encoderOnly(), { deadlineMs: 3_000 })
    await pool.facts()
    const jobs = Array.from({ length: 3 }, () => pool.run(slow(), 'background'))
    process.kill(pool.pids[0]!, 'SIGSTOP') // what it holds is tried again elsewhere; the third has to wait for that
    const last = await Promise.allSettled(jobs)
    expect(last.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })
})
