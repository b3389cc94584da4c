import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LoadError } from '../../../server/engine/load-error.ts'
import type { Generation } from '../../../server/engine/messages.ts'
import { readManifest } from '../../../server/retrieval/manifest.ts'
import { removalOf } from '../../../server/retrieval/removal.ts'
import { openSnapshot } from '../../../server/retrieval/snapshot.ts'
import { writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
import { copyDemo, startServer } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ask, demoGeneration, embed, encoderOnly, isGone, openPool } from './support.ts'

const question = 'how much is the late payment fee on a credit card?'

/** Change one byte in the middle of a file. */
function flip(file: string): void {
  const bytes = readFileSync(file)
  const middle = bytes.length >> 1
  bytes[middle] = bytes[middle]! ^ 0xff
  writeFileSync(file, bytes)
}

/** Why engines of a generation do not start. */
async function refusal(generation: Generation): Promise<LoadError> {
  const reason: unknown = await openPool(generation)
    .facts()
    .catch((thrown: unknown) => thrown)
  if (!(reason instanceof LoadError)) throw new Error(`not refused: ${String(reason)}`)
  expect(reason.message).not.toContain('\n')
  return reason
}

describe('a generation', () => {
  it('is read whole in one hop: language, intent, mood, entities, passages, spans', async () => {
    const pool = openPool(demoGeneration(copyDemo(temporaryFolder())))
    const read = await pool.run(ask(`${question} I paid £12 too much`))
    expect(read).toMatchObject({ kind: 'ask', lang: 'en' })
    expect(read.spans).toHaveLength(8)
    expect(read.spans[0]?.probability).toBeGreaterThan(0)
    expect(read.entities.length).toBeGreaterThan(0)
    expect(read.intent.confidence).toBeGreaterThan(0)
  })

  it('is replaced under load without a question lost', async () => {
    const demo = demoGeneration(copyDemo(temporaryFolder()))
    const pool = openPool(demo)
    await pool.facts()
    const before = [...pool.pids]
    let isSwitched = false
    let answered = 0
    const customer = async (): Promise<void> => {
      while (!isSwitched) {
        expect((await pool.run(ask(question))).spans.length).toBeGreaterThan(0)
        answered++
      }
    }
    const customers = [customer(), customer(), customer()]
    await pool.switchTo({ ...demo, number: 2 })
    isSwitched = true
    await Promise.all(customers)
    expect(answered).toBeGreaterThan(3)
    expect(pool.generation.number).toBe(2)
    expect(pool.pids).not.toEqual(before)
    expect(before.every(isGone)).toBe(true)
  })

  it('that cannot be loaded leaves the one before at work', async () => {
    const pool = openPool(encoderOnly())
    await pool.facts()
    const before = [...pool.pids]
    await expect(pool.switchTo({ ...encoderOnly(), number: 9, snapshot: '/nowhere' })).rejects.toThrow(LoadError)
    expect([pool.generation.number, pool.pids]).toEqual([0, before])
    expect((await pool.run(embed('still there'))).kind).toBe('embed')
  })
})

describe('a delta', () => {
  it('is taken up by all engines, and by those that start later; an older one or a damaged one is not', async () => {
    const data = copyDemo(temporaryFolder())
    const demo = demoGeneration(data)
    const pool = openPool(demo, { size: 2 })
    const { encoderId, dimension } = await pool.facts()
    const { generation } = readManifest(demo.snapshot!, encoderId)
    const scope = { role: 'customer', day: '2026-11-22' } as const
    const best = async () => {
      const job = { kind: 'search', text: question, scope, k: 1, mode: 'hybrid' } as const
      // As many as there are engines, so that each is asked.
      return (await Promise.all([pool.run(job), pool.run(job)])).map(({ passages }) => passages[0]!.id)
    }
    const [first] = await best()
    const base = openSnapshot(demo.snapshot!, { encoderId })
    const { record } = base.passages.read(base.filters.rowOf(first!), [])
    base.close()
    const dir = join(data, 'delta')
    await writeSnapshot(dir, [], { generation, encoderId, dimension, removed: removalOf([record]) })
    const delta = { number: 1, dir }
    await pool.renew({ delta, products: [] })
    const [next] = await best()
    expect(next).not.toBe(first)
    expect(await best()).toEqual([next, next])
    await expect(pool.renew({ delta, products: [] })).rejects.toThrow('delta 1 cannot follow delta 1')
    await expect(pool.renew({ delta: { number: 2, dir: '/nowhere' }, products: [] })).rejects.toThrow('/nowhere')
    expect([await best(), pool.generation.delta]).toEqual([[next, next], delta])
    const before = [...pool.pids]
    process.kill(before[0]!, 'SIGKILL')
    await expect.poll(() => pool.pids[0] !== before[0] && pool.ready, { timeout: 30_000 }).toBe(2)
    expect(await best()).toEqual([next, next])
  })
})

describe('an index', () => {
  it.each([
    ['truncated', 'bytes, its manifest says', (file: string) => truncateSync(file, 100)],
    ['flipped', 'does not match the checksum', flip],
    ['gone', 'cannot be read', (file: string) => rmSync(file)],
  ])('that is %s is refused by name', async (_, says, damage) => {
    const { encoder, snapshot = '' } = demoGeneration(copyDemo(temporaryFolder()))
    const file = join(snapshot, 'keywords.bin')
    damage(file)
    const { part, message } = await refusal({ number: 1, encoder, snapshot })
    expect([part, message]).toEqual(['snapshot', expect.stringContaining(says)])
    expect(message).toContain(file)
  })

  it('with an altered manifest is refused', async () => {
    const { encoder, snapshot = '' } = demoGeneration(copyDemo(temporaryFolder()))
    flip(join(snapshot, 'manifest.json'))
    const { part, message } = await refusal({ number: 1, encoder, snapshot })
    expect([part, message]).toEqual(['snapshot', expect.stringContaining(join(snapshot, 'manifest.json'))])
  })
})

describe('heads', () => {
  it.each(['intent', 'sentiment', 'answerable'] as const)(
    '%s: missing or altered, the command is named',
    async (service) => {
      const generation = demoGeneration(copyDemo(temporaryFolder()))
      const dir = generation.heads![service]
      flip(join(dir, 'model.onnx'))
      const altered = await refusal(generation)
      expect(altered.part).toBe('heads')
      expect(altered.message).toContain(`${join(dir, 'model.onnx')} was altered`)
      expect(altered.message).toContain(`bursar train ${service}`)
      rmSync(dir, { recursive: true })
      expect((await refusal(generation)).message).toContain(
        `is missing: make a new version with: bursar train ${service}`,
      )
    },
  )
})

describe('a server that is killed', () => {
  it('leaves no engine behind', async () => {
    const server = await startServer(copyDemo(temporaryFolder()), { env: { BURSAR_ENGINES: '2' } })
    const pid = server.process.pid!
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
    expect(children).toHaveLength(2)
    server.process.kill('SIGKILL')
    await server.exited
    await expect.poll(() => children.every(isGone), { timeout: 10_000 }).toBe(true)
  })
})
