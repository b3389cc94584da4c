import type { IncomingMessage } from 'node:http'
import { type BlockList, isIP, SocketAddress } from 'node:net'

/** What a request counts for by address: an IPv4 address or an IPv6 /64; empty when the connection has gone. */
export type ClientAddress = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string

/**
 * Whom a request counts for. `X-Forwarded-For` is only as true as who wrote it, and each proxy appends what it saw. So it is
 * read from the right for as long as the one who vouches for an entry is trusted: the right-most address that is not a
 * trusted proxy's counts, and whatever a client has written left of it does not. An entry that is no address ends the
 * reading: then the proxy that passed it on counts.
 * @param trusted addresses of one's own proxies.
 */
export function createClientAddress(trusted: BlockList): ClientAddress {
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
  return ({ socket, headers }) => {
    let address = usualForm(socket.remoteAddress ?? '') ?? ''
    const header = headers['x-forwarded-for'] ?? ''
    // Node joins repeated headers of this name in their order.
    const hops = (typeof header === 'string' ? header : header.join(',')).split(',')
    while (address !== '' && isTrusted(address)) {
      const before = usualForm(hops.pop()?.trim() ?? '')
      if (before === undefined) break
      address = before
    }
    return keyOf(address)
  }
}

/** An address without port, brackets and zone, IPv4 out of its IPv6 form; undefined if it is none. */
function usualForm(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text
  const address = bare.replace(/%.*$/, '')
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : undefined
  const usual = new SocketAddress({ address, family: 'ipv6' }).address
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(usual)?.[1] ?? usual
}

/** An IPv6 customer has a whole /64 to choose addresses from, so that is what is counted. */
function keyOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::', 2)
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}
