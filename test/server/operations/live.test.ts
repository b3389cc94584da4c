import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAdmin } from '../../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../../server/main.ts'
import type { IndexStats } from '../../../server/operations/index-operations.ts'
import { join as enter } from '../../support/client.ts'
import { copyDemo, type RunningServer, startServer } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'

const folder = temporaryFolder()
const [data, notices] = [copyDemo(folder), join(folder, 'notices')]
let server: RunningServer

const start = async (): Promise<void> => {
  server = await startServer(data, {
    env: { BURSAR_ENGINES: '2', BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0', BURSAR_KEPT_INDEXES: '0' },
  })
}
beforeAll(async () => {
  mkdirSync(notices)
  await start()
})
afterAll(() => server.stop())

const perform = (op: string, args: object) => callAdmin(adminSocket(data), op, args)
const write = (name: string, text: string) => writeFileSync(join(notices, name), `# ${name}\n\n${text}\n`)
const ingest = () => perform('ingest', { paths: [notices], sync: true })
const remove = (doc: string) => perform('documents.remove', { doc })
const stats = async () => (await perform('index.stats', {})) as IndexStats
const place = async () => {
  const { generation, delta } = await stats()
  return [generation, delta?.number]
}
function engines(): number[] {
  const { pid } = server.process
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}

/** The ten best passages for a question, with their scores. */
async function found(text: string): Promise<{ doc: string; text: string }[]> {
  const { passages } = (await perform('search', { text, k: 10, mode: 'hybrid', role: 'customer' })) as {
    passages: { doc: string; text: string }[]
  }
  return passages
}
const palms = 'when do you water the palm trees?'
const allFound = () => Promise.all([palms, 'late payment fee', 'can I change my address online?'].map(found))

describe('a small change while the server runs', () => {
  it('is found by the engines that run', async () => {
    const [[number], pids, before] = [await place(), engines(), await stats()]
    write('palms.md', 'The palm trees in our branches are watered on Tuesdays.')
    await ingest()
    expect((await found(palms))[0]).toMatchObject({ doc: 'notices/palms.md' })
    expect(await place()).toEqual([number, 1])
    await expect.poll(engines).toEqual(pids)
    await remove('notices/palms.md')
    expect((await stats()).delta).toEqual({ number: 2, added: 0, removed: 0 })
    expect((await found(palms)).map(({ doc }) => doc)).not.toContain('notices/palms.md')
    await ingest()
    expect(await place()).toEqual([number, 3])
    await expect.poll(engines).toEqual(pids) // the process that wrote the change ends a moment after it has said so
    expect(await stats()).toMatchObject({
      passages: before.passages + 1,
      delta: { added: 1, removed: 0 },
      behind: false,
    })
    expect(await perform('index.verify', {})).toMatchObject({ delta: { number: 3 }, 'annRecall@10': 1 })
  })

  it('leaves no answer out of the old text behind it, however many ask', { timeout: 120_000 }, async () => {
    const days = ['Tuesdays', 'Fridays', 'Sundays']
    let [published, isDone] = [0, false]
    /** The day that an answer names, as its place in the list, and the one that was published when it was asked for. */
    const answers: { least: number; said: number }[] = []
    const ask = async (): Promise<number> => {
      const least = published
      const client = await enter(server.url)
      const { text } = await client.ask(palms)
      client.close()
      // Between two texts, when the one is stored and the other not yet found, nothing is known of palm trees.
      const said = days.findIndex((day) => text.includes(day))
      if (said >= 0) answers.push({ least, said })
      return said
    }
    const customer = async (): Promise<void> => {
      while (!isDone) await ask()
    }
    const asking = Promise.all(Array.from({ length: 2 }, customer))
    for (const [i, day] of days.entries()) {
      write('palms.md', `The palm trees in our branches are watered on ${day}.`)
      await ingest()
      published = i
      expect(await ask()).toBe(i)
    }
    isDone = true
    await asking
    expect(answers.filter(({ least, said }) => said < least)).toEqual([])
    expect(new Set(answers.map(({ said }) => said)).size).toBe(days.length)
  })

  it('survives the death of an engine, and a restart', { timeout: 120_000 }, async () => {
    const [before, known] = [await place(), await allFound()]
    process.kill(engines()[0]!, 'SIGKILL')
    expect(await allFound()).toEqual(known)
    await server.stop()
    await start()
    expect([await place(), await allFound()]).toEqual([before, known])
  })

  it('gives what an index built anew gives', async () => {
    const known = await allFound()
    await perform('index.rebuild', {})
    expect([(await place())[1], await allFound()]).toEqual([undefined, known])
  })

  it('is a removal, which is undone by storing again', async () => {
    const known = await allFound()
    await remove('notices/palms.md')
    expect((await stats()).delta).toMatchObject({ added: 0, removed: 1 })
    expect((await allFound()).flat().map(({ doc }) => doc)).not.toContain('notices/palms.md')
    await ingest()
    const texts = (lists: typeof known) => lists.map((list) => list.map(({ text }) => text))
    expect(texts(await allFound())).toEqual(texts(known))
  })

  it('comes with others, one after the other', async () => {
    write('umbrellas.md', 'Umbrellas that were left behind are kept at the desk.')
    await Promise.all([ingest(), remove('policies/cash-machines.md'), remove('policies/cheques-and-cash.md')])
    expect((await stats()).behind).toBe(false)
    expect((await found('umbrellas left behind'))[0]).toMatchObject({ doc: 'notices/umbrellas.md' })
    const cash = (await found('how much cash can I take out at a machine?')).map(({ doc }) => doc)
    expect(cash).not.toContain('policies/cash-machines.md')
    expect(cash).not.toContain('policies/cheques-and-cash.md')
  })

  it('is a list of synonyms', async () => {
    const byWords = async () =>
      (await perform('search', { text: 'zapper', k: 10, mode: 'keyword', role: 'customer' })) as {
        passages: { doc: string }[]
      }
    const [number] = await place()
    expect((await byWords()).passages).toEqual([])
    writeFileSync(join(notices, 'synonyms.txt'), 'zapper => umbrellas\n')
    await ingest()
    expect((await byWords()).passages[0]).toMatchObject({ doc: 'notices/umbrellas.md' })
    expect([(await place())[0], (await stats()).behind]).toEqual([number, false])
  })
})

describe('a delta', () => {
  it('that is damaged is replaced by an index built anew', { timeout: 120_000 }, async () => {
    const [known, [number, delta]] = [await allFound(), await place()]
    await server.stop()
    truncateSync(join(data, 'generations', `${number}.${delta}`, 'removed.json'), 1)
    await start()
    expect([(await place())[1], await allFound()]).toEqual([undefined, known])
  })

  it('that has grown becomes the next snapshot in the background, with what came meanwhile', {
    timeout: 180_000,
  }, async () => {
    const [[number], empty] = [await place(), join(folder, 'empty')]
    mkdirSync(empty)
    for (const collection of ['policies', 'faqs']) await perform('ingest', { paths: [empty], collection, sync: true })
    const { passages, delta } = await stats()
    expect(delta?.removed).toBeGreaterThan(500)
    write('band.md', 'A brass band plays in the hall.')
    await ingest()
    await expect.poll(async () => (await place())[0], { timeout: 120_000 }).toBeGreaterThan(number!)
    expect(await stats()).toMatchObject({ passages: passages + 1, behind: false })
    expect((await found('is there a brass band?'))[0]).toMatchObject({ doc: 'notices/band.md' })
    rmSync(empty, { recursive: true })
  })

  it('leaves nothing behind but what is in force', { timeout: 180_000 }, async () => {
    const [number, delta] = await place()
    const kept = [String(number), ...(delta === undefined ? [] : [`${number}.${delta}`])]
    const there = () => readdirSync(join(data, 'generations')).sort()
    await expect.poll(there, { timeout: 120_000 }).toEqual(kept) // removed once the old engines have ended
  })
})
