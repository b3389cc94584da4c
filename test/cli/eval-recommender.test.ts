import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, onlyJson } from '../support/program.ts'

let dir: string
const file = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(dir, name), `${lines.join('\n')}\n`)
  return join(dir, name)
}
const run = (...args: readonly string[]) =>
  bursar(['eval', 'recommender', ...args, '--json'], { env: { BURSAR_LOG_LEVEL: 'silent' } })

let train: string
beforeAll(() => {
  dir = temporaryFolder()
  const rows = Array.from({ length: 30 }, (_, user) =>
    ['x', 'y', 'z']
      .filter((_, i) => (user + i) % 3 !== 0)
      .map((item) => `u${user},${item},${1 + (user % 5)},10${user}`),
  ).flat()
  train = file('train.csv', ['user_id,item_id,rating,timestamp', ...rows])
})

describe('eval recommender', () => {
  it('ranks and rates by a file of later interactions', async () => {
    const test = file('test.csv', ['user_id,item_id,rating,timestamp', 'u0,x,1,2000', 'u1,z,2,2000', 'new,y,3,2000'])
    const found = onlyJson(await run('--train', train, '--test', test, '--method', 'item-item'))
    expect(found).toMatchObject({
      n: 3,
      'hit@3': 1,
      coverage: 1,
      'ndcg@10_ci': [expect.any(Number), expect.any(Number)],
    })
    expect(found.rmse).toBeGreaterThan(0)
  })

  it('finds the missing product of customers, by columns of other names', async () => {
    const owned = file('owned.csv', ['customer,product', 'a,card', 'a,loan', 'b,card', 'b,loan', 'c,card', 'd,fund'])
    const oneOut = file('one.csv', [
      'customer_id,owned,missing',
      'e,card,loan',
      'f,fund|nothing,card',
      'g,loan,unknown',
    ])
    const columns = ['--user-column', 'customer', '--item-column', 'product']
    const found = onlyJson(await run('--train', owned, '--leave-one-out', oneOut, ...columns))
    expect(found.n).toBe(3)
    expect(found['hit@1']).toBeCloseTo(2 / 3, 9)
    expect(Object.keys(found.weights as object)).toContain('next-item')
    expect(found).not.toHaveProperty('rmse')
  })

  it.each([
    [['user_id,item_id,rating', 'a,b,0x10'], 'test.csv:2 column rating: is not a number'],
    [['user_id,item_id', 'a,'], 'test.csv:2 column item_id: is empty'],
    [['user_id,item_id,timestamp', 'a,b,99999999999'], 'test.csv:2 column timestamp: lies in the future'],
    [['user,item', 'a,b'], 'test.csv:2 column user_id: is missing'],
    [['user_id,item_id'], 'test.csv: has no rows'],
  ])('refuses %s', async (lines, reason) => {
    const { code, stderr } = await run('--train', train, '--test', file('test.csv', lines))
    expect(code).toBe(1)
    expect(stderr).toContain(reason)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('says what is missing', async () => {
    expect(await run('--train', train)).toMatchObject({ code: 2, stderr: expect.stringContaining('--leave-one-out') })
  })
})
