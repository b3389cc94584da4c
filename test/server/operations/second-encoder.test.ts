import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { openHouse } from '../../../server/operations/house.ts'
import { createOperations } from '../../../server/operations/table.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'
import { encoderFolder, hiddenStates } from '../../support/tiny-encoder.ts'
import { twoLanguages } from '../../support/two-languages.ts'

interface Found {
  readonly doc: string
  readonly score: number
}

const root = temporaryFolder()
const data = join(root, 'data')
const pages = {
  'mortgage.md': '# Mortgages\n\nYou may repay your mortgage early.\n',
  'card.md': '# Cards\n\nCall us if your card is lost or stolen.\n',
  'transfer.md': '# 跨境转账\n\n往国外汇款按笔收取手续费。\n',
  'hours.md': '# 營業時間\n\n網點週一至週五營業。\n',
}

interface Stats {
  readonly second?: string
  readonly generation: number
  readonly delta?: { readonly added: number; readonly removed: number }
}

/** What the house finds for each question, best first, with this second encoder or none, after these files were ingested. */
async function search(second: string | undefined, questions: readonly string[], changed: readonly string[] = []) {
  const setting = second === undefined ? {} : { BURSAR_SECOND_ENCODER: second }
  const config = readConfig({ BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1', ...setting }, { dataDir: data })
  const house = await openHouse(config, createLogger('silent'), ownDirectory(data))
  const { run } = createOperations(house)
  const perform = (name: string, args: object) => run(name, args, () => undefined)
  try {
    if (house.pool.generation.snapshot === undefined)
      await perform('ingest', { paths: Object.keys(pages).map((name) => join(root, name)), sync: false })
    if (changed.length > 0) await perform('ingest', { paths: changed.map((name) => join(root, name)), sync: false })
    const stats = (await perform('index.stats', {})) as Stats
    const found: Found[][] = []
    for (const text of questions) {
      const answer = await perform('search', { text, k: 10, mode: 'hybrid', role: 'customer' })
      found.push((answer as { passages: Found[] }).passages) // what the operation returns
    }
    return { found, stats }
  } finally {
    await house.close()
  }
}

const inEnglish = ['can I repay my mortgage early?', 'my card was stolen', 'what is the fee for sending money abroad?']
const repayment = '房贷可以提前还吗？'
const transfer = '往國外匯款要多少手續費？'
const named = (found: readonly Found[] | undefined) => found?.map(({ doc }) => doc.split('/').at(-1))
const english = (found: readonly Found[]) => found.filter(({ doc }) => /mortgage|card/.test(doc))

describe('a data directory', () => {
  type Searched = Awaited<ReturnType<typeof search>>
  let [alone, both]: [Searched | undefined, Searched | undefined] = [undefined, undefined]
  let second: string

  beforeAll(async () => {
    for (const [name, text] of Object.entries(pages)) writeFileSync(join(root, name), text)
    second = await twoLanguages(join(root, 'second'))
    alone = await search(undefined, [...inEnglish, repayment, transfer])
    both = await search(second, [...inEnglish, repayment, transfer, '房貸可以提前還嗎？'])
  }, 120_000)

  it('without a second encoder searches Chinese by its characters alone', () => {
    expect(alone?.stats).not.toHaveProperty('second')
    expect(named(alone?.found[3])).toEqual([])
    expect(named(alone?.found[4])).toEqual(['transfer.md'])
  })

  it('that gets a second encoder later has its documents in both indexes', () => {
    expect(both?.stats.second).toMatch(/^[0-9a-f]{64}$/)
    expect(named(both?.found[3])?.[0]).toBe('mortgage.md')
    expect(named(both?.found[4])?.[0]).toBe('transfer.md')
  })

  it('understands traditional characters as simplified ones', () => {
    expect(both?.found[5]).toEqual(both?.found[3])
  })

  it('answers English questions to English passages exactly as before, and now finds Chinese ones by meaning', () => {
    inEnglish.forEach((_, i) => {
      expect(english(both!.found[i]!)).toEqual(english(alone!.found[i]!))
    })
    expect(named(both?.found[2])?.[0]).toBe('transfer.md')
  })

  it('refuses a second encoder that does not know Chinese', async () => {
    const other = await encoderFolder(join(root, 'other'), hiddenStates())
    await expect(search(other, [])).rejects.toThrow(/does not know Chinese; name another in BURSAR_SECOND_ENCODER/)
  })

  it('goes on without the second encoder as it was', async () => {
    expect((await search(undefined, inEnglish)).found).toEqual(alone?.found.slice(0, 3))
  })

  it('takes small changes into both indexes as a delta, and finds them as before after a restart', async () => {
    writeFileSync(join(root, 'mortgage.md'), '# Mortgages\n\nYour mortgage ends early when you repay it.\n')
    writeFileSync(join(root, 'safe.md'), '# 保管箱\n\n保管箱每年的租金按大小收取。\n')
    const questions = [repayment, transfer, '租保管箱多少钱？']
    const { found, stats } = await search(second, questions, ['mortgage.md', 'safe.md'])
    expect(stats).toMatchObject({ generation: both!.stats.generation, delta: { added: 2, removed: 1 } })
    expect(found.map((list) => named(list)?.[0])).toEqual(['mortgage.md', 'transfer.md', 'safe.md'])
    expect(await search(second, questions)).toEqual({ found, stats })
  })
})
