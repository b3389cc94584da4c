import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

const self = ["'self'"]
const none = ["'none'"]

/**
 * The socket of the page's own server. `'self'` covers it in current browsers, but not in Safari before 15.4. The Host header
 * is the caller's own; anything but a plain host and port is left out.
 */
function ownSocket(request: IncomingMessage): string {
  const host = request.headers.host ?? ''
  return /^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(host) ? `ws://${host} wss://${host}` : ''
}

/** Security headers of every response. Pages of this server load nothing from elsewhere and hold no inline code or style. */
export function createSecurityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: self,
        styleSrc: self,
        connectSrc: [...self, (request: IncomingMessage) => ownSocket(request)],
        imgSrc: [...self, 'data:'],
        fontSrc: self,
        baseUri: none,
        formAction: self,
        frameAncestors: none,
        objectSrc: none,
      },
    },
    // Subdomains are not ours to decide about.
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  })
}

/** Files that other sites embed: without this, browsers block `<script src="https://chat.bank.example/widget.js">` there. */
export function allowEmbedding(response: ServerResponse): void {
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
  response.setHeader('Access-Control-Allow-Origin', '*')
}
