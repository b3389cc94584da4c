import { once } from 'node:events'
import { Agent, get as httpGet, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { command, join, openClient, startGateway, type TestGateway } from './harness.ts'

const times = { drainMs: 5_000, drainSpreadMs: 300, closeGraceMs: 1_000 }
let gateway: TestGateway
afterEach(() => gateway.close())

/** Turns are under way until the returned function is called. */
function busyTurns(): () => void {
  let done = (): void => undefined
  gateway.chat.settling = new Promise((resolve) => (done = resolve))
  return done
}

describe('stopping', () => {
  it('announces, finishes what is under way, then closes with 4503', async () => {
    gateway = await startGateway({ times })
    const client = await join(gateway.url)
    const silent = openClient(gateway.url) // no hello yet
    await Promise.all([client.until('welcome'), once(silent.socket, 'open')])
    const done = busyTurns()
    const closed = gateway.close()
    expect(await client.until('drain')).toEqual({ t: 'drain', inMs: 5_000, spreadMs: 300 })
    const frame = command('msg.send', client.conv, { text: 'one more' })
    client.send(frame)
    expect(await client.until('err')).toMatchObject({ code: 'busy', re: frame.id, temporary: true })
    gateway.chat.append(client.conv, { t: 'conv.state', d: { state: 'open' } }) // what a turn stores last
    await client.until('conv.state')
    done()
    expect(await client.closed).toMatchObject({ code: 4503 })
    expect(await silent.closed).toMatchObject({ code: 4503 })
    await closed
    await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow()
  })

  it('waits no longer than it said for a turn that hangs', async () => {
    gateway = await startGateway({ times: { ...times, drainMs: 20 } })
    const client = await join(gateway.url)
    await client.until('welcome')
    busyTurns()
    await gateway.close()
    expect(await client.closed).toMatchObject({ code: 4503 })
  })

  it('does not wait for a turn that failed', async () => {
    gateway = await startGateway({ times })
    gateway.chat.settling = Promise.reject(new Error('engine lost'))
    await gateway.close()
  })

  it('cuts a client that does not answer', async () => {
    gateway = await startGateway({ times: { ...times, closeGraceMs: 50 } })
    const client = await join(gateway.url)
    await client.until('welcome')
    client.socket.pause()
    await gateway.close()
    client.socket.resume()
    await client.closed
  })

  it('answers requests under way, refuses new work on old connections, and then lets those go', async () => {
    gateway = await startGateway({ times })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (path: string): Promise<number | undefined> => {
      const [response] = (await once(httpGet(gateway.url + path, { agent }), 'response')) as [IncomingMessage] // cast: node's event
      response.resume()
      await once(response, 'end')
      return response.statusCode
    }
    expect(await ask('/readyz')).toBe(200)
    const { port, hostname } = new URL(gateway.url)
    const slow = connect(Number(port), hostname)
    let text = ''
    slow.on('data', (chunk) => (text += chunk))
    slow.write(
      'POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"role":',
    )
    expect(await ask('/healthz')).toBe(200) // the server has read what came before
    const done = busyTurns()
    const closed = gateway.close()
    slow.write('"customer"}')
    while (!text.includes('\r\n\r\n')) await once(slow, 'data')
    expect(text).toContain('503')
    done()
    await closed
    if (!slow.closed) await once(slow, 'close')
    agent.destroy()
  })

  it('twice is stopping once', async () => {
    gateway = await startGateway({ times })
    await Promise.all([gateway.close(), gateway.close()])
  })
})
