import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { type Alert, createAlarmWatch } from '../../../server/operations/alarm-watch.ts'
import { createFigures } from '../../../server/operations/figures.ts'
import { createWebhook } from '../../../server/operations/webhook.ts'
import { createAlarms } from '../../../server/storage/alarms.ts'
import { createModelFigures } from '../../../server/storage/model-figures.ts'
import { addDays } from '../../../server/text/calendar.ts'
import { openStore } from '../storage/support.ts'

const first = '2026-11-01'

/** A logger whose lines can be read. */
function listen() {
  const lines: Record<string, unknown>[] = []
  const write = (chunk: Buffer, _: string, done: () => void): void => {
    lines.push(JSON.parse(chunk.toString()))
    done()
  }
  return { lines, logger: pino({ level: 'info' }, new Writable({ write })) }
}

async function open() {
  const { db, units } = await openStore()
  const [figures, alarms, registry] = [createModelFigures(db), createAlarms(db), new Registry()]
  const { lines, logger } = listen()
  const sent: Alert[] = []
  const { drift: show } = createFigures(registry)
  const clock = { day: 0 }
  /** As a server would after a start. */
  const watch = () =>
    createAlarmWatch({
      ...{ figures, alarms, units, logger, show },
      send: (alert) => void sent.push(alert),
      now: () => new Date(`${addDays(first, clock.day)}T08:00:00.000Z`),
    })
  /** So many messages of either label on the day that the clock shows, which ends then. */
  const live = async (a: number, b: number): Promise<void> => {
    const at = `${addDays(first, clock.day++)}T10:00:00.000Z`
    const count = { service: 'intent', version: 3, figure: 'label' as const, sum: 0 }
    const counts = [
      { ...count, bucket: 'a', count: a },
      { ...count, bucket: 'b', count: b },
    ]
    await units.run((tx) => figures.add(tx, at, counts))
  }
  return { sent, lines, clock, watch, live, alarms, registry }
}

describe('drift of a live model', () => {
  it('is told once when it sets in and once when it is over, also after a restart', async () => {
    const { sent, lines, watch, live, alarms } = await open()
    const { check } = watch()
    for (let day = 0; day < 7; day++) await live(100, 50)
    await live(100, 50)
    await check()
    for (let day = 0; day < 7; day++) await live(10, 140)
    await check()
    await check()
    expect(sent).toMatchObject([
      { event: 'model.drift', state: 'raised', service: 'intent', version: 3, figure: 'label', since: '2026-11-15' },
    ])
    expect(sent[0]?.psi).toBeGreaterThan(0.25)
    expect(await alarms.list()).toHaveLength(1)
    await watch().check()
    expect(sent).toHaveLength(1)
    for (let day = 0; day < 9; day++) await live(100, 50)
    await check()
    await check()
    expect(sent.map(({ state }) => state)).toEqual(['raised', 'cleared'])
    expect(sent[1]).toMatchObject({ since: '2026-11-15', psi: expect.any(Number) })
    expect(await alarms.list()).toEqual([])
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [40, 'a model drifts: an alarm was raised'],
      [30, 'a model is as before: its alarm was cleared'],
    ])
  })

  it('is over when the version is not asked any more', async () => {
    const { sent, clock, watch, live } = await open()
    for (let day = 0; day < 7; day++) await live(100, 50)
    for (let day = 0; day < 7; day++) await live(10, 140)
    await watch().check()
    clock.day += 8
    await watch().check()
    expect(sent.map(({ state, psi }) => [state, psi === null])).toEqual([
      ['raised', false],
      ['cleared', true],
    ])
  })

  it('stands in the figures for Prometheus', async () => {
    const { watch, live, registry } = await open()
    const { check } = watch()
    for (let day = 0; day < 7; day++) await live(100, 50)
    for (let day = 0; day < 7; day++) await live(10, 140)
    await check()
    const text = await registry.metrics()
    expect(text).toMatch(/bursar_model_psi\{service="intent",version="3",figure="label"\} 1\.\d+/)
    expect(text).toContain('bursar_model_alarm{service="intent",version="3",figure="label"} 1')
  })
})

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver that answers as it is told, in this order and with 200 afterwards. */
async function receiver(...answers: ((response: ServerResponse) => void)[]) {
  const received: Received[] = []
  const waiting: (() => void)[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    received.push({ headers: request.headers, body })
    const answer = answers.shift()
    if (answer) answer(response)
    else response.end()
    for (const look of waiting) look()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const arrived = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (received.length >= count) resolve()
      }
      waiting.push(look)
      look()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`, received, arrived }
}

const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end()

describe('a webhook', () => {
  const open = (url: string, waitsMs = [0, 0, 0], timeoutMs = 5_000) => {
    const { lines, logger } = listen()
    const webhook = createWebhook({ ...{ url, secret: 'between us', logger, waitsMs, timeoutMs } })
    onTestFinished(() => webhook.close())
    return { ...webhook, lines }
  }

  it('signs what it sends, one message at a time and in order', async () => {
    const { url, received, arrived } = await receiver()
    const { send } = open(url)
    for (const number of [1, 2, 3]) send({ number })
    await arrived(3)
    expect(received.map(({ body }) => body)).toEqual(['{"number":1}', '{"number":2}', '{"number":3}'])
    for (const { headers, body } of received) {
      const signed = `${headers['x-bursar-timestamp']}.${body}`
      const expected = createHmac('sha256', 'between us').update(signed).digest('hex')
      expect(headers).toMatchObject({ 'x-bursar-signature': `sha256=${expected}`, 'content-type': 'application/json' })
    }
  })

  it('tries again after a refusal, a redirect, or no answer in time, under the same delivery', async () => {
    const silent = (): void => undefined
    const redirect = (response: ServerResponse) => void response.writeHead(302, { location: '/elsewhere' }).end()
    const { url, received, arrived } = await receiver(status(500), redirect, silent)
    const { send, lines } = open(url, [0, 0, 0], 500)
    send({ number: 1 })
    await arrived(4)
    expect(new Set(received.map(({ headers }) => headers['x-bursar-delivery'])).size).toBe(1)
    expect(lines.map(({ reason }) => reason)).toEqual([
      'the receiver answered 500',
      'the receiver answered 302',
      expect.stringContaining('timeout'),
    ])
  })

  it('says why nobody can be reached', async () => {
    const { url, arrived, received } = await receiver((response) => void response.socket?.destroy())
    const { send, lines } = open(url)
    send({ number: 1 })
    await arrived(2)
    expect(received).toHaveLength(2)
    expect(lines.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^fetch failed: .+/)])
  })

  it('gives a message up after three more tries, and goes on with the next', async () => {
    const { url, received, arrived } = await receiver(...Array(4).fill(status(503)))
    const { send, lines } = open(url)
    send({ number: 1 })
    send({ number: 2 })
    await arrived(5)
    expect(received.map(({ body }) => JSON.parse(body).number)).toEqual([1, 1, 1, 1, 2])
    expect(lines.at(-1)).toMatchObject({ level: 50, msg: 'an alert was not delivered', tries: 4 })
  })

  it('keeps a hundred messages and no more, and nobody waits for it', async () => {
    const { url, received, arrived } = await receiver(status(500))
    const { send, close, lines } = open(url, [60_000])
    send({ number: 0 })
    await arrived(1)
    for (let number = 1; number <= 102; number++) send({ number })
    expect(lines.filter(({ msg }) => String(msg).includes('too many'))).toHaveLength(2)
    await close() // ends the wait for the next try
    expect(received).toHaveLength(1)
  })
})

describe('the address of a webhook', () => {
  const alertOf = (url: string, secret = 'between us') =>
    readConfig({ BURSAR_ALERT_URL: url, BURSAR_ALERT_SECRET: secret }).alert

  it('is read with its secret, and may be left out', () => {
    expect(alertOf('https://hooks.example/a?b=c')).toEqual({ url: 'https://hooks.example/a?b=c', secret: 'between us' })
    expect(alertOf('')).toBeUndefined()
  })

  it.each(['hooks.example', 'ftp://hooks.example', 'https://me:pass@hooks.example', 'file:///etc/passwd'])(
    'is not %s',
    (url) => {
      expect(() => alertOf(url)).toThrow('BURSAR_ALERT_URL has to be an http or https address without a user name')
    },
  )

  it('needs a secret', () => {
    expect(() => alertOf('https://hooks.example', '')).toThrow('BURSAR_ALERT_URL needs BURSAR_ALERT_SECRET')
  })
})
