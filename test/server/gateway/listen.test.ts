import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { SettingError } from '../../../server/errors.ts'
import { startGateway } from './harness.ts'

describe('listening', () => {
  it('names an address that answers', async () => {
    const gateway = await startGateway({ host: '0.0.0.0' })
    expect(gateway.url).toMatch(/^http:\/\/localhost:\d+$/)
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
    await gateway.close()
  })

  it('on a port that is taken says so in one line', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const refused = await startGateway({ port }).catch((reason: unknown) => reason)
    expect(refused).toBeInstanceOf(SettingError)
    expect(refused).toHaveProperty('message', `port ${port} is already in use: choose another with --port`)
    other.close()
  })

  it('on a host that is not this machine’s says so', async () => {
    await expect(startGateway({ host: '203.0.113.9' })).rejects.toThrow(/^cannot listen on 203.0.113.9 port 0 \(EADDR/)
  })

  it('lets nobody hold a connection who never sends the head of a request', async () => {
    const gateway = await startGateway()
    const begun = performance.now()
    const hung = ['', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ']
    const ends = hung.map(async (said) => {
      const socket = createConnection(Number(new URL(gateway.url).port), '127.0.0.1')
      socket.write(said)
      const drip = setInterval(() => said !== '' && socket.writable && socket.write('x'), 500)
      socket.on('error', () => undefined).resume() // cut while it writes
      await once(socket, 'close')
      clearInterval(drip)
    })
    await Promise.all(ends)
    expect(performance.now() - begun).toBeLessThan(20_000) // the limit is 10 s; Node looked every 30 s
    await gateway.close()
  })
})
