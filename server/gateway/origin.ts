import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** Where a request came from, as far as the server can know. */
export interface Caller {
  readonly origin: string | undefined
  /** Address of the other end of the connection: a proxy's, if there is one. */
  readonly address: string | undefined
  readonly headers: IncomingHttpHeaders
}

export interface OriginRule {
  /** May this caller open tickets and sockets? */
  admits(caller: Caller): boolean
  /** May this caller read what needs no ticket? Browsers send no Origin with a page's GET to its own server. */
  admitsReader(caller: Caller): boolean
  /**
   * Is this Host header a name of this server's? A page elsewhere can have its own name lead to an address of this machine or
   * its network (DNS rebinding); to the browser, what it then reads is its own. It cannot do so with an address or with
   * localhost, and browsers always say the name.
   */
  answersTo(host: string | undefined): boolean
}

const loopbackAddresses: ReadonlySet<string | undefined> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
const forwarding: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'cf-connecting-ip',
  'true-client-ip',
  'fastly-client-ip',
])

/**
 * The Origin rule of the wire contract. Configured origins match letter by letter. With none configured only pages and
 * programs of this machine are let in: a proxy on this machine would make everybody a loopback peer, so any forwarding
 * header ends that. A caller without an Origin header is not a browser's page and has to be on this machine too.
 * @param host name or address that the server listens on: it is one of its names, and so are those of configured origins.
 */
export function createOriginRule(origins: readonly string[], host: string): OriginRule {
  const configured = new Set(origins)
  const names = new Set(['localhost', host.toLowerCase(), ...origins.map((origin) => new URL(origin).hostname)])
  const admits = (caller: Caller): boolean => {
    if (caller.origin === undefined) return isLocal(caller)
    if (configured.size > 0) return configured.has(caller.origin)
    return isLoopbackOrigin(caller.origin) && isLocal(caller)
  }
  return {
    admits,
    admitsReader: (caller) => (caller.origin === undefined && configured.size > 0) || admits(caller),
    answersTo(header) {
      if (header === undefined) return true // HTTP/1.0, which health checks of proxies speak and browsers do not
      const [, inBrackets, name = ''] = /^(?:\[([\da-f:.]+)\]|([^:]+))(?::\d{1,5})?$/i.exec(header) ?? []
      return isIP(inBrackets ?? name) !== 0 || names.has(name.toLowerCase())
    },
  }
}

/** The request comes straight from this machine. */
function isLocal({ address, headers }: Caller): boolean {
  if (!loopbackAddresses.has(address)) return false
  return !Object.keys(headers).some((name) => forwarding.has(name) || name.startsWith('x-forwarded'))
}

function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  // `localhost@evil.example`, `localhost.evil.example`, `0x7f.1`: whatever does not read the same once parsed is refused.
  return url.origin === origin && /^https?:$/.test(url.protocol) && loopbackHosts.has(url.hostname)
}
