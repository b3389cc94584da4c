import { readdirSync, type Stats } from 'node:fs'
import { extname } from 'node:path'
import express, { type RequestHandler, type Response } from 'express'
import { NotFoundError } from '../errors.ts'
import { allowEmbedding } from './security.ts'

type Coding = 'br' | 'gzip'
/** Codings that the build writes beside each file, the smaller first: of two that are equally welcome it is sent. */
const codings: readonly Coding[] = ['br', 'gzip']
const endings: Readonly<Record<Coding, string>> = { br: '.br', gzip: '.gz' }

/** The built client. Nothing is compressed here: it would keep the event loop from the chats. */
export function createStaticFiles(dir: string): RequestHandler[] {
  const names = new Set(readdirSync(dir))
  const chooseForm: RequestHandler = (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next()
    const asked = request.path === '/' ? 'index.html' : nameOf(request.path)
    const name = names.has(`${asked}.html`) ? `${asked}.html` : asked // pages go without their ending
    if (/\.(br|gz)$/.test(name)) throw new NotFoundError('no such file')
    const stored = codings.filter((coding) => names.has(name + endings[coding]))
    if (stored.length > 0) response.vary('Accept-Encoding')
    const coding = preferredCoding(request.headers['accept-encoding'], stored)
    if (name !== asked) request.url = `/${name}`
    if (coding === undefined) return next()
    response.type(extname(name)).setHeader('Content-Encoding', coding)
    request.url = `/${name}${endings[coding]}`
    next()
  }
  return [chooseForm, express.static(dir, { redirect: false, cacheControl: false, setHeaders: describeFile })]
}

function nameOf(path: string): string {
  try {
    return decodeURIComponent(path).slice(1)
  } catch {
    return '' // express answers what is not well-formed
  }
}

/**
 * Files keep their names from one release to the next, so browsers ask each time whether theirs is still the one. Each coding
 * of a file has a tag of its own, else a cache could join halves of two.
 */
function describeFile(response: Response, path: string, { size, mtimeMs }: Stats): void {
  response.setHeader('Cache-Control', 'no-cache')
  response.setHeader('ETag', `W/"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}${extname(path)}"`)
  if (/widget\.js(\.\w+)?$/.test(path)) allowEmbedding(response)
}

/**
 * What to send to a caller with this Accept-Encoding (RFC 9110, 12.5.3).
 * @param stored codings to choose from, best first. @returns undefined for the file as it is.
 */
export function preferredCoding(header: string | undefined, stored: readonly Coding[]): Coding | undefined {
  const weights = new Map<string, number>()
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    if (name !== '') weights.set(name === 'x-gzip' ? 'gzip' : name, weight >= 0 && weight <= 1 ? weight : 0)
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0
  let best: Coding | undefined
  // A plain file is welcome unless weighed otherwise, and the last choice among equals.
  let highest = weights.get('identity') ?? 0
  for (const coding of stored) {
    const weight = weightOf(coding)
    if (weight > highest || (weight === highest && weight > 0 && best === undefined)) [best, highest] = [coding, weight]
  }
  return best
}
