import { afterEach, describe, expect, it } from 'vitest'
import { command, type Joined, join, startGateway, type TestGateway } from './harness.ts'

let gateway: TestGateway
let client: Joined
afterEach(() => gateway.close())

const send = (text = 'what is the late fee?') => command('msg.send', client.conv, { text })

describe('a rate limit', () => {
  const limited = async (rates: { ratePerMinute?: number; addressRatePerMinute?: number }) => {
    gateway = await startGateway({ ...rates, times: { closeGraceMs: 2_000 } })
    client = await join(gateway.url)
  }

  it('of a conversation says how long to wait', async () => {
    await limited({ ratePerMinute: 3 })
    expect(await client.until('welcome')).toMatchObject({ limits: { perMin: 3 } })
    for (let i = 0; i < 3; i++) {
      client.send(send())
      await client.until('ack')
    }
    const frame = send()
    client.send(frame)
    const err = await client.until('err')
    expect(err).toMatchObject({ code: 'rate_limited', re: frame.id, temporary: true })
    expect(err.retryAfterMs).toBeGreaterThan(18_000)
    expect(err.retryAfterMs).toBeLessThanOrEqual(20_000)
    client.send({ t: 'typing', conv: client.conv, d: { on: true } }) // counted apart
    client.send({ t: 'pong', ts: 1 })
    client.send(send())
    await client.until('err')
    expect(gateway.chat.typed).toHaveLength(1)
    const other = await join(gateway.url)
    other.send(command('msg.send', other.conv, { text: 'I have my own' }))
    await other.until('ack')
  })

  it('of an address counts all its conversations', async () => {
    await limited({ addressRatePerMinute: 3 })
    const other = await join(gateway.url)
    for (const { send: write, conv } of [client, other, client, other]) write(command('msg.send', conv, { text: 'a' }))
    const replies = await Promise.all([client.until('ack'), other.until('ack')])
    expect(replies).toHaveLength(2)
    const [refused] = await Promise.race([client, other].map(async (end) => [await end.until('err')]))
    expect(refused).toMatchObject({ code: 'rate_limited' })
  })

  it('that is ignored closes with 4429', async () => {
    await limited({ ratePerMinute: 1 })
    for (let i = 0; i < 40; i++) client.send(send())
    expect(await client.closed).toMatchObject({ code: 4429 })
    expect(client.frames.filter(({ t }) => t === 'err')).toHaveLength(21)
  })

  it('that is ignored between pongs closes, too', async () => {
    await limited({ ratePerMinute: 1 })
    for (let i = 0; i < 40; i++) {
      client.send(send())
      client.send({ t: 'pong', ts: 1 })
    }
    expect(await client.closed).toMatchObject({ code: 4429 })
  })

  it('that is obeyed in between does not close', async () => {
    await limited({ ratePerMinute: 1 })
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 15; i++) client.send(send())
      client.send({ t: 'typing', conv: client.conv, d: { on: true } })
    }
    const refused = () => client.frames.filter(({ t }) => t === 'err').length
    while (refused() < 44) await client.next()
    client.send(command('read', client.conv, { upto: 1 }))
    await client.until('read')
  })

  it('of pongs that answer no ping is one, too', async () => {
    await limited({ ratePerMinute: 1 })
    for (let i = 0; i < 60; i++) client.send({ t: 'pong', ts: 1 })
    expect(await client.closed).toMatchObject({ code: 4429 })
  })

  it('of nonsense is a limit too', async () => {
    await limited({ ratePerMinute: 1 })
    for (let i = 0; i < 40; i++) client.send(command('msg.shout', client.conv, {}))
    expect(await client.closed).toMatchObject({ code: 4429 })
    const codes = client.frames.flatMap((frame) => (frame.t === 'err' ? [frame.code] : []))
    expect(codes.filter((code) => code === 'unknown_type')).toHaveLength(10)
  })
})
