import { describe, expect, it } from 'vitest'
import { createOriginRule } from '../../../server/gateway/origin.ts'

const caller = (origin: string | undefined, address = '127.0.0.1', headers: Record<string, string> = {}) => ({
  origin,
  address,
  headers,
})

describe('with no origin configured', () => {
  const rule = createOriginRule([], '127.0.0.1')

  it.each([
    'http://localhost',
    'http://localhost:8080',
    'https://localhost:8443',
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
  ])('lets in a page of this machine, %s', (origin) => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      expect(rule.admits(caller(origin, address))).toBe(true)
  })

  it.each([
    'null',
    '',
    'https://www.example.com',
    'http://localhost.example.com',
    'http://example.com#localhost',
    'http://example.com/localhost',
    'http://localhost@example.com',
    'http://example.com@localhost',
    'http://127.0.0.1.nip.io',
    'http://127.0.0.2',
    'http://127.1',
    'http://0x7f.0.0.1',
    'http://2130706433',
    'http://[::ffff:127.0.0.1]',
    'http://[::]',
    'http://0.0.0.0:8080',
    'http://localhost.',
    'http://localhost/',
    'http://localhost:80', // a browser leaves the usual port out
    'HTTP://LOCALHOST',
    'http://localhost, http://example.com',
    'localhost',
    '//localhost',
    'ws://localhost',
    'file://localhost',
    'chrome-extension://localhost',
    ' http://localhost',
    'http://locаlhost', // a Cyrillic а
  ])('refuses the Origin "%s"', (origin) => {
    expect(rule.admits(caller(origin))).toBe(false)
    expect(rule.admitsReader(caller(origin))).toBe(false)
  })

  it('refuses another machine, whatever it says', () => {
    for (const address of ['192.168.1.20', '127.0.0.2', '::ffff:10.0.0.1', 'fe80::1', '']) {
      expect(rule.admits(caller('http://localhost', address))).toBe(false)
      expect(rule.admits(caller(undefined, address))).toBe(false)
      expect(rule.admitsReader(caller(undefined, address))).toBe(false)
    }
    expect(rule.admits({ origin: 'http://localhost', address: undefined, headers: {} })).toBe(false)
  })

  it.each([
    'forwarded',
    'via',
    'x-real-ip',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'cf-connecting-ip',
    'true-client-ip',
  ])('refuses what a proxy on this machine passes on: %s', (name) => {
    for (const origin of ['http://localhost', undefined]) {
      expect(rule.admits(caller(origin, '127.0.0.1', { [name]: '127.0.0.1' }))).toBe(false)
    }
  })

  it('lets in a program of this machine, which sends no Origin', () => {
    expect(rule.admits(caller(undefined))).toBe(true)
    expect(rule.admitsReader(caller(undefined))).toBe(true)
  })
})

describe('with origins configured', () => {
  const rule = createOriginRule(['https://www.example.com', 'https://shop.example.com:8443'], 'Bursar.internal')

  it('lets them in from anywhere, proxies included', () => {
    const proxied = { 'x-forwarded-for': '203.0.113.9' }
    expect(rule.admits(caller('https://www.example.com', '10.0.0.7', proxied))).toBe(true)
    expect(rule.admits(caller('https://shop.example.com:8443', '203.0.113.9'))).toBe(true)
  })

  it.each([
    'http://www.example.com',
    'https://example.com',
    'https://www.example.com:444',
    'https://www.example.com.evil.test',
    'https://evil-www.example.com',
    'https://www.example.com/',
    'HTTPS://WWW.EXAMPLE.COM',
    'http://localhost:8080',
    'null',
    '',
  ])('refuses the Origin "%s"', (origin) => {
    expect(rule.admits(caller(origin))).toBe(false)
    expect(rule.admitsReader(caller(origin))).toBe(false)
  })

  it('lets others without an Origin read, and only this machine chat', () => {
    expect(rule.admitsReader(caller(undefined, '203.0.113.9'))).toBe(true)
    expect(rule.admits(caller(undefined, '203.0.113.9'))).toBe(false)
    expect(rule.admits(caller(undefined))).toBe(true)
  })
})

describe('a name in the Host header', () => {
  const rule = createOriginRule(['https://www.example.com'], 'Bursar.internal')

  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST:8080',
    '127.0.0.1:8080',
    '[::1]:8080',
    '[::1]',
    '192.168.1.20:8080',
    '[fd00::7]:8080',
    'www.example.com',
    'www.example.com:8443',
    'bursar.internal:8080',
  ])('is this server’s: %s', (host) => {
    expect(rule.answersTo(host)).toBe(true)
  })

  it.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    'localhost.',
    'www.example.com.evil.example',
    'evil-www.example.com',
    '127.0.0.1.nip.io',
    '127.0.0.1.',
    '2130706433',
    '0x7f.1',
    'user@localhost',
    'localhost:8080:8080',
    'localhost:',
    'localhost:80a',
    '[evil.example]',
    '[::1',
    '::1',
    'localhost/',
    'localhost evil.example',
    '',
  ])('is not this server’s: "%s"', (host) => {
    expect(rule.answersTo(host)).toBe(false)
  })

  it('may be missing, as browsers always send it', () => {
    expect(rule.answersTo(undefined)).toBe(true)
  })
})
