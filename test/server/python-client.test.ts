import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { copyDemo, repository, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { needingPython } from '../support/programs.ts'

const { skip, note, folder } = needingPython('websockets', 'websockets')
const script = join(repository, 'docs/examples/chat_client.py')

/** The next line that `pick` accepts. */
async function line(lines: AsyncIterator<string>, pick: (text: string) => boolean): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) throw new Error('the client has ended')
    if (pick(value)) return value
  }
}

describe.skipIf(skip)(`the client of docs/protocol.md in Python${note}`, () => {
  it('asks, shows sources, and loses nothing over a kill and a restart', { timeout: 120_000 }, async () => {
    const data = copyDemo(temporaryFolder())
    let server = await startServer(data, { env: { BURSAR_ENGINES: '1' } })
    onTestFinished(() => void server.process.kill('SIGKILL'))
    const client = spawn('python3', ['-u', script, server.url], {
      env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]()
    client.stdin.write('What is the late payment fee on my credit card?\n')
    expect(await line(lines, (text) => text.includes('late payment fee'))).toContain('£')
    expect(await line(lines, (text) => text.startsWith('  ['))).toMatch(/^ {2}\[1\] .+, version \d+$/)
    server.process.kill('SIGKILL')
    await server.exited
    client.stdin.write('How expensive is an arranged overdraft?\n') // nobody is there
    server = await startServer(data, { port: Number(new URL(server.url).port), env: { BURSAR_ENGINES: '1' } })
    expect(await line(lines, (text) => text.includes('overdraft'))).toContain('34.9')
    client.stdin.end()
    const rest: string[] = []
    for (let next = await lines.next(); !next.done; next = await lines.next()) rest.push(next.value)
    expect(rest.filter((text) => text.includes('late payment fee'))).toEqual([]) // nothing is told twice
    expect(client.exitCode ?? (await once(client, 'close'))[0]).toBe(0)
  })
})
