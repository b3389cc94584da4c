import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { join as joinChat } from '../support/client.ts'
import { copyDemo, repository, startServer, userEnvironment } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { needing } from '../support/programs.ts'
import { earlyAcks, readTrace, strace } from './syscalls.ts'

const { skip, note } = needing('strace', 'apt-get install strace')

/** A small program that stores and acknowledges with the store's own code, traced from start to end. */
async function traceStore(synchronous: 'FULL' | 'NORMAL') {
  const dir = temporaryFolder()
  const [program, ...args] = strace(join(dir, 'trace')) as [string, ...string[]]
  const script = join(import.meta.dirname, 'processes/acks.ts')
  const child = spawn(program, [...args, process.execPath, '--import', 'tsx', script, join(dir, 'data'), synchronous], {
    cwd: repository,
    env: userEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdout.resume()
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  return earlyAcks(readTrace(join(dir, 'trace')))
}

describe.skipIf(skip)(`every ack leaves after the sync of its row${note}`, () => {
  it('from the built server', async () => {
    const dir = temporaryFolder()
    const server = await startServer(copyDemo(dir), {
      under: strace(join(dir, 'trace')),
      env: { BURSAR_RATE_PER_MIN: '0', BURSAR_RATE_IP_PER_MIN: '0', BURSAR_ENGINES: '1' },
    })
    onTestFinished(() => void server.process.kill('SIGKILL'))
    const customers = await Promise.all(Array.from({ length: 4 }, () => joinChat(server.url)))
    await Promise.all(
      customers.map(async (customer) => {
        for (let i = 0; i < 6; i++) await customer.send(`how much is the late payment fee? ${i}`)
        await customer.ask('what is the fee for cash abroad?')
        customer.close()
      }),
    )
    expect(await server.stop()).toBe(0)
    expect(earlyAcks(readTrace(join(dir, 'trace')))).toEqual({ acks: 4 * 7, early: [] })
  })

  it('from the store as it is', async () => {
    expect(await traceStore('FULL')).toEqual({ acks: 15, early: [] })
  })

  it('and would not with synchronous=NORMAL', async () => {
    const { acks, early } = await traceStore('NORMAL')
    expect(acks).toBe(15)
    expect(early).toHaveLength(15)
  })
})
