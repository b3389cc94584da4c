import { once } from 'node:events'
import { createServer } from 'node:net'
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
})
