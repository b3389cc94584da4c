import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { createClientAddress } from '../../../server/gateway/client-address.ts'
import { command, join, openClient, requestTicket, startGateway, type TestGateway, ticketFor } from './harness.ts'

const trusting = (proxies: string) => readConfig({ BURSAR_TRUSTED_PROXIES: proxies }).trustedProxies

/** What a request from `remote` counts for. */
function counted(proxies: string, remote: string | undefined, forwarded?: string): string {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remote })
  const request = new IncomingMessage(socket)
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded
  return createClientAddress(trusting(proxies))(request)
}

describe('an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, ''],
  ])('%s counts as %s', (address, key) => {
    expect(counted('', address)).toBe(key)
  })
})

describe('behind trusted proxies', () => {
  it.each([
    ['the one that the proxy saw', '10.0.0.7', '203.0.113.9', '203.0.113.9'],
    ['not what the client had written before', '10.0.0.7', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['through several proxies', '10.0.0.7', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['one behind another’s proxy is that proxy', '10.0.0.7', '203.0.113.9, 198.51.100.1', '198.51.100.1'],
    ['the proxy itself without a header', '10.0.0.7', undefined, '10.0.0.7'],
    ['the proxy itself for an empty header', '10.0.0.7', ' , ', '10.0.0.7'],
    ['the farthest if all are trusted', '10.0.0.7', '10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['the last that is an address: garbage', '10.0.0.7', '203.0.113.9, unknown', '10.0.0.7'],
    ['the last that is an address: garbage on the way', '10.0.0.7', '203.0.113.9, _hidden, 10.3.3.3', '10.3.3.3'],
    ['garbage left of it is not looked at', '10.0.0.7', '\u0000<script>, 203.0.113.9', '203.0.113.9'],
    ['without its port', '10.0.0.7', '203.0.113.9:51234', '203.0.113.9'],
    ['IPv6', '10.0.0.7', '2001:DB8:1:2::6', '2001:db8:1:2::/64'],
    ['IPv6 however it is spelt', '10.0.0.7', '2001:0db8:0001:0002:0:0:0:6', '2001:db8:1:2::/64'],
    ['IPv6 in brackets', '10.0.0.7', '[2001:db8:1:2::6]', '2001:db8:1:2::/64'],
    ['IPv6 in brackets with a port', '10.0.0.7', '[2001:db8:1:2::6]:443', '2001:db8:1:2::/64'],
    ['IPv4 in its IPv6 form', '10.0.0.7', '::ffff:203.0.113.9', '203.0.113.9'],
    ['IPv4 in its IPv6 form in hexadecimal', '10.0.0.7', '::ffff:cb00:7109', '203.0.113.9'],
    ['a proxy in its IPv6 form', '::ffff:10.0.0.7', '203.0.113.9, ::ffff:10.1.1.1', '203.0.113.9'],
    ['a proxy over IPv6', 'fd00::7', '203.0.113.9', '203.0.113.9'],
    ['nobody believes another peer', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['not even of this machine', '127.0.0.1', '203.0.113.9', '127.0.0.1'],
  ])('%s', (_, remote, forwarded, key) => {
    expect(counted('10.0.0.0/8, fd00::/8', remote, forwarded)).toBe(key)
  })

  it('loopback is this machine in each of its forms', () => {
    for (const remote of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])
      expect(counted('loopback', remote, '203.0.113.9')).toBe('203.0.113.9')
    expect(counted('loopback', '10.0.0.7', '203.0.113.9')).toBe('10.0.0.7')
  })

  it('a single address is no range', () => {
    expect(counted('10.0.0.7', '10.0.0.7', '203.0.113.9')).toBe('203.0.113.9')
    expect(counted('10.0.0.7', '10.0.0.8', '203.0.113.9')).toBe('10.0.0.8')
  })
})

describe('the setting', () => {
  it.each([
    'proxy.example',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0',
    'fe80::1%eth0',
    '*',
  ])('does not take %s, and says what it takes', (value) => {
    expect(() => trusting(`loopback,${value}`)).toThrow(
      /^BURSAR_TRUSTED_PROXIES has to list addresses \(10\.0\.0\.7\), ranges .* or loopback, not "/,
    )
  })
})

describe('a server behind a trusted proxy', () => {
  const site = 'https://www.example.com'
  let gateway: TestGateway
  afterEach(() => gateway.close())
  const via = (client: string) => ({ origin: site, 'x-forwarded-for': client })

  it('counts tickets by customer and not by proxy', async () => {
    gateway = await startGateway({ origins: [site], trustedProxies: trusting('loopback'), addressRatePerMinute: 1 })
    const status = async (client: string) => (await requestTicket(gateway.url, {}, via(client))).status
    expect([await status('203.0.113.9'), await status('203.0.113.10')]).toEqual([201, 201])
    expect([await status('203.0.113.9'), await status('8.8.8.8, 203.0.113.10')]).toEqual([429, 429])
  })

  it('counts messages by customer and not by proxy', async () => {
    gateway = await startGateway({ origins: [site], trustedProxies: trusting('loopback'), addressRatePerMinute: 1 })
    const say = async (address: string) => {
      const response = await requestTicket(gateway.url, {}, via(address))
      const { ticket, conv } = (await response.json()) as { ticket: string; conv: string } // cast: tested elsewhere
      const client = openClient(gateway.url, { headers: via(address) })
      client.send({ t: 'hello', ticket, client: { name: 'test', ver: '1', instance: 'i' } })
      for (let i = 0; i < 2; i++) client.send(command('msg.send', conv, { text: 'hello' }))
      await client.until('ack')
      return client.until('err')
    }
    expect(await say('203.0.113.9')).toMatchObject({ code: 'rate_limited' })
    expect(await say('203.0.113.10')).toMatchObject({ code: 'rate_limited' }) // its second, not its first
  })

  it('is no place from where a forwarded caller would be local', async () => {
    gateway = await startGateway({ trustedProxies: trusting('loopback') })
    for (const client of ['203.0.113.9', '127.0.0.1', 'garbage', '']) {
      const headers = { 'x-forwarded-for': client }
      expect((await requestTicket(gateway.url, {}, headers)).status).toBe(403)
      expect((await requestTicket(gateway.url, {}, { ...headers, origin: 'http://localhost' })).status).toBe(403)
    }
    expect((await ticketFor(gateway.url)).conv).toMatch(/^c_/)
    await (await join(gateway.url)).until('welcome')
  })
})
