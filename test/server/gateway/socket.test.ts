import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { command, join, startGateway, type TestGateway } from './harness.ts'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway({ times: { closeGraceMs: 200 } })
})
afterEach(() => gateway.close())

describe('a conversation over a socket', () => {
  it('welcomes a new customer', async () => {
    const client = await join(gateway.url)
    expect(await client.next()).toMatchObject({
      t: 'welcome',
      conv: client.conv,
      epoch: 'e1',
      head: 0,
      hb: 25_000,
      resume: 'fresh',
      limits: { frame: 65_536, textChars: 4_000, perMin: 0 },
      disclosure: { ai: true },
    })
  })

  it('acks a message before its event, and sends the event to the sender too', async () => {
    for (const eager of [false, true]) {
      gateway.chat.eager = eager
      const client = await join(gateway.url)
      const send = command('msg.send', client.conv, { text: 'what is the late fee?' })
      client.send(send) // without waiting for the welcome
      await client.until('welcome')
      const ack = await client.next()
      expect(ack).toMatchObject({ t: 'ack', re: send.id, seq: 1 })
      expect(await client.next()).toMatchObject({
        t: 'msg.created',
        seq: 1,
        d: { by: 'customer', text: 'what is the late fee?', mid: 'mid' in ack && ack.mid },
      })
    }
  })
})
