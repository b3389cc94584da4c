import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { command, join, startGateway, type TestGateway } from './harness.ts'
import { say } from './memory-chat.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
const metric = async (name: string): Promise<number> => {
  const text = await gateway.metrics.getSingleMetricAsString(name)
  return Number(/ (\d+)$/m.exec(text.replace(/^#.*$/gm, '').trim())?.[1] ?? 0)
}

describe('the heartbeat', () => {
  it('pings who is silent, and closes with 4408 when nothing comes back', async () => {
    gateway = await startGateway({ times: { heartbeatMs: 20, pongDueMs: 20 } })
    const client = await join(gateway.url)
    expect(await client.until('welcome')).toMatchObject({ hb: 20 })
    expect((await client.until('ping')).ts).toBeGreaterThan(1_700_000_000_000)
    expect(await client.closed).toMatchObject({ code: 4408 })
    expect(client.frames.filter(({ t }) => t === 'ping')).toHaveLength(1)
  })

  it('keeps who answers, by a pong or by anything else', async () => {
    gateway = await startGateway({ times: { heartbeatMs: 20, pongDueMs: 1_000 } })
    const client = await join(gateway.url)
    for (let i = 0; i < 4; i++) {
      const { ts } = await client.until('ping')
      client.send(i % 2 ? { t: 'pong', ts } : { t: 'recv', conv: client.conv, d: { upto: 0 } })
    }
    expect(client.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('cuts a client that does not even answer the close', async () => {
    gateway = await startGateway({ times: { heartbeatMs: 20, pongDueMs: 20, closeGraceMs: 20 } })
    const client = await join(gateway.url)
    await client.until('ping')
    client.socket.pause() // reads nothing any more
    while ((await metric('bursar_sockets')) > 0) await nextTurn()
    expect(gateway.chat.listeners(client.conv)).toBe(0)
    client.socket.resume()
    await client.closed
  })
})

describe('a slow reader', () => {
  const big = 'x'.repeat(32_000)

  it('loses ephemeral frames first, and no durable one', async () => {
    gateway = await startGateway()
    const { chat } = gateway
    const client = await join(gateway.url)
    await client.until('welcome')
    client.socket.pause()
    let sent = 0
    for (; (await metric('bursar_frames_dropped_total')) === 0; sent++) {
      chat.append(client.conv, say(big))
      chat.publish(client.conv, { t: 'typing', conv: client.conv, d: { by: 'agent', on: true } })
      await nextTurn()
    }
    client.socket.resume()
    const seqs: number[] = []
    while (seqs.length < sent) {
      const frame = await client.next()
      if ('at' in frame) seqs.push(frame.seq)
    }
    expect(seqs).toEqual(Array.from({ length: sent }, (_, i) => i + 1))
    expect(client.frames.filter(({ t }) => t === 'typing').length).toBeLessThan(sent)
    expect(client.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('is closed with 4508 when more than 1 MiB waits, and can come back for the rest', async () => {
    gateway = await startGateway({ times: { closeGraceMs: 5_000 } })
    const { chat } = gateway
    const client = await join(gateway.url)
    await client.until('welcome')
    client.socket.pause()
    while (chat.listeners(client.conv) > 0) {
      chat.append(client.conv, say(big))
      await nextTurn()
    }
    const head = chat.head(client.conv)
    client.socket.resume()
    expect(await client.closed).toMatchObject({ code: 4508 })
    const got = client.frames.flatMap((frame) => ('at' in frame ? [frame.seq] : []))
    expect(got).toEqual(got.map((_, i) => i + 1))
    expect(got.length).toBeLessThan(head)
    const { conv, secret } = client
    const again = await join(gateway.url, { conv, secret, resume: { epoch: 'e1', after: got.length } })
    expect(await again.until('welcome')).toMatchObject({ resume: 'replay', head })
    await again.until('live')
    expect(again.frames.filter((frame) => 'at' in frame)).toHaveLength(head - got.length)
  })

  it('of its own replay is closed too, once 1 MiB of news waits behind it', async () => {
    gateway = await startGateway({ times: { closeGraceMs: 20 } })
    const { chat } = gateway
    const first = await join(gateway.url)
    await first.until('welcome')
    const { conv, secret } = first
    first.socket.close()
    await first.closed
    chat.append(conv, ...Array.from({ length: 500 }, () => say(big)))
    const second = await join(gateway.url, { conv, secret, instance: 'i2', resume: { epoch: 'e1', after: 0 } })
    await second.until('welcome')
    second.socket.pause()
    while (chat.listeners(conv) > 0) {
      chat.append(conv, say(big))
      await nextTurn()
    }
    second.socket.resume()
    await second.closed
    expect(second.frames.length).toBeLessThan(500)
    expect(await gateway.metrics.getSingleMetricAsString('bursar_sockets_closed_total')).toContain('{code="4508"} 1')
  })
})

it('a client that sends faster than its commands are done is made to wait, and loses nothing', async () => {
  gateway = await startGateway({ times: { heartbeatMs: 20, pongDueMs: 1_000 } })
  const client = await join(gateway.url)
  const clock = await join(gateway.url)
  await Promise.all([client.until('welcome'), clock.until('welcome')])
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  gateway.chat.gate = () => gate
  // 24 MB: more than the buffers of both ends hold.
  const frames = Array.from({ length: 6_000 }, () => command('msg.send', client.conv, { text: 'x'.repeat(3_900) }))
  for (const frame of frames) client.send(frame)
  // Much longer than a pong is due, and than it takes to read 24 MB.
  for (let i = 0; i < 60; i++) clock.send({ t: 'pong', ts: (await clock.until('ping')).ts })
  expect(client.socket.bufferedAmount).toBeGreaterThan(0)
  expect(client.socket.readyState).toBe(WebSocket.OPEN)
  open()
  const acks: (string | undefined)[] = []
  while (acks.length < frames.length) acks.push((await client.until('ack')).re)
  expect(acks).toEqual(frames.map(({ id }) => id))
})

it('a client that sends without reading the replies is not read from any more, and closed with 4508 when it goes on', async () => {
  gateway = await startGateway({ times: { heartbeatMs: 20, pongDueMs: 30, closeGraceMs: 20 } })
  const client = await join(gateway.url)
  await client.until('welcome')
  client.socket.pause()
  // 24 MB of them, and as much in echoes: more than the buffers of both ends hold.
  for (let i = 0; i < 6_000; i++) client.send(command('msg.send', client.conv, { text: 'x'.repeat(3_900) }))
  while ((await metric('bursar_sockets')) > 0) await nextTurn()
  expect(gateway.chat.head(client.conv)).toBeLessThan(6_000)
  expect(await gateway.metrics.getSingleMetricAsString('bursar_sockets_closed_total')).toContain('{code="4508"} 1')
  client.socket.resume()
  await client.closed
})
