import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { join as joinChat, Refused, transcript } from '../support/client.ts'
import { copyDemo, type RunningServer, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar } from '../support/program.ts'

/** Well-formed and nobody's: test numbers of the card schemes, examples of the standards, numbers reserved for fiction. */
const planted = {
  card: '4111 1111 1111 1111',
  dashedCard: '5500-0000-0000-0004',
  amex: '378282246310005',
  iban: 'GB29 NWBK 6016 1331 9268 19',
  tightIban: 'DE89370400440532013000',
  ssn: '078-05-1120',
  email: 'planted.person@example.com',
  phone: '07700 900123',
  abroad: '+44 20 7946 0958',
}
const values = Object.values(planted)
/** As written, and as it would stand in an index or a key. */
const traces = values.flatMap((value) => [value, value.replaceAll(/[\s-]/g, '')])

const filesUnder = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return filesUnder(path)
    return entry.isFile() ? [path] : []
  })

const foundIn = (text: string): string[] => traces.filter((trace) => text.toLowerCase().includes(trace.toLowerCase()))

function foundOnDisk(dir: string): string[] {
  return filesUnder(dir).flatMap((path) =>
    foundIn(readFileSync(path, 'latin1')).map((trace) => `${path} holds ${trace}`),
  )
}

/** Say everything everywhere that a customer's words go in. */
async function plant(server: RunningServer, data: string): Promise<string> {
  const client = await joinChat(server.url)
  for (const value of values) {
    await client.ask(`please check this for me: ${value}, what is the late payment fee?`)
    await client.ask(value)
  }
  await client.send(values.join(' and ')).catch((reason: unknown) => {
    if (!(reason instanceof Refused)) throw reason
  })
  const { d: answer } = await client.wait((frame) => (frame.t === 'msg.completed' ? frame : undefined))
  await client.command('feedback', { mid: answer.mid, value: -1, comment: `not for ${values.join(', ')}` })
  await client
    .command('feedback', { mid: `m_${'0'.repeat(20)}`, value: 1, comment: planted.card })
    .catch(() => undefined)
  await client.command('rec.event', { product: planted.email, kind: 'click' }).catch(() => undefined)
  const asked = await bursar(['ask', ...values, '--data', data])
  expect(asked.code).toBe(0)
  const messages = await transcript(server.url, client)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  client.close()
  return JSON.stringify(messages) + JSON.stringify(client.frames) + metrics + asked.stdout + asked.stderr
}

describe('personal data', { timeout: 120_000 }, () => {
  it.each(['stopped', 'killed'])('is nowhere in the data directory or the log of a server that was %s', async (how) => {
    const data = copyDemo(temporaryFolder())
    const env = { BURSAR_LOG_LEVEL: 'debug', BURSAR_RATE_PER_MIN: '0', BURSAR_ENGINES: '1' }
    const server = await startServer(data, { env })
    onTestFinished(() => void server.process.kill('SIGKILL'))
    const said = await plant(server, data)
    if (how === 'killed') {
      server.process.kill('SIGKILL')
      await server.exited
      expect(statSync(join(data, 'bursar.db-wal')).size).toBeGreaterThan(0)
    } else expect(await server.stop()).toBe(0)

    expect(foundOnDisk(data)).toEqual([])
    expect(foundIn(server.log())).toEqual([])
    expect(foundIn(said)).toEqual([])
    // What was said besides is there, so the search would have found the rest.
    const everything = filesUnder(data)
      .map((path) => readFileSync(path, 'latin1'))
      .join('')
    expect(everything).toContain('please check this for me: [card], what is')
    expect(everything).toContain('not for [card]')
    expect(server.log()).toContain('"msg":"request"')
  })
})
