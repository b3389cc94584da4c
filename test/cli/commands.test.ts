import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drainMs } from '../../server/protocol/limits.ts'
import { join as joinChat } from '../support/client.ts'
import { copyDemo, liveVersion, type RunningServer, startServer } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, type Ended, onlyJson } from '../support/program.ts'

const quiet = { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }
const run = (args: readonly string[], input = ''): Promise<Ended> => bursar(args, { env: quiet, input })

describe('commands without a data directory', () => {
  it('redact masks line by line', async () => {
    const input = 'my card is 4111 1111 1111 1111\n\nnothing here\nwrite to jo@example.com or 07700 900123\n'
    const { code, stdout } = await run(['redact'], input)
    expect([code, stdout]).toEqual([0, 'my card is [card]\n\nnothing here\nwrite to [email] or [phone]\n'])
  })

  it('redact --json gives the spans, a line for each line', async () => {
    const { stdout } = await run(['redact', '--json'], '😀 4111 1111 1111 1111\nnothing\n')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ spans: [{ start: 3, end: 22, kind: 'card' }] }, { spans: [] }])
  })

  it('templates lists each with its language and slots', async () => {
    const { templates } = onlyJson(await run(['templates', '--json'])) as { templates: Record<string, unknown>[] }
    expect(templates.length).toBeGreaterThan(20)
    for (const template of templates) expect(Object.keys(template).sort()).toEqual(['id', 'lang', 'slots', 'text'])
    expect((await run(['templates'])).stdout).toContain('abstain.en')
  })
})

describe('the dialogue', () => {
  it('prove exits tells how many cases were walked, and a longest way to a person', async () => {
    const { cases, passed, ...rest } = onlyJson(await run(['prove', 'exits', '--json']))
    expect(passed).toBe(cases)
    const path = ['no intent, mood positive, best text at 0, 0 near topics: abstain (nothing)']
    expect(rest).toEqual({ failed: [], states: 4, longest: 1, path })
  })
})

describe('ingestion', () => {
  it('rejects each bad file in one line, takes the others, and ends with 1', async () => {
    const dir = temporaryFolder()
    const folder = join(dir, 'mixed')
    mkdirSync(folder)
    const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content)
    put('good.md', '# Fees\n\nThe fee is £5.\n')
    put('good.jsonl', '{"id":"a","question":"Is there a fee?","answer":"Yes, £5."}\n')
    put('front.md', '---\ntitle: [unclosed\n---\n\n# Fees\n\nText.\n')
    put('dates.md', '---\nfrom: 2026-05-01\nuntil: 2026-04-01\n---\n\n# Fees\n\nText.\n')
    put('bytes.md', Uint8Array.from([0x23, 0x20, 0x41, 0x0a, 0x0a, 0xff, 0xfe]))
    put('empty.md', '')
    put('row.jsonl', '{"id":"a","text":"fine"}\n{"id":"b"}\n')
    put('columns.csv', 'id,colour\n1,red\n')
    const data = join(dir, 'data')
    const ended = await run(['ingest', folder, '--json', '--data', data])
    expect(ended.code).toBe(1)
    const report = onlyJson(ended) as { rejected: { file: string; reason: string }[]; documents: number }
    expect(report.documents).toBe(2)
    expect(report.rejected.map(({ file }) => file).sort()).toEqual(
      ['bytes.md', 'columns.csv', 'dates.md', 'empty.md', 'front.md', 'row.jsonl'].map((name) => `mixed/${name}`),
    )
    for (const { file, reason } of report.rejected) {
      expect(reason).toContain(join(folder, file.slice('mixed/'.length)))
      expect(reason).not.toContain('\n')
    }
    const found = onlyJson(await run(['search', 'fee', '--json', '--data', data])) as { passages: { doc: string }[] }
    expect(found.passages.map(({ doc }) => doc).sort()).toEqual(['mixed/good.jsonl#a', 'mixed/good.md'])
  })

  it('of a path that is not there changes nothing', async () => {
    const ended = await run(['ingest', '/nowhere/at/all', '--data', join(temporaryFolder(), 'data')])
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('/nowhere/at/all: cannot be read'),
    })
  })
})

describe('commands while a server runs', () => {
  let server: RunningServer
  let data: string
  beforeAll(async () => {
    data = copyDemo(temporaryFolder())
    server = await startServer(data, { env: { ...quiet, BURSAR_RATE_PER_MIN: '0' } })
  })
  afterAll(() => void server.process.kill('SIGKILL'))
  const inData = (...args: string[]): Promise<Ended> => run([...args, '--data', data])

  it('go to it: new text is found at once by customers, removed text no more', { timeout: 120_000 }, async () => {
    const folder = join(temporaryFolder(), 'lockers')
    mkdirSync(folder)
    const sentence = 'A zeppelin locker for your valuables costs £91 a year.'
    writeFileSync(join(folder, 'lockers.md'), `# Zeppelin lockers\n\n${sentence}\n`)
    writeFileSync(join(folder, 'keys.md'), '# Keys\n\nA second key to a locker costs £7.\n')
    const found = async (): Promise<string[]> => {
      const { passages } = onlyJson(await inData('search', 'zeppelin', 'locker', 'price', '--json')) as {
        passages: { text: string }[]
      }
      return passages.map(({ text }) => text)
    }
    expect(onlyJson(await inData('ingest', folder, '--json'))).toMatchObject({ documents: 2, passages: 2 })
    expect(await found()).toContainEqual(expect.stringContaining(sentence))
    const client = await joinChat(server.url)
    const { cites } = await client.ask('how much does a zeppelin locker for my valuables cost a year?')
    rmSync(join(folder, 'lockers.md'))
    expect(onlyJson(await inData('ingest', folder, '--sync', '--json'))).toMatchObject({ removed: 1, unchanged: 1 })
    expect(await found()).not.toContainEqual(expect.stringContaining(sentence))
    const after = await client.ask('what does a zeppelin locker for valuables cost a year?')
    expect(after.cites.map(({ quote }) => quote)).not.toContain(sentence)
    // What was cited stays readable, as it was.
    for (const { doc, ver, spans, quote } of cites) {
      const text = await (
        await fetch(`${server.url}/v1/documents/${encodeURIComponent(doc)}/versions/${ver}/text`)
      ).text()
      expect(spans.map(([start, end]) => text.slice(start, end)).join(' · ')).toBe(quote)
    }
    client.close()
  })

  it('documents show --text is the text that citations point into', async () => {
    const { documents } = onlyJson(await inData('documents', 'list', '--json')) as {
      documents: { doc: string; ver: number; audience: string; from?: string }[]
    }
    expect(documents.length).toBeGreaterThan(100)
    const open = documents.filter(({ audience, from = '' }) => audience === 'customer' && from <= '2026-11-22')
    for (const { doc, ver } of [open[0]!, open.find(({ doc }) => doc.includes('#'))!, open.at(-1)!]) {
      const shown = await inData('documents', 'show', `${doc}@${ver}`, '--text')
      const served = await fetch(`${server.url}/v1/documents/${encodeURIComponent(doc)}/versions/${ver}/text`)
      expect([served.status, `${await served.text()}\n`]).toEqual([200, shown.stdout])
    }
    const agents = documents.find(({ audience }) => audience === 'agent')!
    const hidden = await fetch(
      `${server.url}/v1/documents/${encodeURIComponent(agents.doc)}/versions/${agents.ver}/text`,
    )
    expect(hidden.status).toBe(404)
  })

  it('name a document that is not there', async () => {
    const ended = await inData('documents', 'show', 'policies/nothing.md')
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'bursar documents show: there is no document policies/nothing.md\n',
    })
  })

  it('ask answers as the chat would', async () => {
    const { tookMs, probability, ...answer } = onlyJson(
      await inData('ask', 'how', 'do', 'I', 'close', 'an', 'account?', '--json'),
    )
    expect([tookMs, probability]).toEqual([expect.any(Number), expect.any(Number)])
    const client = await joinChat(server.url)
    const { mid: _, ...told } = await client.ask('how do I close an account?')
    client.close()
    expect(told).toEqual(answer)
  })

  it('why, replay, impact and gaps tell of an answer that a customer was just given', async () => {
    const client = await joinChat(server.url)
    const { mid, cites } = await client.ask('how much is the late payment fee on a credit card?')
    const { mid: abstained } = await client.ask('what is a good recipe for apple pie?')
    client.close()
    expect((await inData('why', mid)).stdout).toContain(cites[0]!.quote)
    expect((await inData('replay', mid, '--verify')).stdout).toBe('byte-equal, with what was in force then\n')
    const { doc, ver } = cites[0]!
    expect(onlyJson(await inData('impact', `${doc}@${ver}`, '--json'))).toMatchObject({ state: 'current' })
    expect((await inData('gaps')).stdout).toContain(abstained)
    const unknown = await inData('why', 'm_unknown')
    expect(unknown).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^bursar why: there is no receipt/),
    })
  })

  it('cases are listed, shown and closed with a reason, and the customer is told', async () => {
    const client = await joinChat(server.url)
    const { text } = await client.ask('I want to complain: your branch lost my cheque')
    const { case: id, ref, due } = await client.wait((frame) => (frame.t === 'case.opened' ? frame.d : undefined))
    expect(text).toContain(`a complaint under ${ref}`)
    expect((await inData('cases', 'list')).stdout).toContain(`due ${due}  open  complaint  ${ref}  ${id}`)
    expect((await inData('cases', 'close', id)).stderr).toBe('bursar cases close: a case is closed with a --reason\n')
    expect((await inData('cases', 'close', id, '--reason', 'found again')).stdout).toBe(`${id} is closed\n`)
    expect(await client.wait((frame) => (frame.t === 'case.updated' ? frame.d : undefined))).toEqual({
      case: id,
      status: 'closed',
      due,
    })
    client.close()
    const { stdout } = await inData('cases', 'show', id)
    expect(stdout).toContain(`complaint, reference ${ref}: closed`)
    expect(stdout).toMatch(/cases\.close {2}“found again”/)
    expect((onlyJson(await inData('cases', 'list', '--json')) as { cases: { id: string }[] }).cases).toEqual([])
  })

  it('doctor finds all well', async () => {
    const { checks } = onlyJson(await inData('doctor', '--json')) as { checks: { name: string; ok: boolean }[] }
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual(
      ['node', 'encoder', 'cases', 'data', 'answers'].map((name) => [name, true]),
    )
  })

  it('predict labels line by line, in order, and writes nothing where a line is bad', async () => {
    const dir = temporaryFolder()
    const [input, output] = [join(dir, 'in.jsonl'), join(dir, 'out.jsonl')]
    writeFileSync(input, '{"id":1,"text":"my card was stolen, help!"}\n{"id":2,"text":"what is the fee?"}\n')
    const args = ['predict', 'sentiment', '--input', input, '--output', output, '--json']
    expect(onlyJson(await inData(...args))).toMatchObject({ n: 2 })
    const rows = readFileSync(output, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).toMatchObject([
      { id: 1, text: 'my card was stolen, help!', label: expect.any(String), confidence: expect.any(Number) },
      { id: 2 },
    ])
    rmSync(output)
    writeFileSync(input, '{"text":"fine"}\n{"txt":"not"}\n')
    const ended = await inData(...args)
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`${input}:2 column text`) })
    expect(() => readFileSync(output)).toThrow('ENOENT')
  })

  it('a second server on the same directory is refused, and the first goes on', async () => {
    const ended = await inData('serve', '--port', '0')
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`in use by process ${server.process.pid}`),
    })
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })
})

describe('a server that is stopped', () => {
  it('in mid-training ends within the time of a drain, and leaves the live version as it was', {
    timeout: 120_000,
  }, async () => {
    const data = copyDemo(temporaryFolder())
    const before = liveVersion(data, 'intent')
    const server = await startServer(data, { env: quiet })
    const pid = server.process.pid!
    const commandOf = (child: string): string => `/proc/${child}/cmdline`
    const isTraining = (): boolean =>
      readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .some((child) => existsSync(commandOf(child)) && readFileSync(commandOf(child), 'utf8').includes('task-child'))
    const training = run(['train', 'intent', '--seed', '99', '--data', data])
    await expect.poll(isTraining, { timeout: 30_000, interval: 20 }).toBe(true)
    const begun = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(drainMs + 2_000)
    expect(await training).toMatchObject({ code: 1, stdout: '' })
    expect(liveVersion(data, 'intent')).toBe(before)
  })
})
